"""A scripted session with all that the log tells of: look-ups, both replies to EHLO, certificates, recipients."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from smtptui.protocol import EventKind, FailureKind, Stage
from smtptui.transcript import CertificateFacts, Failure, TlsFacts
from tests.tui.fake_run import QUEUED, STARTED, FakeRun, Script

CLEAR = (
    "250-mail.example.org Hello laptop.example\r\n250-SIZE 52428800\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
    "250-XMAILER\r\n250-LIMITS RCPTMAX=100 MAILMAX=20\r\n250 STARTTLS"
)
INSIDE = (
    "250-mail.example.org Hello laptop.example\r\n250-SIZE 104857600\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
    "250-XMAILER\r\n250-LIMITS RCPTMAX=100 MAILMAX=20\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256 NTLM"
)
LEAF = CertificateFacts(
    "mail.example.org",
    ("mail.example.org", "smtp.example.org", "*.mx.example.org"),
    "Example CA R11",
    STARTED - timedelta(days=29),
    STARTED + timedelta(days=61, hours=3),
    "3f1c" + "07a9" * 15,
    "RSA 2048",
    "sha256",
)
ISSUER = CertificateFacts(
    "Example CA R11",
    (),
    "Example Root X1",
    STARTED - timedelta(days=900),
    STARTED + timedelta(days=900),
    "9d2b" + "41ee" * 15,
    "EC secp384r1",
    "sha384",
)
SECURE = TlsFacts(
    "TLSv1.3", "TLS_AES_256_GCM_SHA384", (LEAF, ISSUER), True, "verified: trusted, and issued for mail.example.org"
)
EXPIRED = replace(LEAF, not_after=STARTED - timedelta(days=2))
EXPIRES_SOON = replace(LEAF, not_after=STARTED + timedelta(days=5, hours=1))
NOT_ACCEPTED = (
    "The server's certificate was not accepted: it expired on 2026-11-20. Renew it on the server and reload it."
)
_Step = tuple[float, EventKind, Stage, bool, str, float | None]


@dataclass
class Scene(Script):
    """As the script it extends; ``people`` is how many recipients are named."""

    people: int = 2
    chain: tuple[CertificateFacts, ...] = SECURE.chain
    fails_at_tls: bool = False
    clear: bool = False
    body: str = "From: Me <me@example.org>\r\nSubject: A first message\r\n\r\nHello,\r\n"

    def make(self, request: object) -> "SceneRun":
        """Begin a session; to be handed over as ``make_run``."""
        run = SceneRun(request, self)  # type: ignore[arg-type]
        self.runs.append(run)
        return run


class SceneRun(FakeRun):
    """Tells the scene."""

    _script: Scene

    async def _play(self) -> Failure | None:
        for at, kind, stage, tls, text, took in self._steps():
            self._stage = stage
            if stage is self._script.hang_at and not self._cancelled.is_set():
                await self._cancelled.wait()
                return Failure(stage, FailureKind.CANCELLED, "The session was cancelled. Nothing was accepted.")
            if kind is EventKind.TLS:
                self.chain = self._script.chain
                if not self._script.fails_at_tls:
                    self.tls = replace(SECURE, chain=self._script.chain)
            code = int(text[:3]) if kind is EventKind.REPLY else None
            size = 1_048_576 if kind is EventKind.BODY else len(text) + 2
            self.transcript.add(kind, stage, text, at=at, tls=tls, took=took, size=size, code=code)
        if self._script.fails_at_tls:
            return Failure(Stage.TLS, FailureKind.CERTIFICATE, NOT_ACCEPTED)
        return None

    def _steps(self) -> Iterator[_Step]:
        yield 0.012, EventKind.NOTE, Stage.CONNECT, False, "mail.example.org has the address 192.0.2.25", 0.012
        yield 0.013, EventKind.NOTE, Stage.CONNECT, False, "trying 192.0.2.25:587", None
        connected = "connected to mail.example.org at 192.0.2.25:587 from 192.0.2.9:41812"
        yield 0.034, EventKind.CONNECT, Stage.CONNECT, False, connected, 0.021
        yield 0.052, EventKind.REPLY, Stage.BANNER, False, "220 mail.example.org ESMTP Postfix", 0.018
        yield 0.053, EventKind.COMMAND, Stage.EHLO, False, "EHLO laptop.example", None
        yield 0.071, EventKind.REPLY, Stage.EHLO, False, CLEAR, 0.018
        inside = not self._script.clear
        if inside:
            yield 0.072, EventKind.COMMAND, Stage.STARTTLS, False, "STARTTLS", None
            yield 0.090, EventKind.REPLY, Stage.STARTTLS, False, "220 2.0.0 Ready to start TLS", 0.018
            if self._script.fails_at_tls:
                yield 0.130, EventKind.TLS, Stage.TLS, False, "certificate “mail.example.org”, EXPIRED 2026-11-20", None
                yield 0.131, EventKind.ERROR, Stage.TLS, False, NOT_ACCEPTED, None
                yield 0.132, EventKind.CLOSE, Stage.QUIT, False, "connection dropped", None
                return
            yield 0.133, EventKind.TLS, Stage.TLS, True, "TLSv1.3 TLS_AES_256_GCM_SHA384", 0.043
            yield 0.134, EventKind.COMMAND, Stage.EHLO_TLS, True, "EHLO laptop.example", None
            yield 0.152, EventKind.REPLY, Stage.EHLO_TLS, True, INSIDE, 0.018
            yield 0.153, EventKind.COMMAND, Stage.AUTH, True, "AUTH SCRAM-SHA-256 ••••••••", None
            yield 0.203, EventKind.REPLY, Stage.AUTH, True, "235 2.7.0 Authentication successful", 0.050
        yield 0.204, EventKind.COMMAND, Stage.MAIL, inside, "MAIL FROM:<me@example.org> SIZE=1048576", None
        yield 0.222, EventKind.REPLY, Stage.MAIL, inside, "250 2.1.0 Ok", 0.018
        at = 0.223
        for number in range(self._script.people):
            yield at, EventKind.COMMAND, Stage.RCPT, inside, f"RCPT TO:<person{number}@example.net>", None
            yield at + 0.011, EventKind.REPLY, Stage.RCPT, inside, "250 2.1.5 Ok", 0.011
            at += 0.012
        yield at, EventKind.COMMAND, Stage.DATA, inside, "DATA", None
        yield at + 0.018, EventKind.REPLY, Stage.DATA, inside, "354 End data with <CR><LF>.<CR><LF>", 0.018
        yield at + 0.019, EventKind.BODY, Stage.BODY, inside, self._script.body, 0.184
        yield at + 0.204, EventKind.COMMAND, Stage.DOT, inside, ".", None
        long = (
            QUEUED + ", and a word about how this server is looked after that is much too long for a line of any screen"
        )
        yield at + 0.291, EventKind.REPLY, Stage.DOT, inside, long, 0.087
        yield at + 0.292, EventKind.COMMAND, Stage.QUIT, inside, "QUIT", None
        yield at + 0.310, EventKind.REPLY, Stage.QUIT, inside, "221 2.0.0 Bye", 0.018
