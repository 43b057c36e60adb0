"""What a session came to: per recipient, for the whole, and the reason where it failed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from smtptui.protocol import FailureKind, Reply, Stage


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and why it ended; ``message`` is a sentence that says what happened and what to do."""

    stage: Stage
    kind: FailureKind
    message: str
    reply: Reply | None = None


class SessionError(Exception):
    """Raised inside a session to end it; carries the :class:`Failure`."""

    def __init__(self, stage: Stage, kind: FailureKind, message: str, reply: Reply | None = None) -> None:
        super().__init__(message)
        self.failure = Failure(stage, kind, message, reply)


class Verdict(StrEnum):
    """What became of one recipient."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    UNTRIED = "untried"
    UNREADABLE = "unreadable"
    """Named by the message, left out since it cannot be read as an address."""


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """One recipient: the stage that decided, the reply there, and the verdict."""

    address: str
    """For one that is unreadable what stands in its place."""
    verdict: Verdict
    stage: Stage | None = None
    reply: Reply | None = None
    reason: str | None = None
    """Why it was left out, for one that is unreadable: field, text and what is wrong."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Who was spoken to. ``address`` and ``local`` are ``IP:port`` (``[IP]:port`` for IPv6) once connected."""

    host: str
    port: int
    address: str | None = None
    local: str | None = None


EXPIRES_SOON = 14
"""Days before a certificate's end from which on it is said."""


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """One certificate in words. Times are UTC; ``sha256`` is hexadecimal, of the DER form."""

    subject: str
    names: tuple[str, ...]
    issuer: str
    not_before: datetime
    not_after: datetime
    sha256: str
    key: str
    """Kind and size of the key, as in ``RSA 2048`` or ``EC secp256r1``."""
    signature: str
    """Hash of the signature, as in ``sha256``."""

    def days_left(self, now: datetime) -> int:
        """Whole days until it expires; negative when it has."""
        return (self.not_after - now).days


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """The TLS a session used. ``chain`` begins with the server's own certificate."""

    version: str
    cipher: str
    chain: tuple[CertificateFacts, ...]
    verified: bool
    verification: str
    """The result of the check in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a session. ``ok`` means all that was asked for was done: every recipient accepted, or the
    stage asked for was reached."""

    ok: bool
    started: datetime
    took: float
    server: ServerFacts
    tls: TlsFacts | None
    auth: str | None
    recipients: tuple[RecipientOutcome, ...]
    reply: Reply | None
    """The reply that decided: to the dot, or the one that ended the session."""
    queue_id: str | None
    failure: Failure | None

    @property
    def left(self) -> tuple[str, ...]:
        """Addresses of those to send to again once others have the message: deferred, or not tried.

        Nobody if no one has it: then the same once more is right. Who was refused, or may have it, is not among them.
        """
        if not any(each.stage is Stage.DOT and each.verdict is Verdict.ACCEPTED for each in self.recipients):
            return ()
        return tuple(each.address for each in self.recipients if each.verdict in (Verdict.DEFERRED, Verdict.UNTRIED))
