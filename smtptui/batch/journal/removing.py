"""Deleting a batch, with what it knows of people."""

import contextlib
import os
from pathlib import Path

from smtptui.batch.journal.errors import JournalError, NoSuchBatch, telling, unreachable
from smtptui.batch.journal.filling import discard_unfinished
from smtptui.batch.journal.lock import lock_path
from smtptui.batch.journal.schema import connect
from smtptui.batch.journal.witness import Witness, course_of

_BLOCK = 1 << 20


def delete_batch(path: Path, *, shared: Path | None = None) -> None:
    """Remove the batch at ``path``: journal, log and lock; for whoever holds its lock. Raises :class:`JournalError`.

    A copy of it that is put back later counts as damaged, by the witness at ``shared``.

    Addresses and rows are overwritten before the name goes. A file system or a disk that writes elsewhere than where
    it was told, or a backup, may still have them.
    """
    log, shared = Path(f"{path}-wal"), Path(f"{path}-shm")
    if not path.exists() and not log.exists():
        lock_path(path).unlink(missing_ok=True)
        raise NoSuchBatch(f"There is no batch {path.stem}: {path} does not exist. “smtptui batch list” shows them.")
    if shared is not None:
        _retire(path, shared)
    try:
        # The log first: what is cut off here is a journal that misses its log, and is never taken for a whole one.
        for file in (log, path):
            _overwrite(file)
        for file in (log, shared, path):
            file.unlink(missing_ok=True)
        discard_unfinished(path)
        lock_path(path).unlink(missing_ok=True)
    except OSError as error:
        raise unreachable(error, path) from error


def _retire(path: Path, shared: Path) -> None:
    # What is damaged is deleted all the same: then nobody can say which batch it was.
    with contextlib.suppress(JournalError):
        connection, _ = connect(path, readonly=True, busy_s=1.0)
        with contextlib.closing(connection), telling(path), Witness(shared) as witness:
            witness.retire(course_of(connection).identity, path.stem)


def _overwrite(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError), path.open("r+b", buffering=0) as file:
        remaining = os.fstat(file.fileno()).st_size
        while remaining > 0:
            remaining -= file.write(bytes(min(_BLOCK, remaining)))
        os.fsync(file.fileno())
