"""One client's connection to the sandbox: aiosmtpd's protocol, made to behave like a good server of today."""

import asyncio
import collections
import contextlib
import hashlib
import hmac
import logging
import re
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from smtptui.protocol import encode
from smtptui.sandbox.arguments import ArgumentError, mail_argument, rcpt_argument

# Without a handler Python prints aiosmtpd's warnings to standard error, into the middle of a screen.
logging.getLogger("mail.log").addHandler(logging.NullHandler())

_READ_LIMIT = 16 * 1024
"""Octets of a line that are read; an AUTH response may have 12288 (RFC 4954 section 4.5.3)."""
_COMMAND_LIMITS = {"MAIL": 4096, "RCPT": 4096, "AUTH": 12_288}
_COMMAND_LIMIT = 512  # RFC 5321 section 4.5.3.1.4
_LINE_LIMIT = 1000  # RFC 5321 section 4.5.3.1.6, with its CRLF and without a dot put before it
_RECIPIENT_LIMIT = 1000
_IDLE = 1800.0
"""Seconds; RFC 5321 section 4.5.3.2.7 wants at least 300, and whoever steps through a session thinks longer."""

_MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
_WITHOUT_CODE = re.compile(r"(\d{3}) (?!\d\.\d{1,3}\.\d{1,3} )")
# RFC 2034 section 4: every reply but the greeting and those to HELO and EHLO has one. 3yz replies have no
# class of their own (RFC 3463 section 2).
_ENHANCED = {
    "214": "2.0.0",
    "220": "2.0.0",
    "221": "2.0.0",
    "250": "2.0.0",
    "252": "2.0.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "504": "5.5.4",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a port asks of its clients."""

    name: str
    implicit_tls: bool = False
    submission: bool = False
    """TLS first, then AUTH, before any mail (RFC 6409, RFC 8314); without it AUTH is not offered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message with its envelope and where it came from, just before it is accepted."""

    listener: str
    peer: str
    helo: str
    tls: bool
    user: str | None
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    mail_parameters: str
    rcpt_parameters: tuple[str, ...]


@dataclass(slots=True)
class Office:
    """What all connections of one sandbox share."""

    hostname: str
    tls: ssl.SSLContext
    user: str
    password: str
    size_limit: int
    """Octets of a message."""
    accept: Callable[[Delivery], str]
    """Keeps a message and returns its queue id."""
    open: "set[Listener]" = field(default_factory=set)
    """Connections that have not ended."""


class _Session(Session):
    login_data = None  # the base class complains in the log about each use, and its own AUTH uses it


class Listener(SMTP):
    """Replies with enhanced codes, answers pipelined groups in order, keeps parameters, ends without traces."""

    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"
    line_length_limit = _READ_LIMIT

    def __init__(self, rules: Rules, office: Office, loop: asyncio.AbstractEventLoop) -> None:
        self._rules = rules
        self._office = office
        self._handshaking = rules.implicit_tls
        self._early: bytearray | None = bytearray() if rules.implicit_tls else None
        self._lost = False
        super().__init__(
            object(),
            data_size_limit=office.size_limit,
            enable_SMTPUTF8=True,
            hostname=office.hostname,
            ident="ESMTP smtptui sandbox",
            tls_context=office.tls,
            timeout=_IDLE,
            # Which comes first, TLS or AUTH, is settled below: aiosmtpd knows of STARTTLS only.
            auth_require_tls=False,
            authenticator=self._check,
            loop=loop,
        )
        # The base class shares one table between all connections and lets it grow with each EHLO.
        self.command_size_limits = collections.defaultdict(lambda: _COMMAND_LIMIT, _COMMAND_LIMITS)

    # Connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        super().connection_made(transport)
        self._office.open.add(self)
        assert self._handler_coroutine is not None
        self._handler_coroutine.add_done_callback(self._ended)

    def data_received(self, data: bytes) -> None:
        """Octets of the client: of its handshake, where that comes next and has not begun, else commands."""
        stream = self._stream()
        if self._early is not None and stream is not None:
            self._early += data
            stream.pause_reading()
        else:
            super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone, or was closed."""
        if self._lost:
            return
        self._lost = True
        self._office.open.discard(self)
        super().connection_lost(error)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.loop.call_exception_handler({"message": "the sandbox failed", "exception": error})

    async def close(self, grace: float) -> None:
        """End the connection: 421 (RFC 5321 section 3.8), and after ``grace`` seconds without ceremony."""
        transport = self._stream()
        if transport is not None:
            if self._handshaking:
                transport.abort()
            elif not transport.is_closing():
                transport.write(b"421 4.3.2 The sandbox is closing\r\n")
                transport.close()
            for turn in range(200):
                if self._lost:
                    break
                if turn == 100:
                    transport.abort()
                await asyncio.sleep(grace / 100)
        assert self._handler_coroutine is not None
        await asyncio.wait([self._handler_coroutine])

    def _timeout_cb(self) -> None:
        transport = self._stream()
        if transport is not None and not (self._handshaking or transport.is_closing()):
            transport.write(b"421 4.4.2 Idle for too long\r\n")
        super()._timeout_cb()  # type: ignore[no-untyped-call]

    async def _handle_client(self) -> None:
        if self._rules.implicit_tls:
            with contextlib.suppress(ConnectionError):
                await self._secure()
            if self._lost:
                return
        await super()._handle_client()

    async def _secure(self) -> None:
        """Do the handshake; raises ConnectionError after the end of the connection if it fails.

        aiosmtpd's own way drives asyncio's SSLProtocol by hand, in the manner of Python 3.10.
        """
        clear = self._stream()
        if clear is None:
            raise ConnectionResetError
        self._handshaking = True
        secure: asyncio.Transport | None = None
        failure: Exception | None = None
        try:
            async with asyncio.TaskGroup() as group:
                start = group.create_task(self.loop.start_tls(clear, self, self._office.tls, server_side=True))
                # Its first step gives the connection to a TLS protocol. One turn of the loop later that
                # protocol is connected, and reading goes on after it has what came too early.
                await asyncio.sleep(0)
                self.loop.call_soon(self._hand_over, clear)
            secure = start.result()
        except* OSError as errors:
            failure = errors
        finally:
            self._handshaking = False
            if secure is None:
                # A connection that ends in its handshake is not reported to the protocol above it.
                clear.abort()
                self.connection_lost(None)
        if secure is None:
            raise ConnectionResetError("the TLS handshake failed") from failure
        self.transport = secure
        self._reader._transport = secure  # type: ignore[attr-defined]
        self._writer._transport = secure  # type: ignore[attr-defined]
        # Nothing that was said before counts any more (RFC 3207 section 4.2).
        session = self._create_session()
        session.peer = clear.get_extra_info("peername")
        session.ssl = {"cipher": secure.get_extra_info("cipher")}
        self.session = session
        self._set_rset_state()  # type: ignore[no-untyped-call]
        self._reset_timeout()

    def _hand_over(self, clear: asyncio.Transport) -> None:
        early, self._early = self._early, None
        protocol = clear.get_protocol()
        if not early or clear.is_closing() or protocol is self:
            return
        reader = cast(asyncio.BufferedProtocol, protocol)
        while early:
            room = memoryview(reader.get_buffer(len(early)))
            count = min(len(room), len(early))
            room[:count] = early[:count]
            reader.buffer_updated(count)
            del early[:count]

    # Replies

    async def push(self, status: str | bytes) -> None:
        """Send a reply; one in text gets the enhanced code it lacks."""
        if isinstance(status, str):
            if not status.startswith(f"220 {self.hostname} "):
                status = _WITHOUT_CODE.sub(_enhanced, status, count=1)
            status = encode(status)
        await super().push(status)

    async def handle_exception(self, error: Exception) -> str:
        """A fault of the sandbox itself: said to the client without details, and to the loop with them."""
        self.loop.call_exception_handler({"message": "the sandbox failed", "exception": error})
        return "451 4.3.0 Local error in the sandbox"

    # State

    def _create_session(self) -> Session:
        return _Session(self.loop)

    def _stream(self) -> asyncio.Transport | None:
        # A cast, since uvloop's transports are not of asyncio's class.
        return cast("asyncio.Transport | None", self.transport)

    def _now(self) -> tuple[Session, Envelope]:
        assert self.session is not None
        assert self.envelope is not None
        return self.session, self.envelope

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Refuse what a submission port allows only inside TLS and after AUTH."""
        session, _ = self._now()
        if self._rules.submission and session.ssl is None:
            await self.push("530 5.7.0 Must issue a STARTTLS command first")
            return True
        if self._rules.submission and not session.authenticated:
            await self.push("530 5.7.0 Authentication required")
            return True
        return False

    # Commands

    async def smtp_EHLO(self, hostname: str) -> None:
        """EHLO: greets with what this port offers now."""
        if not hostname:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        self._set_rset_state()  # type: ignore[no-untyped-call]
        session, _ = self._now()
        session.extended_smtp = True
        session.host_name = hostname
        offers = ["PIPELINING", f"SIZE {self._office.size_limit}"]
        if session.ssl is None:
            offers.append("STARTTLS")
        elif self._rules.submission:
            offers.append(f"AUTH {' '.join(_MECHANISMS)}")
        offers += ["ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8"]
        lines = [f"250-{line}" for line in (self.hostname, *offers)]
        lines[-1] = lines[-1].replace("-", " ", 1)
        await self.push("\r\n".join(lines).encode())

    async def smtp_HELO(self, hostname: str) -> None:
        """HELO: no extensions."""
        if not hostname:
            await self.push("501 5.5.4 Syntax: HELO hostname")
            return
        self._set_rset_state()  # type: ignore[no-untyped-call]
        session, _ = self._now()
        session.extended_smtp = False
        session.host_name = hostname
        await self.push(f"250 {self.hostname}".encode())

    async def smtp_HELP(self, arg: str) -> None:
        """HELP: what this is."""
        await self.push("214 2.0.0 This is the sandbox of smtptui: it takes mail and sends none on")

    async def smtp_STARTTLS(self, arg: str) -> None:
        """STARTTLS (RFC 3207)."""
        session, _ = self._now()
        if arg:
            await self.push("501 5.5.4 Syntax: STARTTLS")
        elif session.ssl is not None:
            await self.push("503 5.5.1 TLS is in use already")
        else:
            # What was sent behind STARTTLS was sent in the clear, by whomever (RFC 3207 section 6).
            self._reader._buffer.clear()  # type: ignore[attr-defined]
            # What comes from now on is the handshake's.
            self._early = bytearray()
            await self.push("220 2.0.0 Ready to start TLS")
            await self._secure()

    async def smtp_AUTH(self, arg: str) -> None:
        """AUTH (RFC 4954): PLAIN, LOGIN, CRAM-MD5, in any case of letters."""
        session, envelope = self._now()
        if not self._rules.submission:
            await self.push("503 5.5.1 Authentication is not enabled on this port")
            return
        if session.ssl is None:
            await self.push("530 5.7.0 Must issue a STARTTLS command first")
            return
        if envelope.mail_from is not None:
            await self.push("503 5.5.1 AUTH is not permitted during a mail transaction")
            return
        mechanism, _, rest = (arg or "").partition(" ")
        try:
            await super().smtp_AUTH(f"{mechanism.upper()} {rest}".strip())
        except ValueError:
            await self.push("500 5.5.6 Authentication exchange line is too long")

    async def auth_CRAM__MD5(self, _: object, args: list[str]) -> AuthResult:
        """CRAM-MD5 (RFC 2195)."""
        if len(args) > 1:
            await self.push("501 5.5.4 CRAM-MD5 takes no initial response")
            return AuthResult(success=False)
        challenge = f"<{secrets.token_hex(8)}@{self.hostname}>".encode()
        answer = await self.challenge_auth(challenge)
        if answer is MISSING:
            return AuthResult(success=False)
        assert isinstance(answer, bytes)
        user, _space, digest = answer.rpartition(b" ")
        expected = hmac.new(self._office.password.encode(), challenge, hashlib.md5).hexdigest()
        matches = hmac.compare_digest(digest.lower(), expected.encode())
        return self._result(user, matches)

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return self._result(data.login, hmac.compare_digest(data.password, self._office.password.encode()))

    def _result(self, user: bytes, matches: bool) -> AuthResult:
        known = hmac.compare_digest(user, self._office.user.encode())
        return AuthResult(
            success=known and matches, handled=False, auth_data=LoginPassword(user, b"") if known else None
        )

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL: begins a transaction."""
        session, envelope = self._now()
        if await self.check_helo_needed() or await self.check_auth_needed("MAIL"):
            return
        if envelope.mail_from is not None:
            await self.push("503 5.5.1 Nested MAIL command")
            return
        try:
            mail = mail_argument(arg or "", extended=session.extended_smtp)
        except ArgumentError as refusal:
            await self.push(str(refusal))
            return
        envelope.smtp_utf8 = "SMTPUTF8" in mail.parameters
        if mail.needs_smtputf8() and not envelope.smtp_utf8:
            await self.push("553 5.6.7 Address is not ASCII: the parameter SMTPUTF8 is needed")
            return
        if int(mail.parameters.get("SIZE", 0)) > self._office.size_limit:
            await self.push(f"552 5.3.4 Message size exceeds {self._office.size_limit} octets")
            return
        envelope.mail_from = mail.address
        envelope.mail_options = [mail.text]
        await self.push("250 2.1.0 Ok")

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT: any recipient is accepted."""
        session, envelope = self._now()
        if await self.check_helo_needed() or await self.check_auth_needed("RCPT"):
            return
        if envelope.mail_from is None:
            await self.push("503 5.5.1 Need MAIL command")
            return
        try:
            rcpt = rcpt_argument(arg or "", extended=session.extended_smtp)
        except ArgumentError as refusal:
            await self.push(str(refusal))
            return
        if rcpt.needs_smtputf8() and not envelope.smtp_utf8:
            await self.push("553 5.6.7 Address is not ASCII: MAIL had no parameter SMTPUTF8")
            return
        if len(envelope.rcpt_tos) >= _RECIPIENT_LIMIT:
            await self.push("452 4.5.3 Too many recipients")
            return
        envelope.rcpt_tos.append(rcpt.address)
        envelope.rcpt_options.append(rcpt.text)
        await self.push("250 2.1.5 Ok")

    async def smtp_DATA(self, arg: str) -> None:
        """DATA: the message, kept as it was sent."""
        session, envelope = self._now()
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not envelope.rcpt_tos:
            await self.push("503 5.5.1 Need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content, refusal = await self._content()
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        if refusal is not None:
            await self.push(refusal)
            return
        data = session.auth_data
        queue_id = self._office.accept(
            Delivery(
                listener=self._rules.name,
                peer=_peer(session.peer),
                helo=session.host_name or "",
                tls=session.ssl is not None,
                user=data.login.decode() if isinstance(data, LoginPassword) else None,
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                content=content,
                mail_parameters=" ".join(envelope.mail_options),
                rcpt_parameters=tuple(envelope.rcpt_options),
            )
        )
        await self.push(f"250 2.0.0 Ok: queued as {queue_id}")

    async def _content(self) -> tuple[bytes, str | None]:
        """The octets up to the dot, dots unstuffed (RFC 5321 section 4.5.2), and a refusal if there is one.

        What is too much is read to its end and dropped: the reply belongs after the dot.
        """
        content = bytearray()
        refusal: str | None = None
        size = length = 0
        while True:
            try:
                piece = await self._reader.readuntil(b"\r\n")
                whole = True
            except asyncio.LimitOverrunError as error:
                piece = await self._reader.readexactly(error.consumed)
                whole = False
            if not length:
                if piece == b".\r\n":
                    return bytes(content), refusal
                if piece.startswith(b"."):
                    piece = piece[1:]
            size += len(piece)
            length += len(piece)
            if refusal is None and length > _LINE_LIMIT:
                refusal = f"500 5.5.2 Line too long: {_LINE_LIMIT} octets at most, with its CRLF"
            if refusal is None and size > self._office.size_limit:
                refusal = f"552 5.3.4 Message size exceeds {self._office.size_limit} octets"
            if refusal is None:
                content += piece
            else:
                content.clear()
            if whole:
                length = 0


def _enhanced(match: "re.Match[str]") -> str:
    code = match[1]
    return f"{code} {_ENHANCED[code]} " if code in _ENHANCED else match[0]


def _peer(peer: object) -> str:
    if isinstance(peer, tuple) and len(peer) >= 2:
        host = f"[{peer[0]}]" if ":" in str(peer[0]) else peer[0]
        return f"{host}:{peer[1]}"
    return ""
