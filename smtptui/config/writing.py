"""Writing a file of the user that smtptui keeps: all of it or nothing, for its owner alone, unless it was changed."""

from dataclasses import dataclass
from pathlib import Path

from smtptui.config.file_image import FileImage, read_file
from smtptui.config.replacement import PRIVATE_FILE, Replacement, WriteError


class ChangedMeanwhile(Exception):
    """Another program wrote the file since it was read; it was left as that program made it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was changed by another program meanwhile. Nothing was written; look at it again.")
        self.path = path


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What writing did besides."""

    image: FileImage
    """The file as it is now."""
    closed: bool
    """Whether others could read or write the file before; now its owner alone can."""


def write_private(path: Path, data: bytes, *, expected: FileImage | None = None) -> WriteResult:
    """Replace what the file holds by ``data``, in one step, readable by its owner alone (0600).

    It is written as :class:`Replacement` does, but for regular files only; missing directories are made (0700).
    With ``expected`` nothing is written unless the file still holds just that: size and times may lie, so the octets
    are compared.

    Raises :class:`ChangedMeanwhile` and :class:`WriteError`.
    """
    file = Replacement(path, private=True, parents=True, patient=False, regular=True)
    target = file.target.place
    before = FileImage(None)

    def compare() -> None:
        nonlocal before
        before = _now(target, path)
        if expected is not None and before.data != expected.data:
            raise ChangedMeanwhile(path)

    file.write(data)
    file.commit(compare)
    closed = before.data is not None and bool(before.mode & ~PRIVATE_FILE)
    return WriteResult(_now(target, path), closed)


def _now(target: Path, path: Path) -> FileImage:
    try:
        return read_file(target)
    except OSError as error:
        raise WriteError(path, error, creating=False) from error
