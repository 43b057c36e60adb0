"""Writing a file of the user beside its place and renaming it: after a crash or on a full disk the old one is whole."""

import contextlib
import errno
import fcntl
import io
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from smtptui.config.target import Target, resolve

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700
_OURS = re.compile(r"\..+\.[0-9a-f]{16}\.smtptui", re.DOTALL)
_EARLIER = re.compile(r"\.(?:[0-9a-f]{16}|[0-9a-f]{8}\.part)")
"""What followed the file's name in earlier versions."""
_TRIES = 5
_BUFFER = 1 << 16
_EFFECTIVE = os.access in os.supports_effective_ids
_NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK, errno.EACCES})
_UNWRITABLE_FOLDER = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class WriteError(Exception):
    """The file could not be written, and the old one, if any, is whole; a sentence says why."""

    def __init__(self, path: Path, error: OSError, *, creating: bool) -> None:
        self.reason = (error.strerror or str(error)).rstrip(".")
        """The cause as a clause, without the file's name."""
        done = "created" if creating else "written"
        super().__init__(f"{path} cannot be {done}: {self.reason}. Nothing was changed.")
        self.path = path
        self.creating = creating
        """Whether no file could be made there at all, as where a directory may not be written to."""


class Replacement:
    """A new content for a file, written beside it and put in its place by :meth:`commit`, in one step.

    Until then the old file stays as it is. The user's own symbolic links stay, and the file they name is replaced;
    another hard link to the old file keeps the old content. An existing file keeps its permissions, and its owner and
    access list if the system lets us; a new one is for its owner alone (0600), as is every one if ``private``. With
    ``parents`` missing directories are made (0700). Files that killed commands left in the directory are removed.

    Pipes, devices and open files such as /dev/stdout are written in place, or refused if it must be a ``regular``
    file; a pipe's reader is waited for unless ``patient`` is False. Without ``overwrite`` an existing file raises
    :class:`FileExistsError`, also if it appears meanwhile.

    Use it in a ``with`` block, or call :meth:`commit` or :meth:`discard`. Every method raises :class:`WriteError`.
    """

    def __init__(
        self,
        path: Path,
        *,
        private: bool = False,
        overwrite: bool = True,
        parents: bool = False,
        regular: bool = False,
        patient: bool = True,
    ) -> None:
        self._path = path
        self._private = private
        self._overwrite = overwrite
        self._directory: int | None = None
        self._temporary: str | None = None
        self._done = False
        if not overwrite and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        try:
            self.target: Target = resolve(path)
            if regular and self.target.in_place:
                # A success at writing to /dev/null would keep nothing.
                raise OSError(errno.EINVAL, "it is not a regular file")
            descriptor = self._in_place(patient) if self.target.in_place else self._beside(parents)
        except OSError as error:
            self._close_directory()
            raise WriteError(path, error, creating=True) from error
        self._file = io.BufferedWriter(io.FileIO(descriptor, "wb"), _BUFFER)

    def write(self, data: bytes) -> None:
        """Add to the new content."""
        try:
            self._file.write(data)
        except OSError as error:
            self.discard()
            raise WriteError(self._path, error, creating=False) from error

    def commit(self, check: Callable[[], None] | None = None) -> None:
        """Put the new content in place, durably. ``check`` is called last before it, and may raise to prevent it."""
        try:
            self._file.flush()
            if self._temporary is not None:
                os.fsync(self._file.fileno())
                self._put_in_place(self._temporary, check)
            self._file.close()
        except FileExistsError:
            self.discard()
            raise
        except OSError as error:
            self.discard()
            raise WriteError(self._path, error, creating=False) from error
        except BaseException:
            self.discard()
            raise
        self._done = True
        self._close_directory()

    def discard(self) -> None:
        """Forget the new content; the old file stays. Does nothing after :meth:`commit`."""
        if self._done:
            return
        self._done = True
        if self._temporary is not None and self._directory is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary, dir_fd=self._directory)
        # What it holds back must not be written by a later flush either.
        with contextlib.suppress(OSError):
            self._file.raw.close()
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
        self._close_directory()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.discard()
        elif not self._done:
            self.commit()

    def _in_place(self, patient: bool) -> int:
        if self.target.descriptor is not None:
            return os.dup(self.target.descriptor)
        wait = 0 if patient else os.O_NONBLOCK
        try:
            descriptor = os.open(self.target.place, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC | wait)
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise OSError(errno.ENXIO, "no program reads from it") from error
            raise
        os.set_blocking(descriptor, True)
        return descriptor

    def _beside(self, parents: bool) -> int:
        place = self.target.place
        if self.target.found is not None and not os.access(place, os.W_OK, effective_ids=_EFFECTIVE):
            raise PermissionError(errno.EACCES, "it is read-only; make it writable (chmod u+w), or name another file")
        if parents:
            make_directory(place.parent)
        self._directory = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        remove_leftovers(self._directory, place.name)
        try:
            self._temporary, descriptor = _unfinished(self._directory, place.name)
        except OSError as error:
            if self.target.found is None or error.errno not in _UNWRITABLE_FOLDER:
                raise
            raise OSError(
                error.errno,
                f"its folder {place.parent} cannot be written to, and writing over the file itself could lose it; "
                "choose another folder",
            ) from error
        try:
            self._take_over(descriptor)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary, dir_fd=self._directory)
            os.close(descriptor)
            raise
        return descriptor

    def _take_over(self, descriptor: int) -> None:
        """Give the new file the owner and the permissions of the old one; never more than those."""
        # The umask may have taken more than it should.
        os.fchmod(descriptor, PRIVATE_FILE)
        old = self.target.found
        if old is None:
            return
        new = os.fstat(descriptor)
        mode = PRIVATE_FILE if self._private else stat.S_IMODE(old.st_mode) & 0o777
        for wanted in ((old.st_uid, old.st_gid), (-1, old.st_gid)):
            # Root who changes a user's file must not take it from them.
            with contextlib.suppress(OSError):
                if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
                    os.fchown(descriptor, *wanted)
                break
        if os.fstat(descriptor).st_gid != old.st_gid:
            # The group's permissions were meant for another group.
            mode &= ~0o070
        os.fchmod(descriptor, mode)
        if not self._private and hasattr(os, "getxattr"):
            _copy_access_list(self.target.place, descriptor)

    def _put_in_place(self, temporary: str, check: Callable[[], None] | None) -> None:
        directory, name = self._directory, self.target.place.name
        assert directory is not None
        with _locked(directory):
            # As late as can be: whatever was written until now is seen.
            if check is not None:
                check()
            if self._overwrite:
                os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
            else:
                _name_if_free(directory, temporary, name)
        self._temporary = None
        # The file itself is safe by now; some file systems cannot do this to a directory.
        with contextlib.suppress(OSError):
            os.fsync(directory)

    def _close_directory(self) -> None:
        if self._directory is not None:
            os.close(self._directory)
            self._directory = None


