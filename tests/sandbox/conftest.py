"""A running sandbox, a raw client for it, and both event loops."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import uvloop

from smtptui.protocol import Reply, ReplyParser
from smtptui.sandbox import Sandbox

Run = Callable[[Coroutine[Any, Any, None]], None]
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run a coroutine to its end on the loop named; complaints to the loop fail the test."""
    factory = asyncio.new_event_loop if request.param == "asyncio" else uvloop.new_event_loop

    def runner(main: Coroutine[Any, Any, None]) -> None:
        complaints: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=factory) as loop:
            loop.get_loop().set_exception_handler(lambda _, context: complaints.append(context))
            loop.run(asyncio.wait_for(main, 30))
        assert complaints == []

    return runner


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox with the password "sesame", at noon."""
    async with started() as running:
        yield running


def started(**options: Any) -> Sandbox:
    """A sandbox to be entered, with the password "sesame", at noon."""
    return Sandbox(**{"password": "sesame", "clock": lambda: NOON, **options})


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    """A client's context that trusts the sandbox and checks everything, as strictly as OpenSSL can."""
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


class Client:
    """Says lines and reads replies, without any opinion about SMTP."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._parser = ReplyParser()
        self._replies: list[Reply] = []

    async def reply(self) -> Reply:
        """The next reply; EOFError if the server closes instead."""
        while not self._replies:
            data = await asyncio.wait_for(self._reader.read(65536), 5)
            if not data:
                raise EOFError
            self._replies = self._parser.feed(data)
        return self._replies.pop(0)

    async def say(self, line: str | bytes) -> str:
        """Send a line and return the reply: the code and the text of its lines."""
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return str(await self.reply())

    async def secure(self, sandbox: Sandbox) -> None:
        """STARTTLS and the handshake."""
        assert (await self.say("STARTTLS")).startswith("220 2.0.0 ")
        await self.writer.start_tls(trusting(sandbox), server_hostname="localhost")


@asynccontextmanager
async def connected(port: int, context: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    """A client whose greeting has been read."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost" if context else None
    )
    client = Client(reader, writer)
    try:
        greeting = await client.reply()
        assert str(greeting) == "220 sandbox.smtptui.test ESMTP smtptui sandbox"
        yield client
    finally:
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()
