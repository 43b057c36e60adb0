"""The SMTP client: aiosmtplib with one tap on the wire and a reply queue of its own.

Of aiosmtplib it keeps the client and protocol classes: their life cycle, and their public commands, which pass the
same tap. What it replaces: reply handling, which pairs a stray line with the next command for good (5.1.3), so
replies are queued here against the commands that are owed one; timeouts, which cover reads and the upload, so
deadlines are kept here; connecting, which resolves and verifies by its own rules, so it is given a connected socket
and always the name to verify; and the TLS upgrade, which must be apart from the reply before it.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import cast

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from smtptui.protocol import EventKind, FailureKind, Reply, ReplyError, ReplyParser, Stage, decode, quoted
from smtptui.session.mask import MASK
from smtptui.session.recorder import Recorder
from smtptui.session.reply_queue import ReplyQueue
from smtptui.session.tls import handshake_fault
from smtptui.transcript import SessionError

UPLOAD_CHUNK = 64 * 1024
"""Octets written before the transport is asked whether it keeps up."""
CLOSE_GRACE = 1.0
"""Seconds a close may take before the transport is aborted."""


class TappedProtocol(SMTPProtocol):
    """The wire: every octet written passes :meth:`write`, every octet read :meth:`data_received`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        recorder: Recorder,
        connection_lost_callback: Callable[[SMTPProtocol], None],
    ) -> None:
        super().__init__(loop=loop, connection_lost_callback=connection_lost_callback)
        self.loop = loop
        self.lost = asyncio.Event()
        self.leaving = False
        """Whether this side has begun to close, so that the end of the stream is no news."""
        self.uploading = False
        """Whether a body is on its way."""
        self._recorder = recorder
        self._parser = ReplyParser()
        self._queue = ReplyQueue(loop, held=lambda: self._recorder.held, silent=self._silent)
        self.stray: Reply | None = None
        """A reply that came although none was owed; after it none can be trusted."""
        self._writable = asyncio.Event()
        self._writable.set()
        self._labels: tuple[Stage, EventKind] | None = None

    # What comes in.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._recorder.tls = transport.get_extra_info("ssl_object") is not None
        # With implicit TLS the greeting is due from here, not from before the handshake.
        self._recorder.retime()

    def data_received(self, data: bytes) -> None:
        if self._queue.fault is not None and self._queue.fault.failure.kind is not FailureKind.CLOSED:
            return
        try:
            if replies := self._recorder.absorb(self._parser.feed(data)):
                self._take(replies)
            if self._parser.broken:
                self._parser.feed(b"")
        except ReplyError as error:
            said = _what_it_sent(error, self._recorder.fragment(error.seen, error.beyond))
            self._fail(
                FailureKind.PROTOCOL,
                f"The server sent {said}. Is this an SMTP port, and does it want TLS from the start?"
                if self._stage is Stage.BANNER
                else f"The server sent {said}.",
            )
        self._queue.wake()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._drop_unfinished()
        if not self.leaving:
            what = "The connection was reset by the server" if exc else "The server closed the connection"
            self._recorder.closed(self._stage, what if exc is None else f"{what}: {reason(exc)}")
            if isinstance(exc, ssl.SSLError) and "ALERT" in str(exc):
                # TLS 1.3: what the server thinks of the client's certificate comes after the handshake.
                self._queue.fail(SessionError(Stage.TLS, FailureKind.TLS, handshake_fault(exc)))
            self._queue.fail(SessionError(self._stage, FailureKind.CLOSED, f"{what} at {self._stage}."))
        else:
            self._queue.fail(SessionError(self._stage, FailureKind.CLOSED, "The connection is closed."))
        super().connection_lost(exc)
        self._queue.close()
        self.lost.set()
        self._writable.set()
        self._queue.wake()

    def observe(self, recorder: Recorder) -> None:
        """Let another recorder take over."""
        self._recorder = recorder

    def _take(self, replies: list[Reply]) -> None:
        for reply in replies:
            masked, stage = self._recorder.reply(reply)
            if b"\n" in reply.raw[:-1] and len(reply.codes) > 1:
                codes = ", ".join(str(code) for code in sorted(reply.codes))
                self._recorder.note(stage or self._stage, f"one reply with the codes {codes}: the last line counts")
            if stage is not None:
                self._queue.put(masked, reply)
            elif reply.code == 421:
                # RFC 5321 section 3.8: a server may say this at any time before it closes.
                self._queue.fail(
                    SessionError(
                        self._stage, FailureKind.DEFERRED, f"The server is closing: {str(masked).rstrip('.')}.", masked
                    )
                )
            else:
                self.stray = masked
                self._fail(
                    FailureKind.PROTOCOL,
                    f"The server sent a reply nobody asked for ({masked}): replies can no longer be matched "
                    "to commands, so the session was stopped.",
                )
                return

    def _fail(self, kind: FailureKind, message: str) -> None:
        """A fault after which nothing on this connection can be trusted."""
        self._queue.fail(SessionError(self._stage, kind, message))
        self.abort()

    def _drop_unfinished(self) -> bool:
        """Nothing more comes of a reply that has not ended; the transcript keeps it. Whether there was one."""
        beyond = self._parser.beyond
        return bool(self._recorder.fragment(self._parser.clear(), beyond))

    def _silent(self, timeout: float) -> SessionError:
        """The server has not said what is due: the connection is of no more use."""
        stage, size = self._stage, self._parser.pending_size
        self._drop_unfinished()
        what = f"only {size} octets of a reply" if size else "no reply"
        self.abort()
        return SessionError(stage, FailureKind.TIMEOUT, f"The server sent {what} within {timeout:g} s at {stage}.")

    @property
    def _stage(self) -> Stage:
        if self.uploading:
            return Stage.BODY
        return self._recorder.stage

    @property
    def fault(self) -> SessionError | None:
        """Why nothing more can be said, or None."""
        return self._queue.fault

    @property
    def answered(self) -> bool:
        """Whether a reply waits to be taken."""
        return len(self._queue) > 0

    async def replies(self, count: int, timeout: float) -> list[tuple[Reply, Reply]]:
        """The next ``count`` replies, each masked and true, as :meth:`ReplyQueue.take`."""
        return await self._queue.take(count, timeout)

    async def arrived(self, count: int, timeout: float) -> None:
        """Wait for ``count`` replies and leave them, as :meth:`ReplyQueue.arrived`."""
        await self._queue.arrived(count, timeout)

    def remaining(self) -> list[tuple[Reply, Reply]]:
        """Replies that came although not all that were asked for did."""
        return self._queue.remaining()

    async def read_response(self, timeout: float | None = None) -> aiosmtplib.SMTPResponse:
        """aiosmtplib's own commands take their replies from the same queue."""
        [(reply, _)] = await self.replies(1, 60.0 if timeout is None else timeout)
        return aiosmtplib.SMTPResponse(reply.code, "\n".join(reply.lines))

    # What goes out.

    def write(self, data: bytes) -> None:
        """The tap: lines written without a label are commands."""
        stage, kind = self._labels or (self._stage, EventKind.COMMAND)
        for line in data.splitlines(keepends=True):
            self._recorder.command(stage, line, kind)
        super().write(data)

    def say(self, stage: Stage, line: bytes, kind: EventKind = EventKind.COMMAND) -> None:
        """Write one line, CRLF included; a reply to it becomes due."""
        self._ready()
        self._labels = (stage, kind)
        try:
            self.write(line)
        finally:
            self._labels = None

    def say_dot(self) -> None:
        """Write the dot that ends a message (RFC 5321 section 4.1.1.4)."""
        self._ready()
        self._recorder.dot(b".\r\n")
        super().write(b".\r\n")

    def write_raw(self, data: bytes) -> None:
        """Write octets whose event the caller records; raises :class:`SessionError` when the wire is gone."""
        self._ready()
        super().write(data)

    def _ready(self) -> None:
        if self._queue.fault is not None:
            raise self._queue.fault
        if self.transport is None or self.transport.is_closing():
            what = (
                "The connection is closed." if self.leaving else f"The server closed the connection at {self._stage}."
            )
            raise SessionError(self._stage, FailureKind.CLOSED, what)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writable.clear()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._writable.set()

    async def drained(self, timeout: float) -> None:
        """Wait until the transport takes more, for ``timeout`` seconds at most without any progress."""
        transport = cast("asyncio.WriteTransport", self.transport)
        while not self._writable.is_set():
            before = transport.get_write_buffer_size()
            try:
                async with asyncio.timeout(timeout):
                    await self._writable.wait()
            except TimeoutError:
                if transport.get_write_buffer_size() < before:
                    continue
                fault = SessionError(
                    Stage.BODY, FailureKind.TIMEOUT, f"The server stopped reading the message for {timeout:g} s."
                )
                self._queue.fail(fault)
                self.abort()
                raise fault from None

    def abort(self) -> None:
        """Drop the connection now."""
        if self.transport is not None and not self.lost.is_set():
            # Not isinstance: uvloop's transports have no asyncio base class.
            cast("asyncio.WriteTransport", self.transport).abort()

    async def upgrade(self, context: ssl.SSLContext, server_hostname: str | None, timeout: float) -> None:
        """TLS handshake after the 220 to STARTTLS; raises what the handshake raises, and :class:`SessionError`
        for octets that came before it (RFC 3207 section 4.2, CVE-2011-0411)."""
        early = self._drop_unfinished()
        if early or self.stray is not None or self._parser.broken:
            fault = SessionError(
                Stage.STARTTLS,
                FailureKind.PROTOCOL,
                "The server sent plaintext after agreeing to STARTTLS: somebody may be injecting commands "
                "(CVE-2011-0411). The session was stopped before the handshake.",
            )
            self._queue.fault = fault
            self.abort()
            raise fault
        self._ready()
        try:
            transport = await self.loop.start_tls(
                cast("asyncio.WriteTransport", self.transport),
                self,
                context,
                server_hostname=server_hostname,
                ssl_handshake_timeout=timeout,
                ssl_shutdown_timeout=CLOSE_GRACE,
            )
        except BaseException:
            # A loop need not tell this protocol of a connection lost in the handshake.
            if not self.lost.is_set():
                self.abort()
                self._queue.fail(SessionError(Stage.TLS, FailureKind.CLOSED, "The connection is closed."))
                self._recorder.closed(Stage.TLS, "connection dropped")
                self.lost.set()
            raise
        if transport is None:
            raise ConnectionResetError("the connection was closed during the handshake")
        self.transport = transport
        self._over_ssl = True
        self._recorder.tls = True

    async def settled(self) -> None:
        """Right after a handshake: raises :class:`SessionError` if the server has ended it with an alert already."""
        if self.transport is None or self.transport.is_closing():
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_GRACE):
                    await self.lost.wait()
        if self._queue.fault is not None and self._queue.fault.failure.kind is FailureKind.TLS:
            raise self._queue.fault


