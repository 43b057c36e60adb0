"""The misbehaving peer: it does what it is told, and stops cleanly whatever happens."""

import asyncio
import ssl
from collections.abc import Callable

import pytest

from tests.servers.behaviours import (
    ANSI,
    CLOSE,
    CODE_999,
    ENDLESS_LINE,
    ENDLESS_REPLY,
    GOODBYE,
    HALF,
    MARKUP,
    MIXED_CODES,
    NULS,
    PERMANENT,
    RESET,
    SILENCE,
    STRAY_APART,
    STRAY_TOGETHER,
    Behaviour,
    drip,
    flood,
)
from tests.servers.certificates import Certificates
from tests.servers.dialogue_client import DialogueClient
from tests.servers.hostile import STAGES, Body, Handshake, Hostile, StageName
from tests.servers.loops import BOTH_LOOPS

pytestmark = BOTH_LOOPS
Factory = Callable[..., Hostile]
COMMANDS: dict[StageName, bytes] = {
    "ehlo": b"EHLO me.test",
    "starttls": b"STARTTLS",
    "ehlo-tls": b"EHLO me.test",
    "auth": b"AUTH PLAIN AA==",
    "mail": b"MAIL FROM:<a@x.test>",
    "rcpt": b"RCPT TO:<b@x.test>",
    "data": b"DATA",
    "dot": b"hello\r\n.",
    "rset": b"RSET",
    "quit": b"QUIT",
}


async def walk(client: DialogueClient, until: StageName, context: ssl.SSLContext) -> bytes:
    """Go through all stages up to ``until`` and return what the server says there, within ten seconds."""
    async with asyncio.timeout(10):
        reply = await client.reply()
        for stage in STAGES[1 : STAGES.index(until) + 1]:
            reply = await client.say(COMMANDS[stage])
            if stage == "starttls" and stage != until:
                await client.start_tls(context)
        return reply


@pytest.mark.parametrize("stage", STAGES)
async def test_it_says_goodbye_at_every_stage(hostile: Factory, certificates: Certificates, stage: StageName) -> None:
    async with hostile({stage: GOODBYE}, tls="starttls") as server, DialogueClient(server.port) as client:
        reply = await walk(client, stage, certificates.client_context())
        assert reply == b"421 4.3.2 hostile.test is closing\r\n"
        assert await client.reader.read() == b""


@pytest.mark.parametrize("stage", STAGES)
async def test_it_behaves_otherwise(hostile: Factory, certificates: Certificates, stage: StageName) -> None:
    async with hostile(tls="starttls") as server, DialogueClient(server.port) as client:
        reply = await walk(client, stage, certificates.client_context())
    assert reply[:1] in (b"2", b"3")
    assert server.bodies == ([b"hello\r\n"] if STAGES.index(stage) >= STAGES.index("dot") else [])


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (CODE_999, b"999 beyond all codes\r\n"),
        (MIXED_CODES, b"250-yes\r\n550 5.0.0 no\r\n"),
        (NULS, b"250-a\0b\0\0c\r\n250 a\0b\0\0c\r\n"),
        (PERMANENT, b"554 5.7.1 Go away\r\n"),
        (STRAY_TOGETHER, b"250 2.1.0 Ok\r\n"),
        (STRAY_APART, b"250 2.1.0 Ok\r\n"),
        (drip(0.005), b"250 2.1.0 Ok\r\n"),
    ],
    ids=str,
)
async def test_a_reply_to_mail(
    hostile: Factory, certificates: Certificates, behaviour: Behaviour, expected: bytes
) -> None:
    async with hostile({"mail": behaviour}) as server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        assert await client.say(b"MAIL FROM:<a@x.test>") == expected
        if behaviour in (STRAY_APART, STRAY_TOGETHER):
            assert await client.reply() == b"451 4.0.0 stray\r\n"


@pytest.mark.parametrize(("behaviour", "text"), [(ANSI, b"\x1b[2J"), (MARKUP, b"[red]markup[/]")], ids=str)
async def test_texts_that_must_not_be_interpreted(hostile: Factory, behaviour: Behaviour, text: bytes) -> None:
    async with hostile({"banner": behaviour}) as server, DialogueClient(server.port) as client:
        assert (await client.reply()).count(text) == 2


async def test_a_behaviour_for_each_time(hostile: Factory) -> None:
    async with hostile({"rcpt": (PERMANENT, PERMANENT)}) as server, DialogueClient(server.port) as client:
        await client.reply()
        codes = [(await client.say(b"RCPT TO:<b@x.test>"))[:3] for _ in range(3)]
    assert codes == [b"554", b"554", b"250"]


@pytest.mark.parametrize("behaviour", [SILENCE, HALF], ids=str)
async def test_silence(hostile: Factory, behaviour: Behaviour) -> None:
    async with hostile({"banner": behaviour}) as server, DialogueClient(server.port) as client:
        half = b"" if behaviour is SILENCE else b"220 hostile."
        assert await client.reader.readexactly(len(half)) == half
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.reader.read(1)
    assert server.sent == half


async def test_a_reset_after_the_dot(hostile: Factory, certificates: Certificates) -> None:
    async with hostile({"dot": RESET}, tls="starttls") as server, DialogueClient(server.port) as client:
        with pytest.raises(ConnectionResetError):
            await walk(client, "dot", certificates.client_context())
    assert server.bodies == [b"hello\r\n"]


