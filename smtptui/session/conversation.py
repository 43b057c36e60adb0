"""One conversation with one server: its state, and the single way to say something, past the gate."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from smtptui.protocol import (
    Capabilities,
    EventKind,
    FailureKind,
    MailboxError,
    Reply,
    Stage,
    TlsMode,
    ascii_domain,
    encode,
    visible,
)
from smtptui.session.client import Client
from smtptui.session.envelope_commands import EnvelopeCommands, Prepared
from smtptui.session.gate import (
    COMMAND_ACTIONS,
    HELD_ACTIONS,
    PASS,
    Action,
    Decision,
    Gate,
    Pending,
)
from smtptui.session.recorder import Recorder
from smtptui.session.request import Request
from smtptui.session.timeouts import seconds
from smtptui.session.tls import Sighting
from smtptui.transcript import CertificateFacts, RecipientOutcome, ServerFacts, SessionError, TlsFacts, Verdict

_LAST_WORDS = frozenset({Stage.STARTTLS, Stage.QUIT})
"""Where what comes after the reply is judged by the step, or matters no more."""


class Leave(Exception):
    """The gate ends the session here: with QUIT, or without a word."""

    def __init__(self, *, drop: bool) -> None:
        super().__init__("drop" if drop else "quit")
        self.drop = drop


@dataclass(frozen=True, slots=True)
class Target:
    """A host to connect to and its addresses, or a UNIX socket when ``ips`` is empty."""

    host: str
    port: int
    ips: tuple[str, ...]


@dataclass
class Position:
    """Where the conversation is; written by it, read by watchers."""

    stage: Stage = Stage.CONNECT
    sent: int = 0
    total: int = 0


@dataclass
class Conversation:
    """State of a session under way. Steps read and write it; nothing else does."""

    request: Request
    prepared: Prepared
    target: Target
    recorder: Recorder
    gate: Gate | None
    now: Callable[[], datetime]
    nonce: Callable[[], str]
    ehlo_name: str | None = None
    position: Position = field(default_factory=Position)
    client: Client | None = None
    server: ServerFacts = field(default_factory=lambda: ServerFacts("", 0))
    capabilities: Capabilities = field(default_factory=Capabilities)
    tls: TlsFacts | None = None
    sighting: Sighting = field(default_factory=Sighting)
    chain: tuple[CertificateFacts, ...] = ()
    """What the certificates of the sighting say."""
    channel_certificate: bytes = b""
    """The server's certificate, DER, for channel bindings."""
    auth: str | None = None
    recipients: list[RecipientOutcome] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    """Positions of the recipients that RCPT is still to be said for, in this transaction or in a further one."""
    sent: list[int] = field(default_factory=list)
    """Positions of the recipients whose message DATA was said for, in the last transaction."""
    transactions: int = 0
    """How often MAIL was accepted."""
    transaction: bool = False
    """Whether a MAIL stands that is neither finished nor reset."""
    awaiting_message: bool = False
    """After a 354: whatever is written now is a line of the message."""
    dot_written: bool = False
    """Whether the message may have been accepted although its reply is missing."""
    commands: EnvelopeCommands | None = None
    final: Reply | None = None
    left_as_asked: bool = False
    """Whether the session ended where the request said it should."""
    edited: bool = False
    """Whether a command was edited by hand, so that odd answers are no news."""
    goodbye: Reply | None = None
    """What QUIT was answered where that is no goodbye."""
    closing: bool = False
    """Nothing more is to be said: the server said 421 and closes, or it is not who it should be."""

    @property
    def implicit(self) -> bool:
        """Whether TLS comes before the greeting."""
        return self.request.connection.tls_mode is TlsMode.IMPLICIT

    @property
    def accepted(self) -> list[int]:
        """Positions of the recipients that the server took in this transaction, and whose message is not decided."""
        return [
            index
            for index, each in enumerate(self.recipients)
            if each.verdict is Verdict.ACCEPTED and each.stage is Stage.RCPT
        ]

    @property
    def delivered(self) -> int:
        """How many recipients the message was accepted for."""
        return sum(each.verdict is Verdict.ACCEPTED and each.stage is Stage.DOT for each in self.recipients)

    @property
    def logs_in(self) -> bool:
        """Whether the session is to authenticate."""
        return self.request.credentials is not None and self.request.connection.auth.lower() != "off"

    @property
    def must_log_in(self) -> bool:
        """Whether the session ends where it cannot authenticate.

        It goes on if ``auto`` has a client certificate alone, which may be for TLS and no login.
        """
        connection, credentials = self.request.connection, self.request.credentials
        by_certificate = connection.tls.client_cert is not None and not (credentials and credentials.has_secret)
        return self.logs_in and not (by_certificate and connection.auth.lower() == "auto")

    @property
    def tls_name(self) -> str:
        """The name the certificate must be for."""
        name = (self.request.connection.tls.sni or self.target.host or "localhost").strip("[]").rstrip(".")
        try:
            return ascii_domain(name)
        except MailboxError:
            return name

    @property
    def wire_up(self) -> bool:
        """Whether something may still be said."""
        return self.client is not None and self.client.alive and not self.awaiting_message and not self.closing

    def live(self) -> Client:
        """The client; there is one from the connect step on."""
        if self.client is None:
            raise SessionError(Stage.CONNECT, FailureKind.CLOSED, "There is no connection.")
        return self.client

    def seconds(self, stage: Stage) -> float:
        """The deadline of a stage in seconds."""
        return seconds(stage, self.request.connection.timeout)

    def enter(self, stage: Stage) -> None:
        """Tell watchers where the conversation is."""
        self.position.stage = stage

    async def pause(self, stage: Stage, line: str | None = None, allowed: frozenset[Action] = HELD_ACTIONS) -> Decision:
        """Ask early exit and gate about what is next; raises :class:`Leave` where they end the session."""
        self.enter(stage)
        pending = Pending(stage, line, allowed)
        exit_after = self.request.exit_after
        if exit_after is not None and exit_after.due(pending, implicit=self.implicit):
            # QUIT itself is the polite exit, so it passes.
            self.left_as_asked = True
            if exit_after.drop:
                self.recorder.note(stage, f"dropping the connection after {exit_after.stage}, as asked")
                raise Leave(drop=True)
            if stage is not Stage.QUIT:
                self.recorder.note(stage, f"quitting after {exit_after.stage}, as asked")
                raise Leave(drop=False)
        if self.gate is None:
            return PASS
        decision = await self.gate(pending)
        if decision.action not in allowed:
            raise ValueError(f"the gate may not {decision.action} at {stage}")
        if decision.action is Action.DROP:
            self.recorder.note(stage, f"connection dropped by hand before {stage}")
            raise Leave(drop=True)
        if decision.action is Action.QUIT:
            self.recorder.note(stage, f"quitting by hand before {stage}")
            raise Leave(drop=False)
        return decision

    async def say(self, stage: Stage, line: str, *, allowed: frozenset[Action] = COMMAND_ACTIONS) -> Reply | None:
        """Say a command and return the reply (masked), or None where the gate skips it.

        Raises :class:`SessionError` for what ends the session: silence, a lost connection, no SMTP, a 421, and a
        354 where no message is due.
        """
        pair = await self.ask(stage, line, allowed=allowed)
        return pair[0] if pair is not None else None

    async def ask(
        self,
        stage: Stage,
        line: str,
        *,
        allowed: frozenset[Action] = COMMAND_ACTIONS,
        kind: EventKind = EventKind.COMMAND,
    ) -> tuple[Reply, Reply] | None:
        """As :meth:`say`, with the true reply beside the masked one for AUTH."""
        client = self.live()
        shown = "" if kind is EventKind.CONTINUATION else self.recorder.masker.preview(line, stage)
        decision = await self.pause(stage, visible(shown), allowed)
        if decision.action is Action.SKIP:
            self.recorder.note(stage, f"{stage} skipped by hand")
            return None
        if decision.action is Action.EDIT:
            line = decision.line
            self.edited = True
        client.wire.say(stage, encode(line) + b"\r\n", kind)
        reply, true = await client.challenge(self.seconds(stage))
        fault = client.wire.fault
        if fault is not None and fault.failure.kind is FailureKind.PROTOCOL and stage not in _LAST_WORDS:
            # More came with this reply than was asked for: which one is the answer nobody can tell.
            raise fault
        if reply.code == 421:
            self.closing = True
            raise SessionError(
                stage,
                FailureKind.DEFERRED,
                f"The server is closing the connection: {str(reply).rstrip('.')}. Try again later.",
                reply,
            )
        if reply.code == 354 and stage is not Stage.DATA:
            self.awaiting_message = True
            raise SessionError(
                stage,
                FailureKind.PROTOCOL,
                f"The server waits for a message where none is due ({reply}). The connection was dropped, so that "
                "nothing said after it is delivered as one.",
                reply,
            )
        if _begins_elsewhere(stage, line, reply):
            self.closing = True
            raise SessionError(
                stage,
                FailureKind.PROTOCOL,
                f"The server waits for a login or a TLS handshake where none is due ({reply}). The connection was "
                "closed, so that nothing said after it is taken for one.",
                reply,
            )
        return reply, true


def _begins_elsewhere(stage: Stage, line: str, reply: Reply) -> bool:
    """Whether a command edited by hand began an AUTH exchange or TLS at a step that cannot go on with it."""
    if reply.code == 334:
        return stage is not Stage.AUTH
    return reply.code == 220 and stage is not Stage.STARTTLS and line.strip().upper() == "STARTTLS"
