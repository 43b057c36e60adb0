"""Folders for files that last as long as a command: for their owner alone, removed at its end, or by the next one."""

import contextlib
import errno
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.config.replacement import PRIVATE_FILE

_PREFIX = "smtptui-"
_TRIES = 5


class ScratchFolder:
    """A new folder (0700) among the system's temporary files, for the user alone; raises :class:`OSError`.

    Making one also removes those of the same ``purpose`` that killed commands left: the user's own that no process
    holds a lock on. Put nothing into it that exists nowhere else.
    """

    def __init__(self, purpose: str) -> None:
        prefix = f"{_PREFIX}{purpose}-"
        _sweep(Path(tempfile.gettempdir()), prefix)
        for _ in range(_TRIES):
            self.path = Path(tempfile.mkdtemp(prefix=prefix))
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            # Some file systems have no locks; there leftovers are not removed either.
            with contextlib.suppress(OSError):
                fcntl.flock(self._lock, fcntl.LOCK_EX)
            # Another command may have swept it away before it was locked.
            if self.path.exists():
                return
            os.close(self._lock)
        raise OSError(errno.EBUSY, "another process removed the temporary folder")

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()


def write_scratch(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that is not there yet, for its owner alone (0600). For what lasts as long as a command: files that
    the user keeps are written by :func:`write_private` and :class:`Replacement`. Raises :class:`OSError`."""
    # Made with the mode it is to have: a mode set later would leave a moment in which others can read.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
    with open(descriptor, "wb") as file:
        file.writelines(pieces)


def _sweep(parent: Path, prefix: str) -> None:
    name = re.compile(re.escape(prefix) + r"[a-z0-9_]{8}")
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if name.fullmatch(entry.name):
                _remove_unlocked(Path(entry.path))


def _remove_unlocked(folder: Path) -> None:
    with contextlib.suppress(OSError):
        # A link of that name is not ours, nor is the folder of another user.
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            found = os.fstat(lock)
            if found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
