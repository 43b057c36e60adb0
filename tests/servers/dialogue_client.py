"""A bare client for trying the servers: it sends what it is told and reads whole replies."""

import asyncio
import contextlib
import ssl
from types import TracebackType
from typing import Self


class DialogueClient:
    """``async with DialogueClient(port) as client``: ``await client.say(b"NOOP")`` returns the reply."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._context = context
        self._lost = False
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        name = "localhost" if self._context else None
        self._streams = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=self._context, server_hostname=name, limit=1 << 22
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()
        if self._lost:
            await asyncio.sleep(0)
            return
        # How the server ended the connection is the test's business, not the clean-up's.
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await self.writer.wait_closed()

    @property
    def reader(self) -> asyncio.StreamReader:
        """What the server says."""
        assert self._streams is not None
        return self._streams[0]

    @property
    def writer(self) -> asyncio.StreamWriter:
        """What the server hears."""
        assert self._streams is not None
        return self._streams[1]

    async def reply(self) -> bytes:
        """The next reply, all its lines."""
        lines = b""
        while True:
            line = await self.reader.readline()
            lines += line
            if line[3:4] != b"-":
                return lines

    async def say(self, line: bytes) -> bytes:
        """Send a line, return the reply."""
        self.writer.write(line + b"\r\n")
        return await self.reply()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """The handshake after a 220."""
        try:
            await self.writer.start_tls(context, server_hostname="localhost")
        except BaseException:
            # Streams are not told of a connection lost in the handshake: nothing is left to wait for.
            self._lost = True
            raise
