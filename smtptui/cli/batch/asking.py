"""Asks a batch to pause, go on or end: its runner where one lives, else the journal is told at once."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from smtptui.batch import BatchState, Journal, RecipientState, Request, runner_lives
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_PATIENCE = 5.0
"""Seconds to wait for the runner to hear it; it listens once a second."""
_LOOK = 0.05


def ask_to_pause(name: str, *, as_json: bool) -> ExitCode:
    """Pause a batch; raises :class:`CommandError`."""
    with opened(name) as (journal, path):
        if runner_lives(path):
            return _report(name, *_ask(journal, path, Request.PAUSE, "paused"), as_json=as_json)
        state = journal.facts().state
        if state is BatchState.PAUSED:
            return _report(name, "paused", f"Batch {name} is paused already.", as_json=as_json)
        if state is not BatchState.RUNNING:
            raise usage(f"Batch {name} is not being sent ({state}), so there is nothing to pause.")
        journal.set_state(BatchState.PAUSED, "paused by you", now=time.time())
        return _report(
            name, "paused", f"Batch {name} is paused; the sending program had stopped already.", as_json=as_json
        )


def ask_to_cancel(name: str, *, as_json: bool) -> ExitCode:
    """Cancel a batch; raises :class:`CommandError`."""
    with opened(name) as (journal, path):
        if runner_lives(path):
            return _report(name, *_ask(journal, path, Request.CANCEL, "cancelled"), as_json=as_json)
        state = journal.facts().state
        if state is BatchState.CANCELLED:
            return _report(name, "cancelled", f"Batch {name} was cancelled before.", as_json=as_json)
        if state is BatchState.DONE:
            raise usage(f"Batch {name} is done, so there is nothing to cancel.")
        journal.set_state(BatchState.CANCELLED, "cancelled by hand", now=time.time())
        return _report(
            name, "cancelled", f"Batch {name} is cancelled; nothing more is sent.{_left(journal)}", as_json=as_json
        )


def _left(journal: Journal) -> str:
    """What can be done about those who were not reached."""
    tally, name = journal.tally(), journal.path.stem
    left = tally.open + tally[RecipientState.FAILED]
    if not left:
        return ""
    return (
        f" For the {counted(left, 'recipient', 'recipients')} it did not reach: smtptui batch new --from-batch {name}"
    )


def ask_to_go_on(journal: Journal, path: Path, name: str, *, as_json: bool) -> ExitCode:
    """Let the runner of a paused batch, which lives, go on."""
    return _report(name, *_ask(journal, path, Request.RESUME, "resumed"), as_json=as_json)


def _ask(
    journal: Journal, path: Path, request: Request, done: str, *, sleep: Callable[[float], None] = time.sleep
) -> tuple[str, str]:
    """What was done, as a word and as a sentence."""
    name = path.stem
    journal.ask(request, now=time.time())
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if journal.asked() is None:
            end = "" if request is Request.RESUME else " What is on its way is finished first."
            return done, f"Batch {name} is {done}.{end}"
        if not runner_lives(path):
            return "ended", f"The runner of batch {name} has ended in the meantime."
        sleep(_LOOK)
    return "asked", f"{request.capitalize()} requested; the runner of batch {name} has not confirmed yet."


def _report(name: str, done: str, sentence: str, *, as_json: bool) -> ExitCode:
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "batch": name, "done": done})
    else:
        stdout.line(sentence)
    return ExitCode.OK
