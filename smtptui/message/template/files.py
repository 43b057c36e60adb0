"""Attachments that a template names: kept inside a folder, read once, each row's own among the last that were used."""

import base64
import hashlib
import itertools
import os
import re
import stat
from collections import OrderedDict
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from smtptui.message.draft import Attachment
from smtptui.message.message import MessageError
from smtptui.message.part import Part, file_part
from smtptui.protocol import visible

MOST_OCTETS = 64 * 1024 * 1024
"""Octets of one file."""
_LISTED = 1000
"""Names of a folder that are looked at for the one that was meant."""
_KEPT = 64 * 1024 * 1024
"""Octets of files that are kept for the rows to come."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was read, and the part that it is in a message."""

    path: Path
    """Absolute, without symbolic links."""
    attachment: Attachment
    """With the content id that it has where the HTML shows it."""
    part: Part
    inline_part: Part
    note: str | None


class FileError(MessageError):
    """A file that cannot be attached; ``reason`` is the sentence without its name."""

    def __init__(self, name: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Attachment {visible(name)!r}: {reason}")


class Folder:
    """The files a template may name."""

    def __init__(self, base: Path | None, fence: Path | None) -> None:
        self._base = base
        self._fence = fence.resolve() if fence is not None else None
        self._kept: OrderedDict[tuple[Path, int, int, int], StoredFile] = OrderedDict()
        self._size = 0

    def path_of(self, name: str) -> Path:
        """Where a file is; raises :class:`MessageError` for one outside of the folder."""
        if not name.strip():
            raise MessageError("Attachment: there is no file name.")
        if self._base is None or self._fence is None:
            raise FileError(name, "no folder is named that attachments may be taken from.")
        if "\0" in name:
            raise FileError(name, "a file name has no NUL.")
        try:
            relative = Path(name.strip()).expanduser()
            path = (self._base / relative).resolve()
            if not (path.is_relative_to(self._fence) and path.exists()):
                # Relative names begin beside the template; what is not there is looked for in the files folder.
                inside = (self._fence / relative).resolve()
                path = inside if inside.is_relative_to(self._fence) and inside.exists() else path
        except (OSError, RuntimeError) as error:
            raise FileError(name, f"the file cannot be found: {_reason(error)}") from error
        if not path.is_relative_to(self._fence):
            raise FileError(
                name,
                f"the file is outside of {visible(str(self._fence))}; move it there, or give --files a folder that "
                "has both.",
            )
        return path

    def read(self, name: str) -> StoredFile:
        """The file of this name as it is now; raises :class:`MessageError`."""
        path = self.path_of(name)
        try:
            # Not blocking, since the name may be that of a pipe, which nobody writes to.
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                facts = os.fstat(handle)
                if not stat.S_ISREG(facts.st_mode):
                    raise FileError(name, f"{visible(str(path))} is not a file.")
                if facts.st_size > MOST_OCTETS:
                    raise FileError(
                        name,
                        f"{facts.st_size:,} octets are more than a message can have ({MOST_OCTETS:,}); give a link "
                        "instead.",
                    )
                key = (path, facts.st_ino, facts.st_size, facts.st_mtime_ns)
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
                with open(handle, "rb", closefd=False) as file:
                    content = file.read(MOST_OCTETS)
            finally:
                os.close(handle)
        except FileNotFoundError as error:
            raise FileError(name, f"there is no file {visible(str(path))}{_meant(name, path)}.") from error
        except OSError as error:
            raise FileError(name, f"the file cannot be read: {_reason(error)}") from error
        found = stored(Attachment(path.name, content, Attachment.media_type(path.name)), path)
        self._keep(key, found)
        return found

    def _keep(self, key: tuple[Path, int, int, int], file: StoredFile) -> None:
        self._kept[key] = file
        self._size += _weight(file)
        while self._size > _KEPT and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= _weight(oldest)


def stored(attachment: Attachment, path: Path = Path()) -> StoredFile:
    """The parts of a file, encoded once; raises :class:`MessageError`."""
    content_id = attachment.content_id or _content_id(attachment)
    shown = Attachment(attachment.name, attachment.content, attachment.content_type, content_id)
    part, note = file_part("Attachment", attachment)
    inline, _ = file_part("Inline file", shown, content_id=content_id)
    return StoredFile(path, shown, part, Part(inline.headers, part.body), note)


def _content_id(attachment: Attachment) -> str:
    """Of what is the same for everybody; the same file may have the same id in every message (RFC 2392)."""
    seed = hashlib.blake2b(
        attachment.content,
        digest_size=12,
        key=hashlib.sha256(attachment.name.encode("utf-8", "surrogateescape")).digest(),
    )
    return f"{base64.b32encode(seed.digest()).decode('ascii').rstrip('=').lower()}@inline.invalid"


def _meant(name: str, path: Path) -> str:
    """What may help with a file that is not there."""
    if re.search(r"\.\w+\s*[,;]\s*\S", name):
        return "; write an ATTACHMENT line for each file"
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in itertools.islice(entries, _LISTED)]
    except OSError:
        return ""
    same = [each for each in names if each.casefold() == path.name.casefold()]
    near = same or get_close_matches(path.name, names, 1, 0.8)
    return f" (is “{visible(near[0])}” meant?)" if near else ""


def _weight(file: StoredFile) -> int:
    return len(file.attachment.content) + len(file.part.body)


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{text}."
