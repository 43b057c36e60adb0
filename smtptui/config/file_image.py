"""A file of the user, read whole, and whether it is still the one that was read."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from smtptui.config.parsing import SIZE_LIMIT


@dataclass(frozen=True, slots=True)
class FileImage:
    """What a file held when it was read; ``data`` is None for one that was not there."""

    data: bytes | None
    stamp: tuple[int, ...] = ()
    """Device, inode, size, times of change: who has the same ones need not read it again."""
    mode: int = 0


def read_file(path: Path) -> FileImage:
    """Read a file; of one that is too large, just enough to see that. Raises :class:`OSError`."""
    try:
        # Not blocking: a pipe nobody writes to must not hold the app.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return FileImage(None)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISCHR(found.st_mode)):
            raise OSError(errno.EINVAL, "It is no regular file", str(path))
        return FileImage(file.read(SIZE_LIMIT + 1), _stamp(found), stat.S_IMODE(found.st_mode))


def unchanged(path: Path, image: FileImage) -> bool:
    """Whether the file still is what was read; reads it again only where its times say it might not be."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return image.data is None
    except OSError:
        return False
    if image.data is None:
        return False
    try:
        return _stamp(found) == image.stamp or read_file(path).data == image.data
    except OSError:
        return False


def _stamp(found: os.stat_result) -> tuple[int, ...]:
    # st_ctime cannot be set back: it tells also a change that restores size and time.
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
