"""What can be wrong with a journal, in sentences: what happened, to what, what to do next."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

SHARED_NAME = "shared.sqlite"
"""The file that all batches share is told of in other words than a batch's own, whoever stumbles over it."""


class JournalError(Exception):
    """The journal could not do what was asked; the text is a sentence."""


class JournalBusy(JournalError):
    """Another process has what is needed: the journal's lock, or the batch itself."""


class JournalDamaged(JournalError):
    """The file is not a journal, or not a whole one."""


class JournalFull(JournalError):
    """Nothing more can be written: the disk or a quota is full."""


class NoSuchBatch(JournalError):
    """There is no batch of this name."""


class BatchExists(JournalError):
    """There is a batch of this name already."""


_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_TRUNCATE}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA}
_CLOSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
_SHORT = {sqlite3.SQLITE_IOERR_SHORT_READ}


@contextlib.contextmanager
def telling(path: Path) -> Iterator[None]:
    """What SQLite raises inside, and what a damaged row makes of our own reading, as a sentence about ``path``."""
    try:
        yield
    except sqlite3.Error as error:
        raise told(error, path) from error
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        # A state nobody knows, JSON that is none: SQLite checks the form of a page, not what it holds.
        raise damaged(path, "it holds what no journal holds") from error
    except OSError as error:
        raise unreachable(error, path) from error


def told(error: sqlite3.Error, path: Path) -> JournalError:
    """An error of SQLite as one of ours."""
    extended = getattr(error, "sqlite_errorcode", None)
    code = extended & 0xFF if extended is not None else None
    if extended in _FULL or code in _FULL:
        return JournalFull(
            f"{path} cannot be written: the disk is full, or a quota or limit is reached. What was recorded before is "
            "safe. Make room, then go on."
        )
    if code in _BUSY:
        return JournalBusy(
            f"{path} is locked by another process, which did not let go of it in time. "
            "End what works on this file, then try again."
        )
    if code in _CLOSED:
        return JournalError(f"{path} cannot be opened or written ({error}). Look at its permissions and its folder's.")
    if extended in _SHORT or code in _DAMAGED or code == sqlite3.SQLITE_ERROR or code is None:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_IOERR:
        return JournalError(f"{path} cannot be read or written: {error}. Look at the disk, then try again.")
    return JournalError(f"{path}: SQLite says “{error}”. Nothing was changed.")


def damaged(path: Path, why: str) -> JournalDamaged:
    """The file is not, or no longer, what was written into it."""
    if path.name == SHARED_NAME:
        return shared_damaged(path, why)
    return JournalDamaged(
        f"{path} is damaged or is not the journal of a batch: {why}. Nothing is sent from it. Put a copy from before "
        f"in its place and run “smtptui batch recover {path.stem}”, or delete the batch."
    )


def shared_damaged(path: Path, why: str) -> JournalDamaged:
    """The same of the file that all batches share."""
    return JournalDamaged(
        f"{path} is damaged: {why}. It keeps suppressions, daily caps and how far batches have come. Put a copy from "
        "before in its place; or move it away, suppress again whom you must not write to, and run “smtptui batch "
        "recover” for each batch."
    )


def unreachable(error: OSError, path: Path) -> JournalError:
    """The operating system refused."""
    return JournalError(f"{path} cannot be used: {(error.strerror or str(error)).rstrip('.')}.")
