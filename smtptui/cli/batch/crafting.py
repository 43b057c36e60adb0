"""The process that makes the messages of a batch, opened for a command; which recipient a command is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from smtptui.batch import BatchSettings, ComposerError, ComposerProcess, FaultOf, Journal, ListSettings, Recipient
from smtptui.cli.batch.opened import settings_of
from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode

_CODES = {
    FaultOf.TEMPLATE: ExitCode.DATA,
    FaultOf.INPUT: ExitCode.DATA,
    FaultOf.LIMIT: ExitCode.DATA,
    FaultOf.CONFIGURATION: ExitCode.CONFIGURATION,
    FaultOf.FILE: ExitCode.NO_INPUT,
    FaultOf.PROCESS: ExitCode.IO,
}
_KINDS = {FaultOf.FILE: "no-input"}


@contextmanager
def composer_troubles() -> Iterator[None]:
    """Turn what a composer raises into a :class:`CommandError`."""
    try:
        yield
    except ComposerError as error:
        raise CommandError(_CODES[error.fault], _KINDS.get(error.fault, error.fault.value), *error.sentences) from error


def documents_of(journal: Journal) -> dict[str, bytes]:
    """What the journal keeps of template and HTML version."""
    return {name: journal.document(name) for name in journal.facts().documents}


def open_template(composer: ComposerProcess, journal: Journal) -> BatchSettings:
    """Open the template of a batch, and return the batch's settings; raises :class:`CommandError`."""
    facts = journal.facts()
    settings = settings_of(facts)
    with composer_troubles():
        composer.open(settings, facts.columns, documents_of(journal))
    return settings


@contextmanager
def crafted(journal: Journal) -> Iterator[tuple[BatchSettings, ComposerProcess]]:
    """Settings of a batch, and a process in which its template is open; raises :class:`CommandError`."""
    with composer_troubles(), ComposerProcess() as composer:
        yield open_template(composer, journal), composer


def chosen_row(journal: Journal, list_: ListSettings, row: int | None) -> Recipient:
    """The recipient whose row of the list has this number, else the first to be sent to, else the first; raises a
    usage :class:`CommandError`."""
    if row is None:
        waiting = journal.due(0.0, limit=1)
        return journal.recipient(waiting[0].seq if waiting else 1)
    found = journal.recipient_at(row)
    if found is None:
        first, last = journal.lines()
        raise usage(
            f"--row {row}: no recipient is in {list_.place(row)} of the list; it has {list_.unit}s {first} to {last}."
        )
    return found
