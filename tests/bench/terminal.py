"""Runs a program in a terminal of its own: a pseudo-terminal that is read as fast as it is written."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence


class Ended(Exception):
    """The program ended before it painted what was waited for."""


def run_in_terminal(
    arguments: Sequence[str],
    *,
    size: tuple[int, int] = (120, 40),
    until: Callable[[bytes], bool] = lambda painted: False,
    seconds: float = 60.0,
) -> float:
    """Run ``python ARGUMENTS`` until it ends, or until what it painted satisfies ``until``; returns seconds.

    Raises :class:`TimeoutError`, and :class:`Ended` when ``until`` was never satisfied or the program failed.
    """
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(size[0]), LINES=str(size[1]))
        os.execv(sys.executable, [sys.executable, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    painted = bytearray()
    waits_for_paint = until(b"") is False
    try:
        while True:
            if time.perf_counter() - began > seconds:
                raise TimeoutError(f"{arguments}: still running after {seconds} s")
            ready, _, _ = select.select([terminal], [], [], 0.5)
            if not ready:
                continue
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data:
                break
            painted += data
            if waits_for_paint and until(bytes(painted)):
                return time.perf_counter() - began
            del painted[:-200_000]
    finally:
        status = _end(child)
        os.close(terminal)
    if status != 0:
        raise Ended(f"{arguments}: exit status {status}: …{bytes(painted[-2000:])!r}")
    return time.perf_counter() - began


def _end(child: int) -> int:
    for wait in (0.0, 0.2, 1.0):
        time.sleep(wait)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if wait:
            os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
