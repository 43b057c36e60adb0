"""Open lanes to test servers: connect, EHLO, TLS and AUTH as a session does, then many messages."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from smtptui.protocol import Connection, Envelope, Stage, TlsMode, TlsSettings
from smtptui.session import Request, Transcript
from smtptui.session.conversation import Conversation, Target
from smtptui.session.dialogue import OPENING, walk
from smtptui.session.mask import Masker
from smtptui.session.pipeline import Delivery, Lane, Pipelining, Source
from smtptui.session.recorder import Recorder
from smtptui.session.wording import Prepared, prepare


@asynccontextmanager
async def open_lane(
    port: int,
    *,
    pipelining: Pipelining = Pipelining.AUTO,
    tls: TlsSettings | None = None,
    lmtp: bool = False,
    timeout: float = 5.0,
) -> AsyncIterator[Lane]:
    """A lane over a fresh connection; it is closed with QUIT where that may still be said."""
    connection = Connection(
        "127.0.0.1", port, tls or TlsSettings(mode=TlsMode.NONE), lmtp=lmtp, timeout=timeout, ehlo_name="lane.test"
    )
    started = datetime.now(UTC)
    recorder = Recorder(
        Transcript(started=started), Masker(), clock=time.perf_counter, origin=time.perf_counter(), body_peek=10**6
    )
    content = b"\r\n"
    request = Request(connection, Envelope.of("", "nobody@good.test"), content)
    target = Target("127.0.0.1", port, ("127.0.0.1",))
    talk = Conversation(
        request, prepare(request.envelope, content), target, recorder, None, lambda: started, lambda: "nonce"
    )
    await walk(talk, OPENING)
    client = talk.live()
    lane = Lane(client, talk.capabilities, pipelining=pipelining, seconds=lambda _: timeout, lmtp=lmtp)
    try:
        yield lane
        if lane.failure is None:
            client.wire.say(Stage.QUIT, b"QUIT\r\n")
            await client.reply(timeout)
    finally:
        await client.finish(abort=lane.failure is not None)


async def deliver(lane: Lane, messages: Iterable[Prepared]) -> list[Delivery]:
    """What became of each message."""
    return [delivery async for delivery in lane.deliver(Source(messages))]


def message(number: int, *recipients: str, sender: str = "list@good.test") -> Prepared:
    """A message that tells itself from the others, with dots to stuff."""
    content = f"Subject: number {number}\r\n\r\n.dot\r\n..\r\n.\r\nbody {number}\r\n".encode()
    return prepare(Envelope.of(sender, *(recipients or (f"user{number}@good.test",))), content)
