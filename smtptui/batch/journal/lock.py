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


def lock_path(journal: Path) -> Path:
    """The file beside the journal that a runner holds a lock on."""
    return journal.with_suffix(".lock")


class RunnerLock:
    """Held by whoever may write the journal as a runner does; entering raises :class:`JournalBusy`, naming who has it.

    The lock is one of the open file (``flock``): the kernel gives it back when the process is gone.
    """

    def __init__(self, journal: Path, *, pid: int, host: str, doing: str = "being sent") -> None:
        self._journal = journal
        self._note = f"{doing} by process {pid} on {host}"
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        try:
            descriptor = os.open(lock_path(self._journal), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError as error:
            raise unreachable(error, lock_path(self._journal)) from error
        try:
            self._take(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, self._note.encode(), 0)
        self._descriptor = descriptor
        return self

    def _take(self, descriptor: int) -> None:
        for remaining in reversed(range(_TRIES)):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if remaining:
                    time.sleep(_PAUSE_S)
        note = os.pread(descriptor, 500, 0).decode("utf-8", "replace") or "in use by another process"
        raise JournalBusy(
            f"The batch {self._journal.stem} is {note}. Wait for it, or pause it: "
            f"smtptui batch pause {self._journal.stem}"
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


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
