"""One session in a test: the connection to a test server, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from smtptui.dns import Resolver
from smtptui.protocol import (
    Body,
    Connection,
    Credentials,
    Envelope,
    EventKind,
    FailureKind,
    Recipient,
    Ret,
    Secret,
    Stage,
    TlsMode,
    TlsSettings,
)
from smtptui.session import ExitAfter, Gate, Request, SessionRun
from smtptui.transcript import Failure, Outcome, Transcript, Verdict, describe, to_text
from tests.servers.certificates import Certificates

SENDER = "sender@good.test"
MESSAGE = b"From: sender@good.test\r\nSubject: a test\r\n\r\n.a line with a dot\r\nthe end\r\n"


@dataclass(frozen=True)
class Sent:
    """What came of a session."""

    outcome: Outcome
    transcript: Transcript

    @property
    def failure(self) -> Failure:
        """The failure; there must be one."""
        assert self.outcome.failure is not None, self.text
        return self.outcome.failure

    @property
    def kind(self) -> FailureKind:
        """What kind of failure it is; there must be one."""
        return self.failure.kind

    @property
    def stage(self) -> Stage:
        """Where it failed; it must have."""
        return self.failure.stage

    @property
    def sentence(self) -> str:
        """The outcome as people read it."""
        return describe(self.outcome)

    @property
    def text(self) -> str:
        """The transcript as a page."""
        return to_text(self.transcript)

    @property
    def verdicts(self) -> list[Verdict]:
        """Each recipient's, in their order."""
        return [recipient.verdict for recipient in self.outcome.recipients]

    def texts(self, *kinds: EventKind, stage: Stage | None = None) -> list[str]:
        """The texts of all events of these kinds."""
        return [event.text for event in self.transcript if event.kind in kinds and stage in (None, event.stage)]

    @property
    def commands(self) -> list[str]:
        """What was said, masked."""
        return self.texts(EventKind.COMMAND, EventKind.CONTINUATION)

    @property
    def notes(self) -> str:
        """All notes and facts about TLS, one a line."""
        return "\n".join(self.texts(EventKind.NOTE, EventKind.CONNECT, EventKind.TLS))


def to(
    certificates: Certificates,
    port: int,
    mode: TlsMode = TlsMode.NONE,
    *,
    host: str = "127.0.0.1",
    tls: Mapping[str, object] | None = None,
    **settings: object,
) -> Connection:
    """A connection to a test server whose authority is trusted; ``tls`` has more of its TLS settings."""
    given: dict[str, object] = {"mode": mode, "ca_file": certificates.ca_file} | dict(tls or {})
    # The default depends on the machine's name.
    settings = {"ehlo_name": "[127.0.0.1]"} | settings
    return Connection(host, port, TlsSettings(**given), **settings)  # type: ignore[arg-type]


def password(user: str, secret: str, authorization_id: str = "") -> Credentials:
    """A user with a password."""
    return Credentials(user, Secret(secret), authorization_id=authorization_id)


def token(user: str, secret: str) -> Credentials:
    """A user with an access token."""
    return Credentials(user, token=Secret(secret))


async def send(
    connection: Connection,
    *recipients: str | Recipient,
    sender: str = SENDER,
    content: bytes = MESSAGE,
    credentials: Credentials | None = None,
    ret: Ret | None = None,
    envid: str | None = None,
    body: Body | None = None,
    smtputf8: bool = False,
    utf8_headers: bool = False,
    exit_after: ExitAfter | None = None,
    gate: Gate | None = None,
    resolver: Resolver | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Sent:
    """Run a session, to ``alice@good.test`` unless said otherwise."""
    them = recipients or ("alice@good.test",)
    envelope = Envelope(
        sender,
        tuple(each if isinstance(each, Recipient) else Recipient(each) for each in them),
        ret,
        envid,
        body,
        smtputf8,
    )
    request = Request(connection, envelope, content, credentials, utf8_headers, exit_after)
    run = SessionRun(request, gate=gate, resolver=resolver, now=now)
    outcome = await run.run()
    return Sent(outcome, run.transcript)
