"""Pausing, resuming and cancelling a batch: its runner is asked if one lives, else the journal is told at once."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from smtptui.batch.journal import Journal, Request, runner_lives
from smtptui.batch.model import BatchState, RecipientState
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind, journal_errors

_PATIENCE_S = 5.0
"""How long to wait for the runner to hear it; it listens once a second."""
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Controlled:
    """What came of it: ``done`` is paused, resumed or cancelled; ended if the runner ended meanwhile; asked if it has
    not confirmed yet."""

    done: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The clocks by which the runner's answer is awaited."""

    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def pause(journal: Journal, waiting: Waiting | None = None) -> Controlled:
    """Have a running batch finish what is on its way and send nothing more until :func:`resume`.

    Raises :class:`BatchError` if it is not being sent.
    """
    waiting, name = waiting or Waiting(), journal.path.stem
    with journal_errors():
        if runner_lives(journal.path):
            return _ask(journal, Request.PAUSE, "paused", waiting)
        state = journal.facts().state
        if state is BatchState.PAUSED:
            return Controlled("paused", f"Batch {name} is paused already.")
        if state is not BatchState.RUNNING:
            raise BatchError(
                BatchErrorKind.STATE, f"Batch {name} is not being sent ({state}), so there is nothing to pause."
            )
        journal.set_state(BatchState.PAUSED, "paused by you", now=waiting.now())
        return Controlled("paused", f"Batch {name} is paused; the sending program had stopped already.")


def resume(journal: Journal, waiting: Waiting | None = None) -> Controlled:
    """Have the runner that waits with a paused batch go on. Without one a run has to be started instead."""
    with journal_errors():
        return _ask(journal, Request.RESUME, "resumed", waiting or Waiting())


def cancel(journal: Journal, waiting: Waiting | None = None) -> Controlled:
    """End a batch for good; what was sent stays sent. Raises :class:`BatchError` if it is done."""
    waiting, name = waiting or Waiting(), journal.path.stem
    with journal_errors():
        if runner_lives(journal.path):
            return _ask(journal, Request.CANCEL, "cancelled", waiting)
        state = journal.facts().state
        if state is BatchState.CANCELLED:
            return Controlled("cancelled", f"Batch {name} was cancelled before.")
        if state is BatchState.DONE:
            raise BatchError(BatchErrorKind.STATE, f"Batch {name} is done, so there is nothing to cancel.")
        journal.set_state(BatchState.CANCELLED, "cancelled by hand", now=waiting.now())
        return Controlled("cancelled", f"Batch {name} is cancelled; nothing more is sent.{_left(journal)}")


def _left(journal: Journal) -> str:
    """What can be done about those who were not reached."""
    tally = journal.tally()
    left = tally.open + tally[RecipientState.FAILED]
    if not left:
        return ""
    who = "1 recipient" if left == 1 else f"{left} recipients"
    return f" For the {who} it did not reach: smtptui batch new --from-batch {journal.path.stem}"


def _ask(journal: Journal, request: Request, done: str, waiting: Waiting) -> Controlled:
    path = journal.path
    journal.ask(request, now=waiting.now())
    deadline = waiting.clock() + _PATIENCE_S
    while waiting.clock() < deadline:
        if journal.asked() is None:
            end = "" if request is Request.RESUME else " What is on its way is finished first."
            return Controlled(done, f"Batch {path.stem} is {done}.{end}")
        if not runner_lives(path):
            return Controlled("ended", f"The runner of batch {path.stem} has ended in the meantime.")
        waiting.sleep(_LOOK_S)
    return Controlled(
        "asked", f"{request.capitalize()} requested; the runner of batch {path.stem} has not confirmed yet."
    )
