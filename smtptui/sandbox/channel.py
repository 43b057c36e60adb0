"""One client's connection: aiosmtpd's protocol with TLS, time limits and an end of our own."""

import asyncio
import collections
import contextlib
import logging
import re
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from smtptui.protocol import encode
from smtptui.sandbox.office import MOST_CONNECTIONS, Office, Rules

# Where a type is ignored in this room: aiosmtpd's methods have none, and a stream has no public way to
# another transport, which a handshake of our own needs.

# Without a handler Python prints aiosmtpd's warnings to standard error, into the middle of a screen.
logging.getLogger("mail.log").addHandler(logging.NullHandler())

_READ_LIMIT = 16 * 1024
"""Octets of a line that are read; an AUTH response may have 12288 (RFC 4954 section 4.5.3)."""
_COMMAND_LIMITS = {"MAIL": 4096, "RCPT": 4096, "AUTH": 12_288}
_COMMAND_LIMIT = 512  # RFC 5321 section 4.5.3.1.4
_IDLE = 1800.0
"""Seconds; RFC 5321 section 4.5.3.2.7 wants at least 300, and whoever steps through a session thinks longer."""

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


class _Session(Session):
    login_data = None  # the base class complains in the log about each use, and its own AUTH uses it


class Channel(SMTP):
    """Comes to TLS on both event loops, gives every reply its enhanced code, ends without traces."""

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
            # Which comes first, TLS or AUTH, the commands settle themselves: aiosmtpd knows of STARTTLS only.
            auth_require_tls=False,
            authenticator=self._check,
            loop=loop,
        )
        # The base class shares one table between all connections and lets it grow with each EHLO.
        self.command_size_limits = collections.defaultdict(lambda: _COMMAND_LIMIT, _COMMAND_LIMITS)

    # Connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        if len(self._office.open) >= MOST_CONNECTIONS:
            self._turn_away(cast(asyncio.Transport, transport))
            return
        super().connection_made(transport)
        self._office.open.add(self)
        assert self._handler_coroutine is not None
        self._handler_coroutine.add_done_callback(self._ended)

    def data_received(self, data: bytes) -> None:
        """Octets of the client: of its handshake, where that comes next and has not begun, else commands."""
        if self._lost:
            return
        stream = self._stream()
        if self._early is not None and stream is not None:
            self._early += data
            stream.pause_reading()
        else:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """The client says no more."""
        return False if self._lost else super().eof_received()

    def _turn_away(self, transport: asyncio.Transport) -> None:
        """One connection too many: it is told so, unless it waits for a handshake, and closed."""
        self._lost = True
        if not self._rules.implicit_tls:
            many = f"421 4.7.0 {self.hostname} Too many connections, {MOST_CONNECTIONS} at most: close some\r\n"
            transport.write(encode(many))
        transport.close()

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
        assert self._handler_coroutine is not None
        transport = self._stream()
        if self._handshaking:
            self._handler_coroutine.cancel()
        elif transport is not None:
            if not transport.is_closing():
                transport.write(b"421 4.3.2 The sandbox is closing\r\n")
                transport.close()
            for turn in range(200):
                if self._lost:
                    break
                if turn == 100:
                    transport.abort()
                await asyncio.sleep(grace / 100)
        await asyncio.wait([self._handler_coroutine])

    def _timeout_cb(self) -> None:
        transport = self._stream()
        if transport is not None and not (self._handshaking or transport.is_closing()):
            transport.write(b"421 4.4.2 Idle for too long\r\n")
        super()._timeout_cb()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped

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
        self._reader._transport = secure  # type: ignore[attr-defined]  # streams cannot change theirs in public
        self._writer._transport = secure  # type: ignore[attr-defined]  # streams cannot change theirs in public
        # Nothing that was said before counts any more (RFC 3207 section 4.2).
        session = self._create_session()
        session.peer = clear.get_extra_info("peername")
        session.ssl = {"cipher": secure.get_extra_info("cipher")}
        self.session = session
        self._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped
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

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        """Whether a name and a password are right; a listener knows."""
        raise NotImplementedError


def _enhanced(match: "re.Match[str]") -> str:
    code = match[1]
    return f"{code} {_ENHANCED[code]} " if code in _ENHANCED else match[0]
