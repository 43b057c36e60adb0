"""Opening the app, and ``smtptui demo``: the app on its own sandbox."""

import sys

import click

from smtptui.cli.errors import usage


@click.command()
def demo() -> int:
    """Open the app on its own sandbox server, without any network.

    The sandbox listens on free ports of the loopback interface and is gone when the app ends.
    """
    return open_app(demo=True)


def open_app(*, demo: bool = False) -> int:
    """Run the app until the user leaves it; returns the exit code. It needs a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise usage("The app needs a terminal; without one use “smtptui send” or “smtptui sandbox”.")
    # Textual alone takes longer to load than any other command runs.
    from smtptui.tui import run_app

    return run_app(demo=demo)
