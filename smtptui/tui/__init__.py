"""The app in the terminal; the only room that draws."""

import asyncio

from smtptui.tui.app.host import host

__all__ = ["run_app"]


def run_app(*, demo: bool = False) -> int:
    """Open the app, with ``demo`` on a sandbox of its own; returns the exit code when the user leaves."""
    return asyncio.run(host(demo=demo))
