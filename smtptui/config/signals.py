"""Signals that ask a command to end: politely the first time, at once the second.

They are here because every room may import this one, as it may the environment of a child process.
"""

import asyncio
import signal
from collections.abc import Callable, Sequence

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that ask a process to end: from a keyboard, another process, a terminal that is gone."""

Heard = Callable[[signal.Signals], None]
"""Called in the event loop with the signal that came."""


def catch_signals(
    politely: Heard, at_once: Heard | None = None, *, signals: Sequence[signal.Signals] = ENDING
) -> Callable[[], None]:
    """Call ``politely`` for the first of these signals, ``at_once`` for each further one; without it ``politely``.

    For the running event loop. Returns what lets go of the signals; the loop does so itself when it is closed.
    """
    loop = asyncio.get_running_loop()
    asked = False

    def heard(number: signal.Signals) -> None:
        nonlocal asked
        first, asked = not asked, True
        (politely if first or at_once is None else at_once)(number)

    def release() -> None:
        for number in signals:
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, heard, number)
    return release
