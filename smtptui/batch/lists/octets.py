"""The octets of a list: a file, or what came on a pipe and was spooled, so that it can be read more than once."""

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from smtptui.batch.lists.list_error import ListError

CHUNK = 1 << 20
"""Octets that are read at once."""
_IN_MEMORY = 8 << 20
"""What comes on a pipe is kept in memory up to this size, and beyond in a file that has no name."""


class Octets:
    """A list's octets. The first reading makes the digest; a later one that differs raises :class:`ListError`."""

    def __init__(self, source: Path | BinaryIO, *, name: str = "") -> None:
        self.name = name or (str(source) if isinstance(source, Path) else "standard input")
        self.file: IO[bytes] = self._open(source)
        self.sha256 = ""
        try:
            for _ in self.chunks():
                pass
            self.size = self.file.tell()
        except BaseException:
            self.close()
            raise

    def chunks(self) -> Iterator[bytes]:
        """All octets from the beginning. Two readings at a time do not disturb each other."""
        digest = hashlib.sha256()
        place = 0
        while True:
            try:
                self.file.seek(place)
                chunk = self.file.read(CHUNK)
            except OSError as error:
                raise ListError(self.name, f"reading it failed: {error.strerror}.") from error
            if not chunk:
                break
            place += len(chunk)
            digest.update(chunk)
            yield chunk
        found = digest.hexdigest()
        if not self.sha256:
            self.sha256 = found
        elif found != self.sha256:
            raise ListError(self.name, "it changed while it was read; nothing was taken over, begin again.")

    def head(self, size: int) -> bytes:
        """The first octets, at most ``size``."""
        self.file.seek(0)
        return self.file.read(size)

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def _open(self, source: Path | BinaryIO) -> IO[bytes]:
        try:
            if not isinstance(source, Path):
                return _spooled(source)
            file = source.open("rb")
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file
            with file:
                return _spooled(file)
        except FileNotFoundError as error:
            raise ListError(self.name, "there is no such file.") from error
        except OSError as error:
            raise ListError(self.name, f"it cannot be read: {error.strerror}.") from error


def _spooled(source: IO[bytes]) -> IO[bytes]:
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by Octets
    try:
        shutil.copyfileobj(source, spool, CHUNK)
    except BaseException:
        spool.close()
        raise
    return spool
