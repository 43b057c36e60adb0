"""The command line: the same jobs as the app without a screen, as text or JSON."""

from smtptui.cli.entry import main

__all__ = ["main"]
