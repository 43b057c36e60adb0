"""What the log shows: a session that runs, one that is over, or one that was read from a file."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from smtptui.session import Progress
    from smtptui.transcript import CertificateFacts, Outcome, TlsFacts, Transcript


class Subject(Protocol):
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
