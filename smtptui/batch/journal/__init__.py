"""The journal: a batch as one SQLite file, written so that after a crash it is known what is known."""

from smtptui.batch.journal.acceptances import KEPT_S, Hit, Mailing
from smtptui.batch.journal.errors import (
    BatchExists,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFull,
    NoSuchBatch,
)
from smtptui.batch.journal.journal import Journal
from smtptui.batch.journal.lock import RunnerLock, lock_path, runner_lives
from smtptui.batch.journal.records import (
    Answered,
    Attempt,
    BatchFacts,
    FailedOpening,
    Heartbeat,
    Operation,
    PaceMemory,
    Request,
    Standing,
    StateChange,
)
from smtptui.batch.journal.recovering import Doubted
from smtptui.batch.journal.removing import delete_batch
from smtptui.batch.journal.shared import Shared, Suppression
from smtptui.batch.journal.tidying import tidy_folder
from smtptui.batch.journal.wholeness import Damage, Fault
from smtptui.batch.journal.writer import Writer

__all__ = [
    "KEPT_S",
    "Answered",
    "Attempt",
    "BatchExists",
    "BatchFacts",
    "Damage",
    "Doubted",
    "FailedOpening",
    "Fault",
    "Heartbeat",
    "Hit",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "Mailing",
    "NoSuchBatch",
    "Operation",
    "PaceMemory",
    "Request",
    "RunnerLock",
    "Shared",
    "Standing",
    "StateChange",
    "Suppression",
    "Writer",
    "delete_batch",
    "lock_path",
    "runner_lives",
    "tidy_folder",
]
