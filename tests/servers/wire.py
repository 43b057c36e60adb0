"""The server's end of one connection, with every octet logged, and the listener that hands such ends out."""

import asyncio
import contextlib
import os
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

LINE_LIMIT = 1 << 20
"""Octets without a line end after which a client is cut off."""
LOG_LIMIT = 8 << 20
"""Octets of a connection that a log with a limit keeps."""
_RECORD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """Octets that crossed the wire in one go, as they were before encryption."""

    direction: Literal["in", "out"]
    """As the server sees it: ``in`` came from the client."""
    data: bytes
    tls: bool


class Wire(asyncio.Protocol):
    """One connection. Reading and writing raise ``ConnectionError`` when the client has gone.

    TLS is done here, on memory buffers, and not by the event loop: so it begins exactly after the octet
    at which it is told to, on every loop, and can be broken off anywhere.
    """

    def __init__(
        self,
        made: "Callable[[Wire], None]",
        *,
        implicit: ssl.SSLContext | None = None,
        log_limit: int | None = None,
    ) -> None:
        self._made = made
        self._log_limit = log_limit
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._wake = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._fault: ssl.SSLError | None = None
        self.log: list[Chunk] = []
        """All octets, or those up to the limit of the log."""
        self.received_size = 0
        self.sent_size = 0
        self.ssl_object: ssl.SSLObject | None = None
        """What there is to know about TLS, once that has begun."""
        self.tls = False
        """Whether the handshake is done."""
        self.eof = False
        """Whether the client has closed its side."""
        self.closed = asyncio.Event()
        if implicit is not None:
            self._begin_tls(implicit)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._made(self)

    def data_received(self, data: bytes) -> None:
        if self.ssl_object is None:
            self._arrived(data)
        else:
            self._incoming.write(data)
            self._pump(self.ssl_object)
        self._wake.set()

    def eof_received(self) -> None:
        self.eof = True
        self._wake.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        self._wake.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # What servers use

    @property
    def transport(self) -> asyncio.Transport:
        """The TCP transport."""
        assert self._transport is not None
        return self._transport

    @property
    def open(self) -> bool:
        """Whether there is still somebody to talk to."""
        return not (self.closed.is_set() or self.eof or self.transport.is_closing())

    @property
    def buffered(self) -> bytes:
        """What has arrived and has not been read."""
        return bytes(self._buffer)

    @property
    def received(self) -> bytes:
        """All that arrived, decrypted."""
        return b"".join(chunk.data for chunk in self.log if chunk.direction == "in")

    @property
    def sent(self) -> bytes:
        """All that was written, before encryption."""
        return b"".join(chunk.data for chunk in self.log if chunk.direction == "out")

    def write(self, data: bytes) -> None:
        """Write octets and log them; nothing happens to them once the connection is lost."""
        if not data or self.closed.is_set() or self.transport.is_closing():
            return
        self.sent_size += len(data)
        self._note("out", data)
        if self.tls and self.ssl_object is not None:
            view = memoryview(data)
            while view:
                view = view[self.ssl_object.write(view) :]
            self._flush()
        else:
            self.transport.write(data)

    async def send(self, data: bytes) -> None:
        """Write and wait until the client has taken enough of it."""
        if self.closed.is_set():
            raise ConnectionResetError("the client has gone")
        self.write(data)
        await self._writable.wait()
        # One turn of the loop even when nothing blocks: an endless sender must let others run.
        await asyncio.sleep(0)

    async def read_line(self) -> bytes:
        """The next line with its line end."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > LINE_LIMIT:
                raise ConnectionAbortedError("the client sent a line that does not end")
            await self._more()
        return self._take(end + 1)

    async def read_body(self) -> bytes:
        """A message as it comes after a 354, dots still doubled, without the line that ends it."""
        if not self._buffer:
            await self._more()
        start = 0
        while not self._buffer.startswith(b".\r\n"):
            if (end := self._buffer.find(b"\r\n.\r\n", start)) >= 0:
                body = self._take(end + 2)
                self._take(3)
                return body
            start = max(0, len(self._buffer) - 4)
            await self._more()
        self._take(3)
        return b""

    async def read_exactly(self, size: int) -> bytes:
        """``size`` octets."""
        while len(self._buffer) < size:
            await self._more()
        return self._take(size)

    async def read_some(self) -> bytes:
        """Whatever has arrived, at least one octet."""
        if not self._buffer:
            await self._more()
        return self._take(len(self._buffer))

    async def start_tls(self, context: ssl.SSLContext, *, last_words: bytes = b"") -> None:
        """Send ``last_words`` in the clear, then do the handshake; raises ``OSError`` (as ``ssl.SSLError``)."""
        self.write(last_words)
        self._buffer.clear()
        self._begin_tls(context)
        await self.secured()

    async def secured(self) -> None:
        """Wait for the end of the handshake; raises ``OSError`` (as ``ssl.SSLError``)."""
        while not self.tls:
            await self._more()

    async def wait_gone(self) -> None:
        """Wait until the connection is lost."""
        await self.closed.wait()

    def stop_reading(self) -> None:
        """Take no more octets from the client; its writes will block before long."""
        if self.open:
            self.transport.pause_reading()

    def close(self) -> None:
        """Send what is buffered, then close."""
        if self.tls and self.ssl_object is not None and not self.transport.is_closing():
            # Says goodbye (close_notify) and does not wait for the client to do so as well.
            with contextlib.suppress(ssl.SSLError):
                self.ssl_object.unwrap()
            self._flush()
        self.transport.close()

    def reset(self) -> None:
        """Cut the connection with a TCP reset."""
        if self.closed.is_set():
            return
        raw = self.transport.get_extra_info("socket")
        # Neither loop lends its socket for this; the option belongs to the connection, not to the descriptor.
        with socket.socket(fileno=os.dup(raw.fileno())) as copy:
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    async def _more(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self.closed.is_set() or self.eof:
            raise ConnectionResetError("the client has gone")
        self._wake.clear()
        await self._wake.wait()

    def _arrived(self, data: bytes) -> None:
        self.received_size += len(data)
        self._note("in", bytes(data))
        self._buffer += data

    def _note(self, direction: Literal["in", "out"], data: bytes) -> None:
        if self._log_limit is None or self.received_size + self.sent_size <= self._log_limit:
            self.log.append(Chunk(direction, data, self.tls))

    def _begin_tls(self, context: ssl.SSLContext) -> None:
        self.ssl_object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def _pump(self, tls: ssl.SSLObject) -> None:
        """Do what can be done with the encrypted octets that have come."""
        try:
            if not self.tls:
                tls.do_handshake()
                self.tls = True
            while data := tls.read(_RECORD):
                self._arrived(data)
            self.eof = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.eof = True
        except ssl.SSLError as fault:
            self._fault = fault
        self._flush()

    def _flush(self) -> None:
        if (data := self._outgoing.read()) and not self.transport.is_closing():
            self.transport.write(data)


class LoopbackServer:
    """Listens on a free loopback port (or a UNIX socket) for as long as its ``async with`` block lasts.

    With ``implicit`` connections begin with TLS: a handler waits for :meth:`Wire.secured` first.
    A fault of the server itself fails the test: the handlers run in a task group of the block.
    """

    def __init__(
        self,
        *,
        implicit: ssl.SSLContext | None = None,
        path: Path | None = None,
        log_limit: int | None = None,
    ) -> None:
        self._implicit = implicit
        self._log_limit = log_limit
        self._path = path
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.wires: list[Wire] = []
        """All connections so far, in order."""
        self.host = "127.0.0.1"
        self.port = 0

    async def serve(self, wire: Wire) -> None:
        """Speak to one client."""
        raise NotImplementedError

    @property
    def received(self) -> bytes:
        """All that came from clients, decrypted, one connection after the other."""
        return b"".join(wire.received for wire in self.wires)

    @property
    def sent(self) -> bytes:
        """All that was written to clients, before encryption, one connection after the other."""
        return b"".join(wire.sent for wire in self.wires)

    @property
    def log(self) -> list[Chunk]:
        """Both directions in the order in which they happened, one connection after the other."""
        return [chunk for wire in self.wires for chunk in wire.log]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        await self._group.__aenter__()
        if self._path is not None:
            self._server = await loop.create_unix_server(self._wire, str(self._path))
        else:
            self._server = await loop.create_server(self._wire, self.host, 0)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        for wire in self.wires:
            wire.transport.abort()
        # A failed test is its own error, not the task group's: only cancellation is the group's business.
        if isinstance(error, asyncio.CancelledError):
            await self._group.__aexit__(kind, error, trace)
        else:
            await self._group.__aexit__(None, None, None)
        for wire in self.wires:
            await wire.closed.wait()
        await self._server.wait_closed()
        # Transports close their sockets in a callback of the turn after connection_lost.
        await asyncio.sleep(0)

    def _wire(self) -> Wire:
        return Wire(self._accept, implicit=self._implicit, log_limit=self._log_limit)

    def _accept(self, wire: Wire) -> None:
        self.wires.append(wire)
        task = self._group.create_task(self._run(wire))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, wire: Wire) -> None:
        try:
            await self.serve(wire)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            # A peer that has nothing more to say hangs up; what it wrote is still sent.
            wire.close()
