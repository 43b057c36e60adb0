"""Runs the app: its tasks in one group around it, its sandbox stopped after it, signals that end it well."""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smtptui.config import Places, catch_signals
from smtptui.tui.app.app import NotOpened, Workbench

if TYPE_CHECKING:
    from smtptui.tui.sandbox.sandbox_source import SandboxSource

_SIGNALS = (signal.SIGHUP, signal.SIGTERM)


async def host(*, demo: bool) -> int:
    """Run the app until the user leaves; returns the exit code."""
    async with sandbox_on_demand() as open_sandbox, asyncio.TaskGroup() as tasks:
        app = Workbench(
            spawn=tasks.create_task,
            open_sandbox=open_sandbox if demo else None,
            sandbox_on_demand=open_sandbox,
            places=Places.of(os.environ),
            # What there is by then stays for good: out of the garbage collector's sight it costs no pauses of a
            # tenth of a second in the middle of a session.
            on_opened=gc.freeze,
        )
        with leaving_on_signals(app):
            try:
                await app.run_async()
            finally:
                await app.sender.close()
    if app.memory is not None:
        app.memory.close()
    return app.return_code or 0


@contextlib.asynccontextmanager
async def sandbox_on_demand() -> AsyncIterator[Callable[[], Awaitable["SandboxSource"]]]:
    """A function that starts a sandbox, which is stopped at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_sandbox() -> "SandboxSource":
            # Imported only now: the first paint does not wait for the sandbox.
            from smtptui.sandbox import Sandbox, SandboxError

            sandbox = Sandbox(clock=lambda: datetime.now(UTC))
            try:
                await sandbox.start()
            except SandboxError as error:
                raise NotOpened(f"{error}.") from error
            stack.push_async_callback(sandbox.stop)
            return sandbox

        yield open_sandbox


@contextlib.contextmanager
def leaving_on_signals(app: Workbench) -> Iterator[None]:
    """While inside, SIGHUP and SIGTERM end the app as ctrl+q does, so that clean-up happens."""
    release = catch_signals(lambda _: app.exit(), signals=_SIGNALS)
    try:
        yield
    finally:
        release()