def make_directory(directory: Path) -> None:
    """Make a directory for its owner alone, and the missing ones above it."""
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for each in reversed(missing):
        # Another process may make it at the same moment.
        with contextlib.suppress(FileExistsError):
            each.mkdir(PRIVATE_DIRECTORY)


def remove_leftovers(directory: int, name: str) -> None:
    """Remove what killed commands left in this directory: our files that no process holds a lock on.

    Of the files that earlier versions made, only those for ``name`` are removed.
    """
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if _OURS.fullmatch(entry.name) or (
                entry.name.startswith(f".{name[:200]}.") and _EARLIER.fullmatch(entry.name, len(name[:200]) + 1)
            ):
                _remove_unlocked(directory, entry.name)


def _remove_unlocked(directory: int, name: str) -> None:
    # A link or a pipe of that name is not ours, nor is the file of another user.
    with contextlib.suppress(OSError):
        descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
        try:
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(name, dir_fd=directory)
        finally:
            os.close(descriptor)


def _unfinished(directory: int, name: str) -> tuple[str, int]:
    """A new file in the same directory, so that a rename can put it in place; locked, so that nobody sweeps it away."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    for _ in range(_TRIES):
        temporary = f".{_cut(name)}.{secrets.token_hex(8)}.smtptui"
        descriptor = os.open(temporary, flags, PRIVATE_FILE, dir_fd=directory)
        # Some network file systems have no locks; there leftovers are not removed either.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.lstat(temporary, dir_fd=directory)):
                return temporary, descriptor
        os.close(descriptor)
    raise OSError(errno.EBUSY, "another process removed the unfinished file")


def _cut(name: str) -> str:
    """The beginning of a name, so that what is added fits into the 255 octets that file systems allow."""
    return os.fsdecode(os.fsencode(name)[:200]) if len(os.fsencode(name)) > 200 else name


def _name_if_free(directory: int, temporary: str, name: str) -> None:
    """Give the file its name; raises :class:`FileExistsError` if something has it by now."""
    try:
        os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links: the name is taken first, by an empty file.
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE, dir_fd=directory))
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        return
    os.unlink(temporary, dir_fd=directory)


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


def _copy_access_list(old: Path, descriptor: int) -> None:
    # Most file systems have none, and some do not let us read or set them.
    with contextlib.suppress(OSError):
        access = os.getxattr(old, "system.posix_acl_access", follow_symlinks=False)
        os.setxattr(descriptor, "system.posix_acl_access", access)
