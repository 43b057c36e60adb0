"""A list of recipients: reading and checking it, the journal, pacing, running, outcomes."""

import importlib
from typing import TYPE_CHECKING

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
    from smtptui.batch.settings import (
        BatchSettings,
        LimitSettings,
        ListSettings,
        MessageSettings,
        Pipelining,
        Relay,
        SettingsError,
        Shard,
        Signing,
        SourceFile,
    )

__all__ = [
    "Attempted",
    "BatchSettings",
    "BatchState",
    "Inflight",
    "LimitSettings",
    "ListSettings",
    "MessageSettings",
    "NewRecipient",
    "Pipelining",
    "Recipient",
    "RecipientState",
    "Relay",
    "SettingsError",
    "Shard",
    "Signing",
    "SourceFile",
    "Tally",
    "Value",
]

# Who only asks how a batch is doing must not wait for what sends it.
_HOMES = {
    "settings": (
        *("BatchSettings", "LimitSettings", "ListSettings", "MessageSettings", "Pipelining"),
        *("Relay", "SettingsError", "Shard", "Signing", "SourceFile"),
    ),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
