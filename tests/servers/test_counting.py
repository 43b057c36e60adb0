"""The counting server: its record says what it accepted and what it did, and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers.counting import OPENING, TRANSACTION, Fault, Record, counting, read_record
from tests.servers.dialogue_client import DialogueClient

MESSAGE = b"Message-ID: <%s@me.test>\r\nSubject: x\r\n\r\nhello\r\n."


async def send(client: DialogueClient, address: bytes) -> bytes:
    """One message, a command at a time; returns the last reply."""
    reply = b""
    for line in (b"MAIL FROM:<a@x.test>", b"RCPT TO:<%s>" % address, b"DATA", MESSAGE % address.partition(b"@")[0]):
        reply = await client.say(line)
        if not reply.startswith((b"250", b"354")):
            break
    return reply


@contextlib.asynccontextmanager
async def greeted(port: int) -> AsyncIterator[DialogueClient]:
    """A client that has said EHLO."""
    async with DialogueClient(port) as client:
        assert (await client.reply()).startswith(b"220")
        assert b"PIPELINING" in await client.say(b"EHLO me.test")
        yield client


async def test_what_is_answered_is_recorded(tmp_path: Path) -> None:
    with counting(tmp_path / "record") as port:
        async with greeted(port) as client:
            assert (await send(client, b"ann@x.test")).startswith(b"250")
            assert read_record(tmp_path / "record").accepted == {"ann@x.test": 1}
            assert (await send(client, b"unknown7@x.test")).startswith(b"550 5.1.1")
            await client.say(b"RSET")
            assert (await send(client, b"grey@x.test")).startswith(b"450 4.2.0")
            await client.say(b"RSET")
            assert (await send(client, b"grey@x.test")).startswith(b"250")
            assert (await client.say(b"QUIT")).startswith(b"221")
    record = read_record(tmp_path / "record")
    assert record.accepted == {"ann@x.test": 1, "grey@x.test": 1}
    assert record.message_ids["grey@x.test"] == {"<grey@me.test>"}
    assert record.refused == {"unknown7@x.test": 1, "grey@x.test": 1}


async def test_groups_across_messages_are_answered_in_order(tmp_path: Path) -> None:
    envelope = b"MAIL FROM:<a@x.test>\r\nRCPT TO:<%s@x.test>\r\nDATA\r\n"
    with counting(tmp_path / "record") as port:
        async with greeted(port) as client:
            client.writer.write(envelope % b"one")
            assert [(await client.reply())[:3] for _ in range(3)] == [b"250", b"250", b"354"]
            client.writer.write(MESSAGE % b"one" + b"\r\n" + envelope % b"two")
            assert [(await client.reply())[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
            assert (await client.say(MESSAGE % b"two")).startswith(b"250")
    assert read_record(tmp_path / "record").accepted == {"one@x.test": 1, "two@x.test": 1}


async def hear(port: int, number: int) -> bytes:
    """What a patient client hears last of one message; empty where the connection ends before."""
    try:
        async with asyncio.timeout(1), DialogueClient(port) as client:
            if not (await client.reply()).startswith(b"220") or not await client.say(b"EHLO me.test"):
                return b""
            return await send(client, b"user%d@x.test" % number)
    except (TimeoutError, ConnectionError):
        return b""


async def test_a_storm_of_everything_is_on_the_record(tmp_path: Path) -> None:
    with counting(tmp_path / "record", seed=5, storm=1.0) as port:
        replies = await asyncio.gather(*(hear(port, number) for number in range(4 * len(OPENING))))
        assert not any(reply.startswith(b"250") for reply in replies)
    assert set(read_record(tmp_path / "record").faults) == set(OPENING)


async def test_what_was_accepted_is_known_whatever_the_client_heard(tmp_path: Path) -> None:
    with counting(tmp_path / "record", seed=3, storm=0.5) as port:
        replies = await asyncio.gather(*(hear(port, number) for number in range(400)))
    record = read_record(tmp_path / "record")
    assert {stage for stage, _ in record.faults} == {stage for stage, _ in TRANSACTION} | {"connect", "ehlo"}
    heard = {f"user{number}@x.test" for number, reply in enumerate(replies) if reply.startswith(b"250")}
    assert max(record.accepted.values()) == 1
    assert heard <= set(record.accepted)
    swallowed = sum(record.faults["accepted", what] for what in ("drop", "reset", "silence"))
    assert len(record.accepted) - len(heard) == swallowed


@pytest.mark.parametrize(
    ("faults", "in_doubt", "unanswered"),
    [
        ({("mail", "drop"): 3, ("dot", "421"): 2, ("dot", "451"): 1, ("accepted", "stall"): 4}, 0, 0),
        ({("rcpt", "reset"): 1, ("body", "drop"): 2, ("body", "421"): 1}, 4, 0),
        ({("dot", "drop"): 1, ("accepted", "reset"): 2, ("accepted", "silence"): 3}, 6, 6),
    ],
)
def test_what_leaves_doubt(faults: dict[Fault, int], in_doubt: int, unanswered: int) -> None:
    record = Record()
    record.faults.update(faults)
    assert (record.in_doubt, record.unanswered) == (in_doubt, unanswered)
