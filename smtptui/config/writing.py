"""Writing a file of the user: all of it or nothing, for its owner alone, through a symbolic link to what it names."""

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smtptui.config.reading import FileImage, read_file

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


class ChangedMeanwhile(Exception):
    """Another program wrote the file since it was read; it was left as that program made it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was changed by another program meanwhile. Nothing was written; look at it again.")
        self.path = path


class WriteError(Exception):
    """The file could not be written, and is as it was; a sentence says why."""

    def __init__(self, path: Path, error: OSError, *, creating: bool) -> None:
        reason = (error.strerror or str(error)).rstrip(".")
        super().__init__(f"{path} cannot be {'created' if creating else 'written'}: {reason}. Nothing was changed.")
        self.path = path
        self.creating = creating
        """Whether no file could be made there at all, as where a directory may not be written to."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What writing did besides."""

    image: FileImage
    """The file as it is now."""
    closed: bool
    """Whether others could read or write the file before; now its owner alone can."""


def write_private(path: Path, data: bytes, *, expected: FileImage | None = None) -> WriteResult:
    """Put ``data`` in the place of what the file holds, in one step, readable by its owner alone (0600).

    After a crash there is the old content or the new. Directories that are missing are made (0700); where the
    path is a symbolic link, the link stays and the file it names is replaced. With ``expected`` nothing is written
    unless the file still holds just that: size and times may lie, so the octets are compared.

    Raises :class:`ChangedMeanwhile` and :class:`WriteError`.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            # Renaming over /dev/null would be a success nobody wants.
            raise OSError(errno.EINVAL, "It is no regular file")
        _make_directory(target.parent)
        directory = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise WriteError(path, error, creating=True) from error
    try:
        temporary, descriptor = _beside(directory, target.name, path)
        try:
            _fill(descriptor, data, path)
            with _locked(directory):
                # As late as can be: whatever was written until now is seen.
                before = _now(target, path)
                if expected is not None and before.data != expected.data:
                    raise ChangedMeanwhile(path)
                _keep_owner(descriptor, directory, target.name)
                try:
                    os.rename(temporary, target.name, src_dir_fd=directory, dst_dir_fd=directory)
                except OSError as error:
                    raise WriteError(path, error, creating=False) from error
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=directory)
            raise
        finally:
            os.close(descriptor)
        # The file itself is safe by now; some file systems cannot do this to a directory.
        with contextlib.suppress(OSError):
            os.fsync(directory)
    finally:
        os.close(directory)
    closed = before.data is not None and bool(before.mode & ~PRIVATE_FILE)
    return WriteResult(_now(target, path), closed)


def _now(target: Path, path: Path) -> FileImage:
    try:
        return read_file(target)
    except OSError as error:
        raise WriteError(path, error, creating=False) from error


def _make_directory(directory: Path) -> None:
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for each in reversed(missing):
        # Whoever else makes it at the same moment does no harm.
        with contextlib.suppress(FileExistsError):
            each.mkdir(PRIVATE_DIRECTORY)


def _beside(directory: int, name: str, path: Path) -> tuple[str, int]:
    """A new file in the same directory, so that a rename can put it in place."""
    temporary = f".{name[:200]}.{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return temporary, os.open(temporary, flags, PRIVATE_FILE, dir_fd=directory)
    except OSError as error:
        raise WriteError(path, error, creating=True) from error


def _fill(descriptor: int, data: bytes, path: Path) -> None:
    try:
        # The umask may have taken more than it should.
        os.fchmod(descriptor, PRIVATE_FILE)
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError as error:
        raise WriteError(path, error, creating=False) from error


@contextlib.contextmanager
def _locked(directory: int) -> Iterator[None]:
    """Keep other smtptui processes from the moment between looking and renaming; others know no such lock."""
    # Some network file systems have no locks; then there is the comparison alone.
    with contextlib.suppress(OSError):
        fcntl.flock(directory, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            fcntl.flock(directory, fcntl.LOCK_UN)


def _keep_owner(descriptor: int, directory: int, name: str) -> None:
    """Root who changes a user's file must not take it from them."""
    with contextlib.suppress(OSError):
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode) and (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, found.st_uid, found.st_gid)
