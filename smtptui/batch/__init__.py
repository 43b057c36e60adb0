"""A list of recipients: reading and checking it, the journal, pacing, running, outcomes."""

import importlib
from typing import TYPE_CHECKING

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
    runner_lives,
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

if TYPE_CHECKING:
    from smtptui.batch.deleting import delete_batch
    from smtptui.batch.settings import (
        BatchSettings,
        LimitSettings,
        ListSettings,
        MessageSettings,
        Relay,
        SettingsError,
        Shard,
        Signing,
        SourceFile,
    )
    from smtptui.batch.status import BatchStatus, read_status

__all__ = [
    "Attempted",
    "BatchExists",
    "BatchFacts",
    "BatchSettings",
    "BatchState",
    "BatchStatus",
    "Heartbeat",
    "Inflight",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "LimitSettings",
    "ListSettings",
    "MessageSettings",
    "NewRecipient",
    "NoSuchBatch",
    "Recipient",
    "RecipientState",
    "Relay",
    "Request",
    "RunnerLock",
    "SettingsError",
    "Shard",
    "Signing",
    "SourceFile",
    "Standing",
    "Tally",
    "Value",
    "delete_batch",
    "message_id",
    "new_token",
    "read_status",
    "runner_lives",
]

# Who only asks how a batch is doing must not wait for what sends it.
_HOMES = {
    "deleting": ("delete_batch",),
    "settings": (
        *("BatchSettings", "LimitSettings", "ListSettings", "MessageSettings"),
        *("Relay", "SettingsError", "Shard", "Signing", "SourceFile"),
    ),
    "status": ("BatchStatus", "read_status"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
