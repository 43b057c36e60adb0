"""A list of recipients: reading and checking it, the journal, pacing, running, outcomes."""

from smtptui.batch.identity import message_id, new_token
from smtptui.batch.journal import (
    BatchExists,
    BatchFacts,
    Heartbeat,
    Journal,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFull,
    NoSuchBatch,
    Request,
    RunnerLock,
    Standing,
)
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
    "BatchExists",
    "BatchFacts",
    "BatchState",
    "Heartbeat",
    "Inflight",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "NewRecipient",
    "NoSuchBatch",
    "Recipient",
    "RecipientState",
    "Request",
    "RunnerLock",
    "Standing",
    "Tally",
    "Value",
    "message_id",
    "new_token",
]
