"""Postfix's port for lists: what it refuses, and what its log says of it."""

import asyncio
import re

import pytest

from tests.servers.dialogue_client import DialogueClient
from tests.servers.postfix import GREY_SECONDS, LIST_RATE, Postfix
from tests.servers.postfix_log import read_account

MESSAGE = b"Message-ID: <one@me.test>\r\nSubject: x\r\n\r\nhello\r\n."


async def send(client: DialogueClient, address: bytes, declared: bytes = b"") -> bytes:
    """One message, a command at a time; returns the last reply."""
    reply = b""
    for line in (b"MAIL FROM:<a@x.test>" + declared, b"RCPT TO:<%s>" % address, b"DATA", MESSAGE):
        reply = await client.say(line)
        if not reply.startswith((b"250", b"354")):
            await client.say(b"RSET")
            break
    return reply


@pytest.mark.servers
async def test_a_list_meets_what_lists_meet(postfix: Postfix) -> None:
    async with DialogueClient(postfix.ports.lists) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        assert (await send(client, b"test-lists@good.test")).startswith(b"250 2.0.0")
        assert (await send(client, b"nobody-lists@good.test")).startswith(b"550 5.1.1")
        assert (await send(client, b"test-lists@good.test", b" SIZE=30000")).startswith(b"552 5.3.4")
        assert (await send(client, b"test-grey-lists@good.test")).startswith(b"450 4.2.0")
        await asyncio.sleep(GREY_SECONDS + 0.2)
        assert (await send(client, b"test-grey-lists@good.test")).startswith(b"250 2.0.0")
        client.writer.write(b"MAIL FROM:<a@x.test>\r\nRSET\r\n" * (LIST_RATE + 1))
        replies = [await client.reply() for _ in range(2 * (LIST_RATE + 1))]
        assert any(reply.startswith(b"450 4.7.1") for reply in replies)
    await asyncio.to_thread(postfix.delivered, "test-grey-lists@good.test")
    account = read_account(postfix.whole_log, re.compile(r".*-lists@"))
    assert {address: len(ids) for address, ids in account.sent.items()} == {
        "test-lists@good.test": 1,
        "test-grey-lists@good.test": 1,
    }
    [queue_id] = account.sent["test-lists@good.test"]
    assert account.message_ids[queue_id] == "<one@me.test>"
    assert account.rejected["test-grey-lists@good.test"] == ["450 4.2.0"]
    assert set(account.rejected["nobody-lists@good.test"]) == {"550 5.1.1"}
    assert account.turned_away["552 5.3.4"] >= 1
    assert account.too_fast >= 1
