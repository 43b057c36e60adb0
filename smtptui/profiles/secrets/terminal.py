"""Lends the terminal to a child, as a shell does with a job in the foreground: pinentry and the like can ask there."""

import contextlib
import os
import signal
import termios
from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def own_terminal() -> Iterator[int | None]:
    """The terminal that this process has in the foreground; None where there is none."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield terminal if os.tcgetpgrp(terminal) == os.getpgrp() else None
    finally:
        os.close(terminal)


@contextlib.contextmanager
def lent(terminal: int, group: int) -> Iterator[None]:
    """While inside, the process group has the terminal; then it is as it was, whatever the child did to its modes."""
    mode = termios.tcgetattr(terminal)
    with _untouchable(), contextlib.suppress(OSError):
        os.tcsetpgrp(terminal, group)
    # It may have been halted for reading before the terminal was its own.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGCONT)
    try:
        yield
    finally:
        with _untouchable(), contextlib.suppress(OSError, termios.error):
            os.tcsetpgrp(terminal, os.getpgrp())
            termios.tcsetattr(terminal, termios.TCSADRAIN, mode)


def terminal_environment(environ: Mapping[str, str], *, terminal: bool) -> dict[str, str]:
    """``environ`` with GPG_TTY as it should be: with a terminal to lend it names that one, unless it names one.

    Without, it is taken away: pinentry would draw across whatever this program has on the screen.
    """
    changed = dict(environ)
    if not terminal:
        changed.pop("GPG_TTY", None)
    elif "GPG_TTY" not in changed and (name := _name()):
        changed["GPG_TTY"] = name
    return changed


def _name() -> str | None:
    for stream in range(3):
        with contextlib.suppress(OSError):
            return os.ttyname(stream)
    return None


@contextlib.contextmanager
def _untouchable() -> Iterator[None]:
    # Who is in the background and touches the terminal is halted by SIGTTOU, unless that is blocked.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
