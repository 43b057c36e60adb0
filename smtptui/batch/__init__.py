"""A list of recipients: reading and checking it, the journal, pacing, running, outcomes."""

import importlib
from typing import TYPE_CHECKING

from smtptui.batch.identity import message_id, new_token
from smtptui.batch.journal import (
    Attempt,
    BatchExists,
    BatchFacts,
    FailedOpening,
    Heartbeat,
    Journal,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFull,
    NoSuchBatch,
    Request,
    RunnerLock,
    Shared,
    Standing,
    Suppression,
    delete_batch,
    runner_lives,
)
from smtptui.batch.model import (
    BY_CODE,
    OPEN,
    Attempted,
    BatchState,
    EndKind,
    Inflight,
    Largest,
    NewRecipient,
    Recipient,
    RecipientState,
    SizeLimit,
    Tally,
    Value,
)

if TYPE_CHECKING:
    from smtptui.batch.addresses import (
        Address,
        Addresses,
        AddressRules,
        check_exchangers,
        check_rows,
        destination_of,
        kind_of_reason,
    )
    from smtptui.batch.export import csv_lines, jsonl_lines
    from smtptui.batch.groups import GroupSummary, ReplyGroup, group_of, grouped
    from smtptui.batch.lint import Finding, LintReport, LintSubject, Severity, lint_batch
    from smtptui.batch.lists import ListError, ListKind, ListReader, Ragged, Row, address_column, open_list
    from smtptui.batch.pacing import Hours, HoursError, Limits, limits_of
    from smtptui.batch.running import (
        BatchRun,
        Composing,
        Ending,
        EnvelopeRules,
        RunProgress,
        RunRequest,
        RunResult,
        UnsendableError,
        run_batch,
        serve,
    )
    from smtptui.batch.selecting import Selection, resolve, retry
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
    "BY_CODE",
    "OPEN",
    "Address",
    "AddressRules",
    "Addresses",
    "Attempt",
    "Attempted",
    "BatchExists",
    "BatchFacts",
    "BatchRun",
    "BatchSettings",
    "BatchState",
    "BatchStatus",
    "Composing",
    "EndKind",
    "Ending",
    "EnvelopeRules",
    "FailedOpening",
    "Finding",
    "GroupSummary",
    "Heartbeat",
    "Hours",
    "HoursError",
    "Inflight",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "Largest",
    "LimitSettings",
    "Limits",
    "LintReport",
    "LintSubject",
    "ListError",
    "ListKind",
    "ListReader",
    "ListSettings",
    "MessageSettings",
    "NewRecipient",
    "NoSuchBatch",
    "Ragged",
    "Recipient",
    "RecipientState",
    "Relay",
    "ReplyGroup",
    "Request",
    "Row",
    "RunProgress",
    "RunRequest",
    "RunResult",
    "RunnerLock",
    "Selection",
    "SettingsError",
    "Severity",
    "Shard",
    "Shared",
    "Signing",
    "SizeLimit",
    "SourceFile",
    "Standing",
    "Suppression",
    "Tally",
    "UnsendableError",
    "Value",
    "address_column",
    "check_exchangers",
    "check_rows",
    "csv_lines",
    "delete_batch",
    "destination_of",
    "group_of",
    "grouped",
    "jsonl_lines",
    "kind_of_reason",
    "limits_of",
    "lint_batch",
    "message_id",
    "new_token",
    "open_list",
    "read_status",
    "resolve",
    "retry",
    "run_batch",
    "runner_lives",
    "serve",
]

# Who only asks how a batch is doing must not wait for what sends it.
_HOMES = {
    "addresses": (
        "Address",
        "Addresses",
        "AddressRules",
        "check_exchangers",
        "check_rows",
        "destination_of",
        "kind_of_reason",
    ),
    "lists": ("ListError", "ListKind", "ListReader", "Ragged", "Row", "address_column", "open_list"),
    "export": ("csv_lines", "jsonl_lines"),
    "groups": ("GroupSummary", "ReplyGroup", "group_of", "grouped"),
    "pacing": ("Hours", "HoursError", "Limits", "limits_of"),
    "running": (
        *("BatchRun", "Composing", "Ending", "EnvelopeRules", "RunProgress", "RunRequest", "RunResult"),
        *("UnsendableError", "run_batch", "serve"),
    ),
    "selecting": ("Selection", "resolve", "retry"),
    "settings": (
        *("BatchSettings", "LimitSettings", "ListSettings", "MessageSettings"),
        *("Relay", "SettingsError", "Shard", "Signing", "SourceFile"),
    ),
    "lint": ("Finding", "LintReport", "LintSubject", "Severity", "lint_batch"),
    "status": ("BatchStatus", "read_status"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
