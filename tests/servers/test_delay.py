"""The delaying proxy: what it delays, and what it leaves alone."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.servers.delay import DelayProxy
from tests.servers.dialogue_client import DialogueClient
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle

pytestmark = BOTH_LOOPS


@asynccontextmanager
async def greeted(oracle: Callable[..., Oracle], one_way: float) -> AsyncIterator[tuple[Oracle, DialogueClient]]:
    """A client that has said EHLO to the oracle from afar."""
    async with (
        oracle(pieces=1) as server,
        DelayProxy(server.port, one_way) as proxy,
        DialogueClient(proxy.port) as client,
    ):
        await client.reply()
        await client.say(b"EHLO me.test")
        yield server, client


async def test_each_direction_is_delayed(oracle: Callable[..., Oracle]) -> None:
    clock = asyncio.get_running_loop().time
    async with greeted(oracle, 0.05) as (_, client):
        began = clock()
        assert (await client.say(b"NOOP")).startswith(b"250")
        assert 0.099 <= clock() - began < 5


async def test_what_is_sent_together_arrives_together(oracle: Callable[..., Oracle]) -> None:
    clock = asyncio.get_running_loop().time
    async with greeted(oracle, 0.05) as (server, client):
        began = clock()
        client.writer.write(b"RSET\r\n" * 200)
        for _ in range(200):
            await client.reply()
        assert 0.099 <= clock() - began < 10, "200 round trips would be 20 s"
        await client.say(b"QUIT")
        assert await client.reader.read() == b""
    assert server.received.count(b"RSET\r\n") == 200


async def test_much_is_moved_unharmed(oracle: Callable[..., Oracle]) -> None:
    body = b"".join(b"%07d\r\n" % number for number in range(400_000))
    async with greeted(oracle, 0.02) as (server, client):
        for line in (b"MAIL FROM:<a@x.test>", b"RCPT TO:<b@x.test>", b"DATA"):
            await client.say(line)
        assert (await client.say(body + b".")).startswith(b"250")
    assert server.messages[0].data == body


async def test_nobody_behind_it() -> None:
    async with DelayProxy(1, 0.01) as proxy, DialogueClient(proxy.port) as client:
        with contextlib.suppress(ConnectionResetError):
            assert await client.reader.read() == b""


async def test_as_a_program(oracle: Callable[..., Oracle]) -> None:
    async with oracle(pieces=1) as server:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.servers.delay",
            str(server.port),
            "5",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert program.stdin is not None
        assert program.stdout is not None
        port = int(await program.stdout.readline())
        async with DialogueClient(port) as client:
            assert (await client.reply()).startswith(b"220")
        program.stdin.close()
        assert await program.wait() == 0
