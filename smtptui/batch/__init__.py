"""A list of recipients: reading and checking it, the journal, pacing, running, outcomes."""

from smtptui.batch.model import (
    Attempted,
    BatchState,
    Inflight,
    NewRecipient,
    Recipient,
    RecipientState,
    Tally,
    Value,
)

__all__ = [
    "Attempted",
    "BatchState",
    "Inflight",
    "NewRecipient",
    "Recipient",
    "RecipientState",
    "Tally",
    "Value",
]
