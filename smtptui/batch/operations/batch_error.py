"""Why an operation on a batch did not happen: sentences for people, and a kind that tells what has to be decided."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from smtptui.batch.journal import BatchExists, JournalBusy, JournalDamaged, JournalError, NoSuchBatch


class BatchErrorKind(StrEnum):
    """What has to be done, or decided, before the operation can happen."""

    STATE = "state"
    """The state of the batch does not allow it, or it is not there."""
    UNTESTED = "untested"
    """A test message has to be sent first, or the user decides to send without one."""
    CHANGED = "changed"
    """The list, template or profile changed: the user decides what to send with."""
    REPEATED = "repeated"
    """Others sent the same message to many of these recipients: the user decides whether they get it again."""
    USAGE = "usage"
    """What was asked for makes no sense."""
    INPUT = "input"
    """A message cannot be sent as it is, or the batch has no recipient left."""
    TEMPLATE = "template"
    LIMIT = "limit"
    """The template takes more time or memory than a message needs."""
    FILE = "file"
    """A file that cannot be read."""
    CONFIGURATION = "configuration"
    PROCESS = "process"
    """The process that composes cannot be started, or has ended."""
    EXISTS = "exists"
    CANNOT_CREATE = "cannot-create"
    """The output file cannot be created."""
    LOCAL = "local"
    """A file that could not be written to its end."""
    BUSY = "busy"
    """Another process has the batch."""
    DAMAGED = "damaged"
    JOURNAL = "journal"
    """The journal cannot be read or written."""


class BatchError(Exception):
    """An operation did not happen; ``sentences`` say why and what to do."""

    def __init__(self, kind: BatchErrorKind, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.kind = kind
        self.sentences = sentences


_OF_JOURNAL = (
    (NoSuchBatch, BatchErrorKind.STATE),
    (BatchExists, BatchErrorKind.EXISTS),
    (JournalBusy, BatchErrorKind.BUSY),
    (JournalDamaged, BatchErrorKind.DAMAGED),
)


@contextmanager
def journal_errors() -> Iterator[None]:
    """Turn what a journal raises into a :class:`BatchError`."""
    try:
        yield
    except JournalError as error:
        kind = next((kind for what, kind in _OF_JOURNAL if isinstance(error, what)), BatchErrorKind.JOURNAL)
        raise BatchError(kind, str(error)) from error
