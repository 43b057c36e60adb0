"""Starts, cancels and waits for sessions; the only place where the app touches the engine's tasks."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Protocol

from smtptui.tui.crash import bug_sentence
from smtptui.tui.runs.history import History, ObservedSession, Past

if TYPE_CHECKING:
    from smtptui.session import Request
    from smtptui.transcript import Outcome

GRACE = 4.0
"""Seconds a cancelled session has to end: three for QUIT (its own limit) and one for the rest."""


class Run(ObservedSession, Protocol):
    """One session, as :class:`smtptui.session.SessionRun` offers it."""

    async def run(self) -> "Outcome":
        """Do it."""
        ...

    def cancel(self) -> None:
        """End it early and politely."""
        ...


Spawn = Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]
"""Starts a task in the group that outlives the screen."""
MakeRun = Callable[["Request"], Run]
Ended = Callable[["Outcome | None"], None]
"""Hears what a session came to; None if that is not known."""


class Sender:
    """One session at a time. Watchers ask; nobody is called back."""

    def __init__(self, spawn: Spawn, make_run: MakeRun) -> None:
        self._spawn = spawn
        self._make_run = make_run
        self._task: asyncio.Task[None] | None = None
        self.run: Run | None = None
        """The session that runs, or the last one."""
        self.history = History()
        """The sessions since the app was opened."""
        self.crash: str | None = None
        """A sentence, when the last session ended by a fault of this program."""

    @property
    def busy(self) -> bool:
        """Whether a session runs."""
        return self._task is not None and not self._task.done()

    def start(self, request: "Request", ended: "Ended | None" = None) -> Run:
        """Begin a session; the caller has made sure that none runs. ``ended`` is called in a thread when it is over."""
        run = self._make_run(request)
        self.run, self.crash = run, None
        connection = request.connection
        self.history.add(Past(run, connection.label if connection.host else f"MX, port {connection.port}"))
        self._task = self._spawn(self._drive(run, ended))
        return run

    def cancel(self) -> bool:
        """Cancel the session that runs; returns whether there was one."""
        if self.run is None or not self.busy:
            return False
        self.run.cancel()
        return True

    async def close(self) -> None:
        """Cancel, wait for the end within :data:`GRACE`, then stop without manners."""
        task = self._task
        if task is not None and self.cancel():
            await asyncio.wait({task}, timeout=GRACE)
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=1.0)
        self.history.close()

    async def _drive(self, run: Run, ended: "Ended | None") -> None:
        outcome = None
        try:
            outcome = await run.run()
        except Exception as error:  # a fault here must not take the app down with it
            self.crash = bug_sentence(error, more="; the transcript up to here is complete")
        finally:
            if ended is not None:
                await asyncio.shield(asyncio.to_thread(ended, outcome))
