"""Resolves where a write goes: through the user's symbolic links, never through another user's, in place if need be."""

import errno
import os
import pwd
import re
import stat
from dataclasses import dataclass
from pathlib import Path

_MOST_LINKS = 40
"""Symbolic links followed for one path, as Linux does."""
_OF_PROCESS = re.compile(r"/proc/(\d+)(?:/task/\d+)?/fd")
_OTHERS_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names once every symbolic link on the way is resolved."""

    place: Path
    found: os.stat_result | None
    """None if nothing is there yet."""
    descriptor: int | None = None
    """Set if the path names an open file of this process, such as /dev/stdout or a process substitution."""

    @property
    def in_place(self) -> bool:
        """Whether it is written as it is: a pipe, a device or an open file, which no new file can replace."""
        return self.descriptor is not None or (self.found is not None and not stat.S_ISREG(self.found.st_mode))


def resolve(path: Path) -> Target:
    """Find what a write to ``path`` would change. Nothing is opened or made.

    Raises :class:`OSError`, whose text is a clause, if that is nothing to write to, or if it was put there by another
    user: a symbolic link in a folder that others can write to, or a file or pipe in one that everybody can write to.
    """
    place, descriptor = _follow(path)
    if descriptor is not None:
        return Target(place, None, descriptor)
    try:
        found = os.lstat(place)
    except FileNotFoundError:
        if str(path).endswith(os.sep):
            raise IsADirectoryError(errno.EISDIR, "it names a directory; name a file in it") from None
        return Target(place, None)
    kind = found.st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, "it is a directory; name a file in it")
    if stat.S_ISSOCK(kind) or stat.S_ISBLK(kind):
        raise OSError(errno.EINVAL, f"it is a {'socket' if stat.S_ISSOCK(kind) else 'disk'}; name a file")
    if not stat.S_ISCHR(kind):
        _refuse_planted(place, found)
    return Target(place, found)


def _follow(path: Path) -> tuple[Path, int | None]:
    """The path without a symbolic link in it, and the open file of this process that it names."""
    current = "/" if path.is_absolute() else os.getcwd()
    remaining = list(reversed(path.parts[1:] if path.is_absolute() else path.parts))
    links = 0
    while remaining:
        part = remaining.pop()
        if part == os.pardir:
            current = os.path.dirname(current)
            continue
        here = os.path.join(current, part)
        if not remaining and (number := _open_file(current, part)) is not None:
            return Path(here), number
        try:
            found = os.lstat(here)
        except FileNotFoundError:
            current = here
            continue
        if not stat.S_ISLNK(found.st_mode):
            current = here
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        _refuse_foreign_link(current, here, found)
        destination = os.readlink(here)
        if _OF_PROCESS.fullmatch(current):
            # Another process's: the link may name a pipe, which only the system can follow.
            current = here
            continue
        if os.path.isabs(destination):
            current = "/"
        remaining += [each for each in reversed(Path(destination).parts) if each != "/"]
    return Path(current), None


def _open_file(directory: str, name: str) -> int | None:
    if not name.isdecimal() or not name.isascii():
        return None
    ours = _OF_PROCESS.fullmatch(directory)
    if directory == "/dev/fd" or (ours is not None and int(ours[1]) == os.getpid()):
        return int(name)
    return None


def _refuse_foreign_link(directory: str, link: str, found: os.stat_result) -> None:
    folder = os.stat(directory)
    if found.st_uid in (os.geteuid(), folder.st_uid, 0) or not folder.st_mode & _OTHERS_WRITE:
        return
    raise PermissionError(
        errno.EPERM,
        f"{link} is a symbolic link that {_user(found.st_uid)} made in a folder that others can write to; "
        "choose another name",
    )


def _refuse_planted(place: Path, found: os.stat_result) -> None:
    folder = os.stat(place.parent)
    if found.st_uid in (os.geteuid(), folder.st_uid, 0) or not folder.st_mode & stat.S_IWOTH:
        return
    raise PermissionError(
        errno.EPERM,
        f"it belongs to {_user(found.st_uid)}, in a folder that everybody can write to; choose another name",
    )


def _user(uid: int) -> str:
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user {uid}"
