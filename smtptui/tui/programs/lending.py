"""The terminal is lent to another program, and comes back when that ends."""

import asyncio
from collections.abc import Mapping, Sequence

from textual.app import App

from smtptui.config import child_environment


async def lend_terminal(app: App[None], command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Leave the terminal to a program until it ends; returns its exit code. A session goes on meanwhile.

    Raises :class:`textual.app.SuspendNotSupported` where the terminal cannot be lent, :class:`OSError` where the
    program does not start.
    """
    # Nothing may be painted while the terminal is the other's.
    with app.suspend(), app.batch_update():
        process = await asyncio.create_subprocess_exec(*command, env=child_environment(environ))
        try:
            return await process.wait()
        finally:
            # The app may have been told to end meanwhile.
            if process.returncode is None:
                process.terminate()
