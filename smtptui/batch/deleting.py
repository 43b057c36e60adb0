"""The end of a batch's files."""

from pathlib import Path

from smtptui.batch.journal import JournalError, lock_path


def delete_batch(path: Path) -> None:
    """Delete the journal at ``path`` and all that lies beside it; for whoever holds its lock.

    Raises :class:`JournalError` where that is not possible.
    """
    # The journal first: without it the others mean nothing to anybody.
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm"), lock_path(path)):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise JournalError(f"{file} cannot be deleted: {(error.strerror or str(error)).rstrip('.')}.") from error