def _what_it_sent(error: ReplyError, shown: str) -> str:
    """A fault in the stream in words; ``shown`` is what of it may be seen, and so be quoted."""
    before, _, last = shown.removesuffix("\n").rstrip("\r").rpartition("\n")
    lines = error.seen.removesuffix(b"\n").count(b"\n")
    if error.line is None or not error.seen.endswith(error.line) or before.count("\n") + bool(before) != lines:
        return error.problem
    return f"{error.problem}: {MASK if last.startswith(MASK) else quoted(last)}"


class Client(aiosmtplib.SMTP):
    """One connection to one server, observed. ``name`` is what the certificate must be for."""

    def __init__(
        self,
        recorder: Recorder,
        sock: socket.socket,
        *,
        name: str | None,
        implicit_tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(
            hostname=name,
            sock=sock,
            use_tls=implicit_tls is not None,
            start_tls=False,
            tls_context=implicit_tls,
            # EHLO is said by the dialogue; without a name here aiosmtplib would look one up and block.
            local_hostname="localhost",
        )
        self.recorder = recorder
        self._wire: TappedProtocol | None = None

    async def _create_connection(self, timeout: float | None) -> aiosmtplib.SMTPResponse:
        """The connection without the greeting: that is a step of the dialogue."""
        loop = asyncio.get_running_loop()
        wire = TappedProtocol(loop, self.recorder, self._on_connection_lost)
        secure = self.tls_context is not None
        self.transport, _ = await loop.create_connection(
            lambda: wire,
            sock=self.sock,
            ssl=self.tls_context,
            server_hostname=self.hostname if secure else None,
            ssl_handshake_timeout=timeout if secure else None,
            ssl_shutdown_timeout=CLOSE_GRACE if secure else None,
        )
        self.protocol = self._wire = wire
        return aiosmtplib.SMTPResponse(220, "")

    async def open(self, timeout: float) -> None:
        """Take over the socket and, with implicit TLS, shake hands within ``timeout`` seconds."""
        # A greeting may come with the handshake's last octets.
        self.recorder.expect(Stage.BANNER)
        await self.connect(timeout=timeout)

    @property
    def wire(self) -> TappedProtocol:
        """The protocol; raises :class:`SessionError` before :meth:`open`."""
        if self._wire is None:
            raise SessionError(Stage.CONNECT, FailureKind.CLOSED, "There is no connection.")
        return self._wire

    @property
    def opened(self) -> bool:
        """Whether there is, or was, a wire."""
        return self._wire is not None

    @property
    def alive(self) -> bool:
        """Whether something can still be said."""
        return self._wire is not None and self._wire.fault is None and self._wire.is_connected

    async def reply(self, timeout: float) -> Reply:
        """The next reply, masked."""
        [(reply, _)] = await self.wire.replies(1, timeout)
        return reply

    async def answers(self, count: int, timeout: float) -> list[Reply]:
        """The next ``count`` replies, masked."""
        return [reply for reply, _ in await self.wire.replies(count, timeout)]

    async def challenge(self, timeout: float) -> tuple[Reply, Reply]:
        """The next reply, masked and as it was sent: only an AUTH exchange needs the true one."""
        [pair] = await self.wire.replies(1, timeout)
        return pair

    async def upload(
        self, content: bytes, timeout: float, progress: Callable[[int], None], *, replies: int = 1
    ) -> None:
        """Write a dot-stuffed body without its dot; ``timeout`` seconds without progress end it.

        The reply to the dot (``replies`` of them for LMTP) is due from here on: a server may give up on a
        message in its midst. Then this returns early, and the caller finds :attr:`TappedProtocol.answered`.
        """
        wire, recorder = self.wire, self.recorder
        started, done = recorder.now, 0
        recorder.expect_more(replies)
        view = memoryview(content)
        wire.uploading = True
        try:
            while done < len(content) and not wire.answered:
                chunk = view[done : done + UPLOAD_CHUNK]
                wire.write_raw(bytes(chunk))
                done += len(chunk)
                progress(done)
                await wire.drained(timeout)
                # Without backpressure nothing above yields, and an early reply would go unseen.
                await asyncio.sleep(0)
        finally:
            wire.uploading = False
            recorder.body(content[:done], done, started)

    async def finish(self, *, abort: bool = False, grace: float = CLOSE_GRACE) -> None:
        """Close the connection, within ``grace`` seconds or else without ceremony."""
        wire = self._wire
        if wire is None:
            if self.sock is not None:
                self.sock.close()
            return
        already = wire.lost.is_set()
        wire.leaving = True
        if abort:
            wire.abort()
        else:
            self.close()
        try:
            async with asyncio.timeout(grace):
                await wire.lost.wait()
        except TimeoutError:
            wire.abort()
            await asyncio.sleep(0)
        if not already:
            self.recorder.closed(Stage.QUIT, "connection dropped" if abort else "connection closed")

    def observe(self, recorder: Recorder) -> None:
        """Let another recorder take over; nothing may be owed."""
        self.recorder = recorder
        self.wire.observe(recorder)

    def channel(self) -> ssl.SSLObject | None:
        """The TLS object of the connection, for channel bindings and facts; None in the clear."""
        transport = self.wire.transport
        found = transport.get_extra_info("ssl_object") if transport is not None else None
        return found if isinstance(found, ssl.SSLObject) else None


def endpoint(address: object) -> str | None:
    """``IP:port`` of a socket address, ``[IP]:port`` for IPv6; None where it is neither."""
    if isinstance(address, tuple) and len(address) >= 2:
        host, port = address[:2]
        return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
    return None


def reason(error: BaseException) -> str:
    """What an operating system or TLS error says, without its number."""
    if isinstance(error, OSError) and error.strerror:
        return re.sub(r"\s*\(_ssl\.c:\d+\)", "", error.strerror)
    return decode(str(error).encode("utf-8", "surrogateescape")) or type(error).__name__
