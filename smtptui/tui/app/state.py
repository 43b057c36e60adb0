"""What the app remembers from one start to the next: the form, the theme; never a secret."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

SIZE_LIMIT = 4 * 1024 * 1024
"""Octets of a state file."""
_FORMAT = 1

Section = dict[str, object]


class StateFile:
    """A small JSON file with sections. Two apps may share it: each writes only the sections it changes.

    Whatever is there instead of a state, the app starts; :attr:`trouble` says what was lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        """A sentence, when something could not be read or written; empty as long as all went well."""

    def read(self) -> dict[str, Section] | None:
        """All sections; None where there is no file, or none that can be used."""
        try:
            data = _content(self.path)
        except OSError as error:
            self.trouble = f"{self.path} cannot be read ({error.strerror}), so the app starts with an empty form."
            return None
        if data is None:
            return None
        sections = _sections(data)
        if sections is None:
            self.trouble = f"{self.path} is damaged or not smtptui's, so the last form is lost; a new one replaces it."
        return sections

    def write(self, changes: Mapping[str, Section]) -> None:
        """Replace these sections and keep the others; blocks until it is on the disk. Never raises."""
        # Imported only now: the first paint reads the state, and does not wait for what writes files.
        from smtptui.config import WriteError, write_private

        try:
            data = _content(self.path)
        except OSError:
            data = None
        sections = {**((_sections(data) if data else None) or {}), **changes}
        text = json.dumps({"format": _FORMAT, **sections}, indent=1) + "\n"
        if len(text) > SIZE_LIMIT:
            self.trouble = "The form is too large to be remembered; save the message as a draft to keep it."
            return
        try:
            write_private(self.path, text.encode("ascii"))
        except (WriteError, OSError) as error:
            self.trouble = f"The form will not be remembered: {error}"
        else:
            self.trouble = ""


def _content(path: Path) -> bytes | None:
    """What the file holds; of one that is too large nothing. Raises :class:`OSError`."""
    try:
        # Not blocking: a pipe nobody writes to must not hold the app.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        data = file.read(SIZE_LIMIT + 1)
    return data if len(data) <= SIZE_LIMIT else b""


def _sections(data: bytes) -> dict[str, Section] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.pop("format", None) != _FORMAT:
        return None
    return {name: section for name, section in found.items() if isinstance(section, dict)}
