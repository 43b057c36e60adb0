"""The sessions of this sitting, so that an earlier one can be looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtptui.tui.session.subject import Subject

KEPT = 50
"""Sessions that are kept; then the oldest gives way."""


@dataclass(frozen=True, slots=True)
class Past:
    """A session with a name for it: the server, or the file it was read from."""

    subject: Subject
    label: str
    file: bool = False


class History:
    """Sessions in the order in which they began; the oldest gives way and its spool is closed."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._entries: list[Past] = []

    @property
    def entries(self) -> Sequence[Past]:
        """The oldest first."""
        return tuple(self._entries)

    def add(self, entry: Past, live: Subject | None = None) -> None:
        """Keep one more; ``live`` still runs and does not give way."""
        self._entries.append(entry)
        while len(self._entries) > self._kept:
            oldest = next((each for each in self._entries[:-1] if each.subject is not live), None)
            if oldest is None:
                return
            self._entries.remove(oldest)
            oldest.subject.transcript.close()

    def close(self) -> None:
        """Give all their spools back."""
        for entry in self._entries:
            entry.subject.transcript.close()
