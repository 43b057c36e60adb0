"""The app in the terminal; the only room that draws."""

import asyncio
import sys

from smtptui.tui.host import host

__all__ = ["run_app"]


def run_app(*, demo: bool = False) -> int:
    """Open the app, with ``demo`` on a sandbox of its own; returns the exit code when the user leaves."""
    try:
        return asyncio.run(host(demo=demo))
    except OSError as error:
        print(f"smtptui: the sandbox could not start: {error}. Try again, or free some ports.", file=sys.stderr)
        return 74
