"""The feeder lays everybody on the desk who is due, and nobody twice, whatever happens while it reads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from smtptui.batch import Journal, Limits, Recipient, Tally
from smtptui.batch.journal import Writer
from smtptui.batch.pacing import Pacer, Retries
from smtptui.batch.running.desk import Desk
from smtptui.batch.running.feeder import Feeder
from smtptui.batch.running.judging import Judge
from smtptui.batch.running.telling import Words
from smtptui.protocol import Reply, Stage
from smtptui.session import Delivery, RecipientOutcome, Verdict
from tests.batch.running.making import made, plain


class Unhurried(Journal):
    """A journal in which something happens between the moment that it reads and the moment that it answers."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def due(self, *args: Any, **named: Any) -> list[Recipient]:
        self._connection.execute("BEGIN")
        self._connection.execute("SELECT count(*) FROM standing").fetchone()
        try:
            self.meanwhile()
            return super().due(*args, **named)
        finally:
            self._connection.execute("COMMIT")


async def test_who_is_sent_to_while_the_journal_is_read_is_not_offered_again(tmp_path: Path) -> None:
    path = made(tmp_path, ["a@good.test", "b@good.test"])
    loop = asyncio.get_running_loop()
    offered: list[int] = []
    with ThreadPoolExecutor(1) as thread:
        journal = await loop.run_in_executor(thread, Unhurried.open, path)
        writer = Writer(path, loop=loop)
        writer.start()
        limits, random = Limits(connections=1, canary=0), Random(1)
        pacer = Pacer(limits, random=random, now=0.0)
        desk = Desk(pacer, plain, writer, Judge(Retries(limits), random), journal_tally(path), now=lambda: 0.0)
        feeder = Feeder(journal, tmp_path / "shared.sqlite", thread, desk)

        async def send_one() -> None:
            letter = desk.take()
            assert letter is not None
            offered.append(letter.recipient.seq)
            reply = Reply(250, b"250 2.0.0 Ok\r\n", 14)
            outcome = RecipientOutcome(letter.recipient.address, Verdict.ACCEPTED, Stage.DOT, reply)
            desk.delivered(letter, Delivery(letter.prepared, (outcome,), reply, None, ()), Words("", "", ""))
            while letter.recipient.seq in desk.numbers:
                await asyncio.sleep(0.001)

        def meanwhile() -> None:
            if desk.numbers:
                asyncio.run_coroutine_threadsafe(send_one(), loop).result()

        journal.meanwhile = meanwhile
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            task = group.create_task(feeder.feed())
            while len(offered) < 2 or desk.waiting:
                await asyncio.sleep(0.001)
            # Once more, now that all are sent.
            await asyncio.sleep(0.05)
            desk.closing = True
            desk.wake()
            await task
        await writer.close()
        await loop.run_in_executor(thread, journal.close)
    assert sorted(offered) == [1, 2]


def journal_tally(path: Path) -> Tally:
    with Journal.open(path, readonly=True) as journal:
        return journal.tally()
