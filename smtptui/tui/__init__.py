"""The app in the terminal; the only room that draws."""

import asyncio
import sys

from smtptui.sandbox import SandboxError
from smtptui.tui.host import host

__all__ = ["run_app"]

EX_IOERR = 74
"""The exit code for trouble with the machine's own input and output (sysexits.h)."""


def run_app(*, demo: bool = False) -> int:
    """Open the app, with ``demo`` on a sandbox of its own; returns the exit code when the user leaves."""
    try:
        return asyncio.run(host(demo=demo))
    except SandboxError as error:
        print(f"smtptui: {error}.", file=sys.stderr)
        return EX_IOERR
