"""Starts a run in an event loop of its own: the fastest there is, with signals that stop it."""

import asyncio
import sys
from collections.abc import Callable

from smtptui.batch.running.runner import BatchRun, RunProgress, RunRequest, RunResult
from smtptui.config import catch_signals

_SWITCH = 0.0002
"""Seconds a thread may hold Python's lock while another wants it. The default of 5 ms would let the thread that
writes the journal wait longer for the lock than for the disk."""


def run_batch(
    request: RunRequest,
    *,
    report: Callable[[RunProgress], None] | None = None,
    started: Callable[[BatchRun], None] | None = None,
) -> RunResult:
    """Run a batch to its end; raises :class:`JournalError` where it cannot begin.

    SIGINT, SIGTERM and SIGHUP stop it cleanly: messages in flight are finished. A second signal stops it at once.
    ``started`` gets the run once it is under way, in the event loop.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_run(request, report, started))
    finally:
        sys.setswitchinterval(before)


async def _run(
    request: RunRequest,
    report: Callable[[RunProgress], None] | None,
    started: Callable[[BatchRun], None] | None,
) -> RunResult:
    run = BatchRun(request, report=report)
    release = catch_signals(lambda number: run.stop(f"interrupted by {number.name}"), lambda _: run.abort())
    try:
        if started is not None:
            started(run)
        return await run.run()
    finally:
        release()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed; None is asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
