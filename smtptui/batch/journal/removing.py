"""Deleting a batch, with what it knows of people."""

import contextlib
import os
from pathlib import Path

from smtptui.batch.journal.errors import JournalError, NoSuchBatch, telling, unreachable
from smtptui.batch.journal.lock import lock_path
from smtptui.batch.journal.schema import connect
from smtptui.batch.journal.tidying import discard_unfinished, doomed_place, finish_deleting
from smtptui.batch.journal.witness import Witness, course_of


def delete_batch(path: Path, *, shared: Path | None = None) -> None:
    """Remove the batch at ``path``: journal, log and lock; for whoever holds its lock. Raises :class:`JournalError`.

    A copy of it that is put back later counts as damaged, by the witness at ``shared``.

    Addresses and rows are overwritten before the name goes. A file system or a disk that writes elsewhere than where
    it was told, or a backup, may still have them. If the process is killed meanwhile, the batch is either untouched,
    or gone, and the next command that makes, lists or deletes batches removes the rest.
    """
    log = Path(f"{path}-wal")
    if not path.exists() and not log.exists():
        lock_path(path).unlink(missing_ok=True)
        raise NoSuchBatch(f"There is no batch {path.stem}: {path} does not exist. “smtptui batch list” shows them.")
    if path.is_symlink():
        raise JournalError(
            f"{path} is a symbolic link, and nothing was deleted. Delete the file that it names, {path.resolve()}, and "
            f"the link yourself: rm {path}"
        )
    if shared is not None:
        _retire(path, shared)
    try:
        if os.path.lexists(path):
            # First of all: a journal that lost its log must never be taken for a whole one.
            os.rename(path, doomed_place(path))
            _sync(path.parent)
        discard_unfinished(path)
        finish_deleting(path)
        lock_path(path).unlink(missing_ok=True)
    except OSError as error:
        raise unreachable(error, path) from error


def _retire(path: Path, shared: Path) -> None:
    # What is damaged is deleted all the same: then nobody can say which batch it was.
    with contextlib.suppress(JournalError):
        connection, _ = connect(path, readonly=True, busy_s=1.0)
        with contextlib.closing(connection), telling(path), Witness(shared) as witness:
            witness.retire(course_of(connection).identity, path.stem)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
