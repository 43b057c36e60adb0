"""Runs the app: its tasks in one group around it, its sandbox before and after it, signals that end it well."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

from smtptui.sandbox import Sandbox
from smtptui.tui.app import Workbench

_SIGNALS = (signal.SIGHUP, signal.SIGTERM)


async def host(*, demo: bool) -> int:
    """Run the app until the user leaves; returns the exit code. :class:`SandboxError` if the sandbox cannot start."""
    sandbox = Sandbox(clock=lambda: datetime.now(UTC)) if demo else None
    if sandbox is not None:
        await sandbox.start()
    try:
        async with asyncio.TaskGroup() as tasks:
            app = Workbench(spawn=tasks.create_task, sandbox=sandbox)
            with leaving_on_signals(app):
                try:
                    await app.run_async()
                finally:
                    await app.sender.close()
    finally:
        if sandbox is not None:
            await sandbox.stop()
    return app.return_code or 0


@contextlib.contextmanager
def leaving_on_signals(app: Workbench) -> Iterator[None]:
    """While inside, SIGHUP and SIGTERM end the app as ctrl+q does, so that clean-up happens."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, app.exit)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
