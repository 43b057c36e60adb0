"""Standard streams that are closed or cannot be written: there is always something in their place."""

import io
import os
import select
import sys
from typing import TextIO
from weakref import WeakKeyDictionary


def complete_streams() -> None:
    """Put the null device where a standard stream was closed, as by ``>&-``; Python has None there."""
    # In this order each gets its own number again, and no socket or file opened later is taken for a stream.
    if sys.stdin is None:
        sys.stdin = _null(os.O_RDONLY, "r")
    if sys.stdout is None:
        sys.stdout = _null(os.O_WRONLY, "w")
    if sys.stderr is None:
        sys.stderr = _null(os.O_WRONLY, "w")


def drained(stream: TextIO) -> OSError | None:
    """Write out what a stream holds back; returns what kept it from that, and silences the stream then."""
    try:
        stream.flush()
    except OSError as error:
        silence(stream)
        return error
    return None


def silence(stream: TextIO, error: OSError | None = None) -> None:
    """Point a stream that cannot be written at nothing, so that the last flush at exit does not complain.

    ``error`` is kept for :func:`lost`, unless the reader has only gone.
    """
    if error is not None:
        _LOST.setdefault(stream, error)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def reader_gone(stream: TextIO) -> bool:
    """Whether a stream is a pipe or a connection that nobody reads any more, as after “| head”."""
    poll = select.poll()
    poll.register(stream.fileno(), 0)
    return bool(poll.poll(0))


def lost(stream: TextIO) -> OSError | None:
    """What kept something from being written to this stream, such as a full disk; whichever command printed it."""
    return _LOST.get(stream)


_LOST: WeakKeyDictionary[TextIO, OSError] = WeakKeyDictionary()


def _null(flags: int, mode: str) -> io.TextIOWrapper:
    # It stays open until the process ends, as the standard streams do.
    stream = open(os.open(os.devnull, flags), mode, encoding="utf-8", closefd=False)  # noqa: SIM115
    assert isinstance(stream, io.TextIOWrapper)
    return stream
