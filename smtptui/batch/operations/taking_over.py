"""Taking a batch in hand to change it: a process that only waits, because the batch is paused, gives it up."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal import Journal, JournalBusy, JournalError, Request, RunnerLock, runner_lives
from smtptui.batch.model import BatchState

_PATIENCE_S = 12.0
"""How long to wait for the process that has the batch: it listens once a second, and then it ends."""
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes a batch in hand, and where the file is that all batches share."""

    shared: Path
    pid: int
    host: str
    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@contextlib.contextmanager
def taken_over(path: Path, holder: Holder, *, doing: str) -> Iterator[bool]:
    """Have the lock of the batch at ``path``; whether a process that waited with it has ended for that.

    One that sends is left alone: raises :class:`JournalBusy`, with what to do.
    """
    ended = runner_lives(path) and _asked_to_end(path, holder)
    with RunnerLock(path, pid=holder.pid, host=holder.host, doing=doing):
        yield ended


def _asked_to_end(path: Path, holder: Holder) -> bool:
    """Ask a paused runner to end, and wait until it has; whether it has."""
    try:
        journal = Journal.open(path)
    except JournalError:
        # What cannot be opened has no request to hear; the lock says who has it.
        return False
    with contextlib.closing(journal):
        if journal.facts().state is not BatchState.PAUSED:
            # It sends: the lock says so.
            return False
        journal.ask(Request.HAND_OVER, holder.now())
        deadline = holder.clock() + _PATIENCE_S
        while holder.clock() < deadline:
            if not runner_lives(path):
                return True
            if journal.asked() is None and journal.facts().state is not BatchState.PAUSED:
                # Somebody has let it go on meanwhile.
                return False
            holder.sleep(_LOOK_S)
    raise JournalBusy(
        f"The process that waits with batch {path.stem} was asked to end and has not ended yet. Try again in a moment, "
        "or end that process."
    )
