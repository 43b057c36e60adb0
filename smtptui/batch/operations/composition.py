"""The process that makes a batch's messages, with the template open in it; and a recipient to make one for."""

from collections.abc import Iterator
from contextlib import contextmanager

from smtptui.batch.composer import ComposerError, ComposerProcess, FaultOf
from smtptui.batch.journal import BatchFacts, Journal
from smtptui.batch.model import Recipient
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.settings import BatchSettings, ListSettings, SettingsError

_KINDS = {
    FaultOf.TEMPLATE: BatchErrorKind.TEMPLATE,
    FaultOf.INPUT: BatchErrorKind.INPUT,
    FaultOf.LIMIT: BatchErrorKind.LIMIT,
    FaultOf.CONFIGURATION: BatchErrorKind.CONFIGURATION,
    FaultOf.FILE: BatchErrorKind.FILE,
    FaultOf.PROCESS: BatchErrorKind.PROCESS,
}


@contextmanager
def composer_errors() -> Iterator[None]:
    """Turn what a composer raises into a :class:`BatchError`."""
    try:
        yield
    except ComposerError as error:
        raise BatchError(_KINDS[error.fault], *error.sentences) from error


def settings_of(facts: BatchFacts) -> BatchSettings:
    """What a batch was made with; raises :class:`BatchError` (configuration) if this version cannot read it."""
    try:
        return BatchSettings.from_json(facts.settings)
    except SettingsError as error:
        raise BatchError(BatchErrorKind.CONFIGURATION, str(error)) from error


def documents_of(journal: Journal) -> dict[str, bytes]:
    """What the journal keeps of template and HTML version."""
    return {name: journal.document(name) for name in journal.facts().documents}


def open_template(composer: ComposerProcess, journal: Journal) -> BatchSettings:
    """Open the template of a batch, and return the batch's settings; raises :class:`BatchError`."""
    facts = journal.facts()
    settings = settings_of(facts)
    with composer_errors():
        composer.open(settings, facts.columns, documents_of(journal))
    return settings


@contextmanager
def opened_composer(journal: Journal) -> Iterator[tuple[BatchSettings, ComposerProcess]]:
    """The settings of a batch, and a process in which its template is open; raises :class:`BatchError`."""
    with composer_errors(), ComposerProcess() as composer:
        yield open_template(composer, journal), composer


def recipient_of_row(journal: Journal, list_: ListSettings, row: int | None) -> Recipient:
    """The recipient of this row of the list, else the first to be sent to, else the first.

    Raises :class:`BatchError` (usage) if no recipient has this row.
    """
    if row is None:
        due = journal.due(0.0, limit=1)
        return journal.recipient(due[0].seq if due else 1)
    found = journal.recipient_at(row)
    if found is None:
        first, last = journal.lines()
        raise BatchError(
            BatchErrorKind.USAGE,
            f"--row {row}: no recipient is in {list_.place(row)} of the list; it has {list_.unit}s {first} to {last}.",
        )
    return found
