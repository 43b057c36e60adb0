"""A file of the user, read once and up to a limit, whatever it is: a pipe without an end, a device, a file of /proc."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

DEFAULT_LIMIT = 100 * 1000 * 1000
"""Octets of all files of one message together, unless the user says otherwise."""
SMALL_LIMIT = 10 * 1000 * 1000
"""Octets of a file that has keys, certificates or addresses."""
_CHUNK = 1 << 20


class TooLargeError(ValueError):
    """A file has more octets than are read; the sentence has the numbers, without a full stop."""


class Intake:
    """Reads files until ``limit`` octets have been read in all. ``remedy`` says how to raise the limit."""

    def __init__(self, limit: int = DEFAULT_LIMIT, remedy: str = "") -> None:
        self._limit = limit
        self._left = limit
        self._remedy = remedy

    def file(self, path: Path, *, regular: bool = False) -> bytes:
        """The octets of a file; raises :class:`OSError`, :class:`TooLargeError`.

        With ``regular`` a pipe or a device is an error, since nobody waits for it.
        """
        # Not blocking if a pipe is refused anyway.
        flags = os.O_RDONLY | os.O_CLOEXEC | (os.O_NONBLOCK if regular else 0)
        with open(os.open(path, flags), "rb", buffering=0) as file:
            facts = os.fstat(file.fileno())
            if stat.S_ISDIR(facts.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            if regular and not stat.S_ISREG(facts.st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file", str(path))
            size = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
            if size > self._left:
                raise self._too_large(path.name, amount(size))
            return self._all(file, path.name, size)

    def stream(self, stream: BinaryIO, name: str) -> bytes:
        """The octets of a stream up to its end; raises :class:`OSError`, :class:`TooLargeError`."""
        return self._all(stream, name, 0)

    def _all(self, file: BinaryIO, name: str, size: int) -> bytes:
        # One octet more than there should be: most files are read by one call, and one that grows is seen.
        data = file.read(size + 1) or b""
        if len(data) != size or not size:
            more = bytearray(data)
            while len(more) <= self._left and (data := file.read(_CHUNK)):
                more += data
            data = bytes(more)
        if len(data) > self._left:
            raise self._too_large(name, f"more than {amount(self._left)}")
        self._left -= len(data)
        return data

    def _too_large(self, name: str, size: str) -> TooLargeError:
        before = f", {amount(self._limit - self._left)} of which are read" if self._left < self._limit else ""
        remedy = f": {self._remedy}" if self._remedy else ""
        return TooLargeError(f"{name} is {size}; smtptui reads at most {amount(self._limit)}{before}{remedy}")


def amount(octets: int) -> str:
    """A number of octets in decimal units: ``100 MB``, ``1.0 GB``."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= size:
            return f"{octets / size:.0f} {unit}" if octets >= 10 * size else f"{octets / size:.1f} {unit}"
    return f"{octets} bytes"
