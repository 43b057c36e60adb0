"""What a template may take of the machine, and how the process that composes keeps itself to it.

No list of tricks is complete, so the limits are those of a process: processor time, memory, and an end by the kernel.
The parent watches as well (:mod:`smtptui.batch.composer.watch`), since a template may keep Python from looking.
"""

import fcntl
import mmap
import os
import resource
import signal
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

MEMORY = 512 * 1024 * 1024
"""Octets that composing may take above what the process needs by itself."""
ROW_SECONDS = 5.0
"""Processor time for one message."""
READING_SECONDS = 10.0
"""Processor time for reading and compiling a template."""
GRACE = 2.0
"""Seconds of processor time after which the parent ends a process that does not end itself."""
STANDSTILL = 90.0
"""Seconds without a message after which the process is ended, whatever it waits for, such as a file server."""
FREE_SECONDS = 60.0
"""Processor time after which messages that take longer than ``SLOW_SECONDS`` on average end a check of all."""
SLOW_SECONDS = 1.0
BOARD = struct.Struct("<QQ")
"""What the process says of itself: the number of the row that it is at, and the row's line in the list."""
_SPARE = 192 * 1024 * 1024
"""Octets of address space for what is loaded later: cryptography, Markdown."""


class OutOfTime(BaseException):
    """A message took too long. Not an :class:`Exception`: nothing on its way may take it for a fault of its own."""


class TooSlow(Exception):
    """No single message took too long, but all of them would; ``seconds`` for one on average."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Guard:
    """Ends what takes too long. ``board`` is the file in which the parent reads which row it is."""

    def __init__(self, board: int) -> None:
        os.ftruncate(board, BOARD.size)
        self._board = mmap.mmap(board, BOARD.size)
        self._armed = False
        self._rows = 0
        self._spent = 0.0
        signal.signal(signal.SIGPROF, self._late)
        # Ends the process without asking it.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    @contextmanager
    def row(self, seq: int, line: int) -> Iterator[None]:
        """Work on one row; raises :class:`OutOfTime`, :class:`TooSlow`."""
        self.begin(seq, line)
        try:
            yield
        finally:
            self.end()
        if self._spent > FREE_SECONDS + SLOW_SECONDS * self._rows:
            raise TooSlow(self._spent / self._rows)

    def begin(self, seq: int, line: int, seconds: float = ROW_SECONDS) -> None:
        """The clock runs for what is done from here; a row that was begun before is over."""
        BOARD.pack_into(self._board, 0, seq, line)
        self._spent -= time.process_time()
        self._rows += 1
        self._armed = True
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, STANDSTILL)

    def end(self) -> None:
        """What was begun is done."""
        self._armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._spent += time.process_time()

    def _late(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            raise OutOfTime


def limit_memory() -> None:
    """From here on memory beyond the limit is refused by the kernel (Linux); elsewhere the parent has to look."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except OSError:
        return
    most = pages * resource.getpagesize() + MEMORY + _SPARE
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    # What is killed must not fill the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with(lifeline: int) -> None:
    """Have the kernel end this process when the other end of a pipe is closed, which is when the parent is gone: also
    where a template keeps Python from noticing. On macOS, where the signal is ignored, the timers do it later."""
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_NONBLOCK | getattr(os, "O_ASYNC", 0))
    try:
        gone = not os.read(lifeline, 1)
    except BlockingIOError:
        gone = False
    if gone:
        sys.exit(1)
