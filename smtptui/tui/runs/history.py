"""The sessions since the app was opened, so that an earlier one can be looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from smtptui.session import Progress
    from smtptui.transcript import CertificateFacts, Outcome, TlsFacts, Transcript

KEPT = 50
"""Sessions that are kept; then the oldest gives way."""


class ObservedSession(Protocol):
    """A session to look at, as :class:`smtptui.session.SessionRun` offers it."""

    @property
    def transcript(self) -> "Transcript":
        """What happened so far."""
        ...

    @property
    def outcome(self) -> "Outcome | None":
        """How it ended."""
        ...

    @property
    def tls(self) -> "TlsFacts | None":
        """Its TLS, from the handshake on."""
        ...

    @property
    def chain(self) -> "tuple[CertificateFacts, ...]":
        """The certificates the server showed, also where the handshake failed."""
        ...

    def progress(self) -> "Progress":
        """Where it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Past:
    """A session with a name for it: the server, or the file it was read from."""

    observed: ObservedSession
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

    def add(self, entry: Past, live: ObservedSession | None = None) -> None:
        """Keep one more; ``live`` still runs and does not give way."""
        self._entries.append(entry)
        while len(self._entries) > self._kept:
            oldest = next((each for each in self._entries[:-1] if each.observed is not live), None)
            if oldest is None:
                return
            self._entries.remove(oldest)
            oldest.observed.transcript.close()

    def close(self) -> None:
        """Give all their spools back."""
        for entry in self._entries:
            entry.observed.transcript.close()
