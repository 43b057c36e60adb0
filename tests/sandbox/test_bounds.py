"""The sandbox bounds what unfinished messages and connections take, and says so."""

import asyncio
import contextlib

import pytest

from smtptui.sandbox import channel, listener
from tests.sandbox.conftest import Run, started


async def said(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(20):
        return await reader.readline()


def test_one_connection_too_many_is_told_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_CONNECTIONS", 2)

    async def main() -> None:
        async with started() as sandbox:
            opened = [await asyncio.open_connection("127.0.0.1", sandbox.ports.smtp) for _ in range(3)]
            greetings = [await said(reader) for reader, _ in opened]
            assert [greeting[:3] for greeting in greetings] == [b"220", b"220", b"421"]
            assert b"421 4.7.0" in greetings[2]
            assert b"2 at most" in greetings[2]
            assert await said(opened[2][0]) == b""
            opened[0][1].close()
            await asyncio.sleep(0.1)
            reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.ports.smtp)
            assert (await said(reader)).startswith(b"220")
            for _, each in (*opened, (reader, writer)):
                each.close()
                with contextlib.suppress(ConnectionError):
                    await each.wait_closed()

    run(main())


def test_unfinished_messages_are_counted_together(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "MOST_UNFINISHED", 10_000)

    async def main() -> None:
        async with started() as sandbox:
            clients = []
            for _ in range(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.ports.smtp)
                await said(reader)
                for command in (b"HELO me.test", b"MAIL FROM:<a@x.test>", b"RCPT TO:<b@y.test>", b"DATA"):
                    writer.write(command + b"\r\n")
                    answer = await said(reader)
                assert answer.startswith(b"354")
                writer.write(b"Subject: x\r\n\r\n" + b"some text\r\n" * 700)
                await writer.drain()
                clients.append((reader, writer))
                await asyncio.sleep(0.2)
            for _, writer in clients:
                writer.write(b".\r\n")
            first, second = [await said(reader) for reader, _ in clients]
            assert first.startswith(b"250")
            assert second.startswith(b"452 4.3.1")
            # What was dropped is not counted any more.
            reader, writer = clients[1]
            for command in (b"MAIL FROM:<a@x.test>", b"RCPT TO:<b@y.test>", b"DATA", b"Subject: x\r\n\r\nx\r\n."):
                writer.write(command + b"\r\n")
                answer = await said(reader)
            assert answer.startswith(b"250")
            for _, writer in clients:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

    run(main())
