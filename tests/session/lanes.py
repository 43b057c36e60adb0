"""Open lanes to test servers: connect, EHLO, TLS and AUTH as a session does, then many messages."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from smtptui.protocol import Connection, Envelope, TlsMode, TlsSettings
from smtptui.session import BeforeBody, LaneSettings, open_lane
from smtptui.session.delivery import Delivery
from smtptui.session.envelope_commands import Prepared, prepare
from smtptui.session.pipeline import Lane, Pipelining, Source


@asynccontextmanager
async def lane_to(
    port: int,
    *,
    pipelining: Pipelining = Pipelining.AUTO,
    tls: TlsSettings | None = None,
    lmtp: bool = False,
    timeout: float = 5.0,
    before_body: BeforeBody | None = None,
) -> AsyncIterator[Lane]:
    """A lane over a fresh connection; it is closed with QUIT where that may still be said."""
    connection = Connection(
        "127.0.0.1", port, tls or TlsSettings(mode=TlsMode.NONE), lmtp=lmtp, timeout=timeout, ehlo_name="lane.test"
    )
    opened = await open_lane(LaneSettings(connection, pipelining=pipelining, before_body=before_body))
    try:
        yield opened.lane
    finally:
        await opened.leave()


async def deliver(lane: Lane, messages: Iterable[Prepared]) -> list[Delivery]:
    """What became of each message."""
    return [delivery async for delivery in lane.deliver(Source(messages))]


def message(number: int, *recipients: str, sender: str = "list@good.test") -> Prepared:
    """A message that tells itself from the others, with dots to stuff."""
    content = f"Subject: number {number}\r\n\r\n.dot\r\n..\r\n.\r\nbody {number}\r\n".encode()
    return prepare(Envelope.of(sender, *(recipients or (f"user{number}@good.test",))), content)