async def test_a_close_is_no_reset(hostile: Factory) -> None:
    async with hostile({"banner": CLOSE}) as server, DialogueClient(server.port) as client:
        assert await client.reader.read() == b""


@pytest.mark.parametrize("behaviour", [ENDLESS_LINE, ENDLESS_REPLY, flood()], ids=str)
async def test_what_does_not_end_is_held_back_by_a_slow_client(hostile: Factory, behaviour: Behaviour) -> None:
    async with hostile({"banner": behaviour}) as server, DialogueClient(server.port) as client:
        await client.reader.readexactly(1_000_000)
        (wire,) = server.wires
        # The client reads no more: what is under way fills the buffers in between, then nothing moves.
        async with asyncio.timeout(20):
            sent = -1
            while sent != wire.sent_size:
                sent = wire.sent_size
                await asyncio.sleep(0.2)
        assert sent < 50_000_000


async def test_a_flood_is_a_right_reply(hostile: Factory) -> None:
    async with hostile({"banner": flood(2_000_000)}) as server, DialogueClient(server.port) as client:
        reply = await client.reply()
        assert len(reply) > 1_900_000
        assert reply.endswith(b"220 hostile.test ESMTP\r\n")
        assert (await client.say(b"EHLO me.test")).startswith(b"250")


async def test_injection_after_starttls(hostile: Factory, certificates: Certificates) -> None:
    peer = hostile(tls="starttls", injected=b"250 injected\r\n")
    async with peer as server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        client.writer.write(b"STARTTLS\r\n")
        assert await client.reader.read(100) == b"220 2.0.0 Ready\r\n250 injected\r\n"
        await client.start_tls(certificates.client_context())
        assert (await client.say(b"EHLO me.test")).startswith(b"250-hostile.test")
    assert b"STARTTLS" not in server.sent.partition(b"injected")[2]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("handshake", "error"),
    [
        ("garbage", ssl.SSLError),
        ("plaintext", ssl.SSLError),
        ("close", (OSError, ssl.SSLError)),
        ("reset", ConnectionResetError),
        ("half-close", (OSError, ssl.SSLError)),
        ("silence", TimeoutError),
        ("half-silence", TimeoutError),
    ],
)
async def test_handshakes_that_fail(
    hostile: Factory,
    certificates: Certificates,
    tls: str,
    handshake: Handshake,
    error: type[Exception] | tuple[type[Exception], ...],
) -> None:
    context = certificates.client_context()
    # Only silence is waited out; whatever else happens is awaited for as long as it takes.
    patience = 0.5 if handshake.endswith("silence") else 20
    async with hostile(tls=tls, handshake=handshake) as server:
        if tls == "implicit":
            with pytest.raises(error):
                async with asyncio.timeout(patience), DialogueClient(server.port, context):
                    pass
        else:
            async with DialogueClient(server.port) as client:
                await walk(client, "starttls", context)
                with pytest.raises(error):
                    async with asyncio.timeout(patience):
                        await client.start_tls(context)
    if handshake.startswith("half"):
        assert b"\x16\x03" in server.sent, "a server's hello begins"


async def upload(client: DialogueClient) -> None:
    """Send 100 MB of body; raises ``ConnectionError`` when the peer has gone."""
    for _ in range(1000):
        client.writer.write(b"x" * 99_998 + b"\r\n")
        await client.writer.drain()
        await asyncio.sleep(0)
        if client.reader.at_eof() or client.reader.exception():
            raise ConnectionResetError


@pytest.mark.parametrize("then", ["close", "reset", "421", "silence"])
async def test_the_end_in_the_middle_of_a_body(hostile: Factory, then: str) -> None:
    body = Body(100_000, then)  # type: ignore[arg-type]
    async with hostile(body=body) as server, DialogueClient(server.port) as client:
        await client.reply()
        for line in (b"EHLO me.test", b"MAIL FROM:<a@x.test>", b"RCPT TO:<b@x.test>", b"DATA"):
            await client.say(line)
        with pytest.raises(TimeoutError if then == "silence" else ConnectionError):
            await asyncio.wait_for(upload(client), 1 if then == "silence" else 20)
    assert server.bodies == []
    assert sum(wire.received_size for wire in server.wires) < 50_000_000


async def test_it_stops_while_clients_are_connected(hostile: Factory) -> None:
    before = asyncio.all_tasks()
    async with hostile({"banner": ENDLESS_LINE}) as endless, hostile({"banner": SILENCE}) as silent:
        clients = [await asyncio.open_connection("127.0.0.1", server.port) for server in (endless, silent)]
        while len(endless.wires) + len(silent.wires) < 2:
            await asyncio.sleep(0.005)
    assert asyncio.all_tasks() == before
    assert all(wire.closed.is_set() for wire in endless.wires + silent.wires)
    for _, writer in clients:
        writer.transport.abort()
    await asyncio.sleep(0.01)


async def test_a_failure_of_the_test_is_not_wrapped(hostile: Factory) -> None:
    with pytest.raises(AssertionError, match="of the test"):
        async with hostile({"banner": SILENCE}) as server, DialogueClient(server.port):
            raise AssertionError("a failure of the test")
