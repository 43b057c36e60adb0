"""Asking the user for a secret on the terminal; it is not shown while it is typed."""

import contextlib
import getpass
import os
import signal
import sys
from collections.abc import Iterator


def someone_is_there() -> bool:
    """Whether a question would be seen and could be answered; the message may come from standard input."""
    if sys.stdin.isatty():
        return True
    if sys.stderr.isatty():
        with contextlib.suppress(OSError):
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
            return True
    return False


def ask_secret(question: str) -> str:
    """What was typed, without the line end; nothing where the user ended the input. Raises KeyboardInterrupt."""
    with _interruptible():
        try:
            return getpass.getpass(f"{question}: ")
        except EOFError:
            return ""


async def ask_for_profile(question: str) -> str | None:
    """:func:`ask_secret` for :func:`smtptui.profiles.fetch`; there is nothing beside it that could go on meanwhile."""
    return ask_secret(question) or None


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    # asyncio takes the first ctrl+c for itself, and would only look at it once the question was answered.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
