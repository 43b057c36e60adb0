"""Who sends a batch: one process at a time, by a lock that ends with the process, however it ends."""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.batch.journal.errors import JournalBusy, unreachable

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_TRIES, _PAUSE_S = 10, 0.03
"""Somebody who asks whether a runner lives holds the lock for an instant."""


_HELD: set[Path] = set()
"""Journals whose lock this process has: by the lock alone it could not be told from another process."""


def held_here(journal: Path) -> bool:
    """Whether this process holds the lock of a journal."""
    return journal.absolute() in _HELD


def lock_path(journal: Path) -> Path:
    """The file beside the journal that a runner holds a lock on."""
    return journal.with_suffix(".lock")


class RunnerLock:
    """Held by whoever may write the journal as a runner does; entering raises :class:`JournalBusy`, naming who has it.

    The lock is one of the open file (``flock``): the kernel gives it back when the process is gone. ``doing`` says
    what is done with the batch meanwhile.
    """

    def __init__(self, journal: Path, *, pid: int, host: str, doing: str = "being sent") -> None:
        self._journal = journal
        self._note = f"{doing} by process {pid} on {host}"
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self._descriptor = take(self._journal, self._note)
        _HELD.add(self._journal.absolute())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is None:
            return
        _HELD.discard(self._journal.absolute())
        give_back(self._descriptor)
        self._descriptor = None


def take(journal: Path, note: str, *, tries: int = _TRIES) -> int:
    """Take the lock, and say in it who has it; the descriptor that holds it. Raises :class:`JournalBusy`."""
    path = lock_path(journal)
    try:
        for remaining in reversed(range(tries)):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
            if _locked(descriptor, path):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, note.encode(), 0)
                return descriptor
            found = os.pread(descriptor, 500, 0).decode("utf-8", "replace")
            os.close(descriptor)
            if remaining:
                time.sleep(_PAUSE_S)
    except OSError as error:
        raise unreachable(error, path) from error
    name = journal.stem
    raise JournalBusy(
        f"The batch {name} is {found or 'in use by another process'}. Wait for it, or pause it: "
        f"smtptui batch pause {name}"
    )


def _locked(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    # The file may have been deleted, and made anew by another, between opening and locking it.
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    return False


def give_back(descriptor: int) -> None:
    """Let go of the lock."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
    os.close(descriptor)


def runner_lives(journal: Path) -> bool:
    """Whether a process holds the lock of this journal now."""
    try:
        descriptor = os.open(lock_path(journal), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
