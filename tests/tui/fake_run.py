"""A scripted session with the interface of the real one: the same events at the same times, whenever it runs."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from smtptui.protocol import EventKind, FailureKind, Reply, Stage
from smtptui.session import Progress, Request, RunState
from smtptui.transcript import (
    CertificateFacts,
    Failure,
    Outcome,
    RecipientOutcome,
    ServerFacts,
    TlsFacts,
    Transcript,
    Verdict,
)

STARTED = datetime(2026, 11, 22, 9, 12, 0, tzinfo=UTC)
BANNER = "220 mail.example.org ESMTP"
EHLO = "250-mail.example.org\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 SMTPUTF8"
TLS = "TLSv1.3 TLS_AES_256_GCM_SHA384 · CN=mail.example.org · issued by Example CA · 61 days left · verified"
REFUSED = "550 5.1.1 <you@example.net>: Recipient address rejected: User unknown in local recipient table"
QUEUED = "250 2.0.0 Ok: queued as 4XYZ12"


@dataclass
class Script:
    """What the server answers to RCPT and to the dot, and after which event the session hangs."""

    rcpt: str = "250 2.1.5 Ok"
    dot: str = QUEUED
    hang_at: Stage | None = None
    left: tuple[str, ...] = ()
    """Recipients that are deferred while the others have the message."""
    requests: list[Request] = field(default_factory=list)
    runs: list["FakeRun"] = field(default_factory=list)

    def make(self, request: Request) -> "FakeRun":
        """Begin a session; to be handed over as ``make_run``."""
        self.requests.append(request)
        run = FakeRun(request, self)
        self.runs.append(run)
        return run


class FakeRun:
    """Goes through its script at once; hangs where it is told to, until cancelled."""

    def __init__(self, request: Request, script: Script) -> None:
        self._request = request
        self._script = script
        self._cancelled = asyncio.Event()
        self._stage = Stage.CONNECT
        self.transcript = Transcript(started=STARTED)
        self.outcome: Outcome | None = None
        self.tls: TlsFacts | None = None
        self.chain: tuple[CertificateFacts, ...] = ()

    async def run(self) -> Outcome:
        """Play the script."""
        try:
            self._failed = await self._play()
        except asyncio.CancelledError:
            self.outcome = self._end(Failure(self._stage, FailureKind.CANCELLED, "Cancelled."))
            raise
        self.outcome = self._end(self._failed)
        return self.outcome

    def cancel(self) -> None:
        """Stop hanging."""
        self._cancelled.set()

    def progress(self) -> Progress:
        """Always the same half second."""
        return Progress(RunState.RUNNING, self._stage, None, 0, 0, 0.5)

    async def _play(self) -> Failure | None:
        recipients = self._request.envelope.recipients
        connection = self._request.connection
        steps: list[tuple[float, EventKind, Stage, bool, str, float | None]] = [
            (0.021, EventKind.CONNECT, Stage.CONNECT, False, f"connected to {connection.label}", 0.021),
            (0.039, EventKind.REPLY, Stage.BANNER, False, BANNER, 0.018),
            (0.040, EventKind.COMMAND, Stage.STARTTLS, False, "STARTTLS", None),
            (0.058, EventKind.REPLY, Stage.STARTTLS, False, "220 2.0.0 Ready to start TLS", 0.018),
            (0.101, EventKind.TLS, Stage.TLS, True, TLS, 0.043),
            (0.102, EventKind.COMMAND, Stage.EHLO_TLS, True, "EHLO laptop.example", None),
            (0.120, EventKind.REPLY, Stage.EHLO_TLS, True, EHLO, 0.018),
            (0.121, EventKind.COMMAND, Stage.AUTH, True, "AUTH SCRAM-SHA-256 ••••••••", None),
            (0.171, EventKind.REPLY, Stage.AUTH, True, "235 2.7.0 Authentication successful", 0.050),
            (0.172, EventKind.COMMAND, Stage.MAIL, True, "MAIL FROM:<me@example.org> SIZE=1843", None),
            (0.190, EventKind.REPLY, Stage.MAIL, True, "250 2.1.0 Ok", 0.018),
            (0.191, EventKind.COMMAND, Stage.RCPT, True, f"RCPT TO:<{recipients[0].address}>", None),
            (0.214, EventKind.REPLY, Stage.RCPT, True, self._script.rcpt, 0.023),
        ]
        if self._script.rcpt[0] == "2":
            steps += [
                (0.215, EventKind.COMMAND, Stage.DATA, True, "DATA", None),
                (0.216, EventKind.REPLY, Stage.DATA, True, "354 End data with <CR><LF>.<CR><LF>", 0.001),
                (0.217, EventKind.BODY, Stage.BODY, True, "From: Me <me@example.org>", None),
                (0.233, EventKind.REPLY, Stage.DOT, True, self._script.dot, 0.016),
            ]
        else:
            steps += [
                (0.215, EventKind.COMMAND, Stage.RSET, True, "RSET", None),
                (0.233, EventKind.REPLY, Stage.RSET, True, "250 2.0.0 Ok", 0.018),
            ]
        steps += [
            (0.234, EventKind.COMMAND, Stage.QUIT, True, "QUIT", None),
            (0.252, EventKind.REPLY, Stage.QUIT, True, "221 2.0.0 Bye", 0.018),
        ]
        for at, kind, stage, tls, text, took in steps:
            self._stage = stage
            if stage is self._script.hang_at and not self._cancelled.is_set():
                await self._cancelled.wait()
                return Failure(stage, FailureKind.CANCELLED, "The session was cancelled. Nothing was accepted.")
            code = int(text[:3]) if kind is EventKind.REPLY else None
            self.transcript.add(kind, stage, text, at=at, tls=tls, took=took, size=len(text) + 2, code=code)
        if self._script.rcpt[0] == "2":
            return None
        kind_of_failure = FailureKind.REFUSED if self._script.rcpt[0] == "5" else FailureKind.DEFERRED
        return Failure(
            Stage.RCPT,
            kind_of_failure,
            "The server refused you@example.net: it knows no such mailbox. Check the spelling of the address, "
            "or remove it.",
            _reply(self._script.rcpt),
        )

    def _end(self, failure: Failure | None) -> Outcome:
        verdict = {None: Verdict.ACCEPTED, FailureKind.REFUSED: Verdict.REFUSED, FailureKind.DEFERRED: Verdict.DEFERRED}
        stage = failure.stage if failure is not None else Stage.DOT
        return Outcome(
            ok=failure is None,
            started=STARTED,
            took=0.252,
            server=ServerFacts(self._request.connection.host, self._request.connection.port),
            tls=None,
            auth=None,
            recipients=tuple(
                RecipientOutcome(recipient.address, Verdict.DEFERRED, Stage.RCPT)
                if recipient.address in self._script.left
                else RecipientOutcome(
                    recipient.address, verdict.get(failure.kind if failure else None, Verdict.UNTRIED), stage
                )
                for recipient in self._request.envelope.recipients
            ),
            reply=_reply(self._script.dot) if failure is None else failure.reply,
            queue_id="4XYZ12" if failure is None else None,
            failure=failure,
        )


def _reply(line: str) -> Reply:
    return Reply(int(line[:3]), line.encode() + b"\r\n", len(line) + 2)
