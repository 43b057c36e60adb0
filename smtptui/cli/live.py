"""A session while it runs: its transcript shown as it grows, and signals that stop it."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from typing import Protocol

from smtptui.cli.output import Printer
from smtptui.config import ENDING, catch_signals
from smtptui.session import Progress
from smtptui.transcript import Outcome, Transcript

_LOOK = 0.05
"""Seconds between two looks at the transcript: 20 a second read as live."""
_AT_ONCE = 500
"""Events printed in one go."""


class Run(Protocol):
    """What is needed of :class:`smtptui.session.SessionRun`."""

    @property
    def transcript(self) -> Transcript:
        """Grows while the session runs."""

    async def run(self) -> Outcome:
        """Do it, once."""

    def cancel(self) -> None:
        """Ask it to end politely."""

    def progress(self) -> Progress:
        """Where it is."""


async def conduct(run: Run, printer: Printer | None, abandon: Callable[[], None]) -> Outcome:
    """Run a session to its end, showing events as they come where there is a ``printer``.

    SIGINT, SIGTERM or SIGHUP asks the session to end politely. A second one calls ``abandon``, which is expected to
    leave the process, and a third has its effect as if nobody caught it.
    """
    done = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(run.run())
            task.add_done_callback(lambda _: done.set())
            _stop_on_signal(run, abandon)
            if printer is not None:
                await _show(run.transcript, printer, done)
    except ExceptionGroup as errors:
        # One task can fail, and its failure says more than the groups it comes in.
        error: Exception = errors
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        raise error from None
    return task.result()


async def _show(transcript: Transcript, printer: Printer, done: asyncio.Event) -> None:
    shown = 0
    while True:
        finished = done.is_set()
        while shown < transcript.version:
            events = transcript[shown : min(shown + _AT_ONCE, transcript.version)]
            # In a thread: a terminal that was halted by ctrl+s, or a pager, must not halt the session.
            await asyncio.to_thread(printer.events, events)
            shown += len(events)
        if finished:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                await done.wait()


def _stop_on_signal(run: Run, abandon: Callable[[], None]) -> None:
    def leave(_: signal.Signals) -> None:
        release()
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        abandon()

    release = catch_signals(lambda _: run.cancel(), leave)
