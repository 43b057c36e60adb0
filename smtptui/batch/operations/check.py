"""Checking every message of a batch: by itself, and before the first one is sent."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from smtptui.batch.composer import ComposerError, ComposerProcess, FaultOf
from smtptui.batch.journal import Journal
from smtptui.batch.lint import LintReport, next_step, step_after_errors
from smtptui.batch.model import BatchState, SizeLimit
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind, journal_errors
from smtptui.batch.operations.composition import composer_errors, opened_composer
from smtptui.batch.settings import BatchSettings, ListSettings


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and what to do next."""

    report: LintReport
    list: ListSettings
    """How the list is numbered."""
    step: str
    """The next step, in a sentence."""


def check_batch(journal: Journal, *, kept: int = 100, now: Callable[[], float] = time.time) -> Checked:
    """Check every message that is still to be sent; ``kept`` rows are named for each finding.

    A batch that has not started is linted then if nothing keeps it from being sent, else a draft again. Raises
    :class:`BatchError`.
    """
    with journal_errors(), opened_composer(journal) as (settings, composer):
        state = journal.facts().state
        report = composer.lint(journal.path, size_limit_of(journal, settings), kept=kept)
        if not state.started:
            journal.set_largest(report.largest)
        if report.ok and state is BatchState.DRAFT:
            journal.set_state(BatchState.LINTED, now=now())
        elif not (report.ok or state.started):
            journal.set_state(BatchState.DRAFT, now=now())
        name, state = journal.path.stem, journal.facts().state
        step = next_step(name, state, journal.tally()) if report.ok else step_after_errors(name, state)
    return Checked(report, settings.list, step)


def check_before_run(journal: Journal, settings: BatchSettings) -> None:
    """Check what nobody has checked yet before a batch starts: all messages of a draft, and whether the largest one is
    within the relay's size limit.

    Raises :class:`BatchError`.
    """
    state, name = journal.facts().state, journal.path.stem
    if state is BatchState.DRAFT:
        check_messages(journal)
    large = None if state.started else too_large(journal, settings)
    if large is not None:
        again = f"If it takes more by now, “smtptui batch test {name} --to YOU” asks it."
        raise BatchError(BatchErrorKind.INPUT, f"{large} Nothing was sent; {_shows_all(name)} {again}")


def check_messages(journal: Journal, composer: ComposerProcess | None = None) -> None:
    """Make every message before one is sent; raises :class:`BatchError` for the first that cannot be made.

    ``composer`` may have another template open than the journal's.
    """
    if composer is None:
        with opened_composer(journal) as (_, own):
            check_messages(journal, own)
        return
    with composer_errors():
        try:
            largest = composer.check(journal.path)
        except ComposerError as error:
            if error.fault is not FaultOf.INPUT:
                raise
            sentence = f"{error} Nothing was sent; {_shows_all(journal.path.stem)}"
            raise BatchError(BatchErrorKind.INPUT, sentence) from error
    journal.set_largest(largest)


def size_limit_of(journal: Journal, settings: BatchSettings) -> SizeLimit | None:
    """What the relay of the batch takes; None if it was never asked, or if the batch has another one since."""
    limit, relay = journal.size_limit(), settings.relay
    known = limit is not None and (limit.server, limit.user) == (relay.connection.label, relay.user)
    return limit if known else None


def too_large(journal: Journal, settings: BatchSettings) -> str | None:
    """That the largest message is more than the relay takes, in a sentence; None if that is not known."""
    limit, largest = size_limit_of(journal, settings), journal.largest()
    if limit is None or largest is None or largest.octets <= limit.octets:
        return None
    place = settings.list.place(largest.line).capitalize()
    return f"{place}: the message has {largest.octets:,} octets, more than {limit}."


def _shows_all(name: str) -> str:
    return f"“smtptui batch lint {name}” shows all."
