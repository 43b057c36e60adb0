"""What is in a folder, and what of it a path that is being typed may mean."""

import itertools
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from smtptui.config import typed_path
from smtptui.protocol import visible
from smtptui.transcript import octets
from smtptui.tui.widgets.rows import Ink, Row

_SIZED = 5_000
"""Entries up to which each file is asked for its size: for more it would take too long on a slow disk."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A folder or a file; folders come first, case does not matter."""

    file: bool
    folded: str
    name: str
    size: int | None = field(default=None, compare=False)

    @property
    def hidden(self) -> bool:
        """Whether its name begins with a dot."""
        return self.name.startswith(".")


UP = Entry(False, "", "..")
"""The folder above."""


def read_folder(path: Path, stop: threading.Event) -> list[Entry]:
    """The entries of a folder, sorted; empty once ``stop`` is set. :class:`OSError` passes through."""
    found: list[tuple[bool, os.DirEntry[str]]] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if stop.is_set():
                return []
            found.append((_is_folder(entry), entry))
    sized = len(found) <= _SIZED
    return sorted(
        Entry(not folder, entry.name.casefold(), entry.name, _size(entry) if sized and not folder else None)
        for folder, entry in found
        if not stop.is_set()
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _size(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat().st_size
    except OSError:
        return None


def taken_apart(text: str, here: Path) -> tuple[Path, str]:
    """The folder that a typed path is about, and the beginning of a name in it."""
    head, slash, tail = text.rpartition("/")
    if not slash:
        return here, tail
    return Path(os.path.normpath(here / typed_path(head or "/"))), tail


def matching(entries: Sequence[Entry], beginning: str, *, hidden: bool) -> list[Entry]:
    """Entries whose names begin so; hidden ones only where they are wanted, or a dot is typed."""
    folded = beginning.casefold()
    hidden = hidden or beginning.startswith(".")
    return [entry for entry in entries if entry.folded.startswith(folded) and (hidden or not entry.hidden)]


def completed(entries: Sequence[Entry], beginning: str) -> str:
    """As much of a name as all ``entries`` have in common; a folder that stands alone gets its slash."""
    if not entries:
        return beginning
    if len(entries) == 1:
        return entries[0].name + ("" if entries[0].file else "/")
    # What the first and the last of them have in common, all between them have.
    names = [entry.name for entry in entries]
    letters = itertools.takewhile(lambda same: same[0] == same[1], zip(min(names), max(names), strict=False))
    common = "".join(same[0] for same in letters)
    # Where only the case differs, what was typed stays.
    return common if len(common) > len(beginning) else beginning


class EntryRows:
    """Entries as rows."""

    version = 0
    dropped = 0

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    def row(self, index: int) -> Row:
        """The entry at ``index`` in one line."""
        entry = self.entries[index]
        name = visible(entry.name)
        if not entry.file:
            return Row(((f"{name}/", Ink.STRONG),), "folder above" if entry is UP else "")
        return Row(((name, Ink.PLAIN),), octets(entry.size) if entry.size is not None else "")
