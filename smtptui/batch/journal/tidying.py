"""What killed commands leave beside journals: half-made ones, half-deleted ones, locks; removed by the next command."""

import contextlib
import os
import re
import stat
from pathlib import Path

from smtptui.batch.journal.errors import JournalError
from smtptui.batch.journal.lock import give_back, lock_path, take

_UNFINISHED, _DOOMED = "new", "deleted"
_LEFT = re.compile(rf"\.(?P<journal>.+\.sqlite)\.(?:{_UNFINISHED}|{_DOOMED})(?:-wal|-shm|-journal)?")
_BLOCK = 1 << 20


def unfinished_place(path: Path) -> Path:
    """Where the journal for ``path`` is made."""
    return path.with_name(f".{path.name}.{_UNFINISHED}")


def doomed_place(path: Path) -> Path:
    """What the journal at ``path`` is called while it is deleted: from then on it is no batch any more."""
    return path.with_name(f".{path.name}.{_DOOMED}")


def discard_unfinished(path: Path) -> None:
    """Remove what was made of a journal; for the process that has its lock. Raises :class:`OSError`."""
    made = unfinished_place(path)
    for leftover in (made, Path(f"{made}-wal"), Path(f"{made}-shm"), Path(f"{made}-journal")):
        leftover.unlink(missing_ok=True)


def finish_deleting(path: Path) -> None:
    """Overwrite and remove a journal that has its doomed name, and its log; for the process that has its lock.

    The journal goes last: as long as it is there, a later command knows that its log is to go as well.
    """
    doomed = doomed_place(path)
    for file in (Path(f"{path}-wal"), Path(f"{path}-shm"), doomed):
        _overwrite(file)
        file.unlink(missing_ok=True)


def tidy_folder(folder: Path) -> None:
    """Remove what killed commands left among these journals; what a process holds a lock on is in use, and stays."""
    with contextlib.suppress(OSError):
        names = os.listdir(folder)
        found = {match["journal"] for name in names if (match := _LEFT.fullmatch(name))}
        # A command that ends before there is a journal leaves its lock alone.
        locks = {f"{name.removesuffix('.lock')}.sqlite" for name in names if name.endswith(".lock")}
        for name in sorted(found | (locks - set(names))):
            # Busy: in use. Anything else, such as a folder that cannot be written: left for whoever can.
            with contextlib.suppress(JournalError, OSError):
                _tidy(folder / name)


def _tidy(path: Path) -> None:
    lock = take(path, "being tidied", tries=1)
    try:
        discard_unfinished(path)
        if os.path.lexists(doomed_place(path)) and not path.exists():
            finish_deleting(path)
        if not path.exists():
            lock_path(path).unlink(missing_ok=True)
    finally:
        give_back(lock)


def _overwrite(path: Path) -> None:
    """Fill a file with zeros, durably; never by way of a symbolic link."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError:
        if path.is_symlink():
            return
        raise
    with open(descriptor, "r+b", buffering=0) as file:
        found = os.fstat(descriptor)
        remaining = found.st_size if stat.S_ISREG(found.st_mode) else 0
        while remaining > 0:
            remaining -= file.write(bytes(min(_BLOCK, remaining)))
        os.fsync(descriptor)
