"""The feeder reads who is due while others are sent to: nobody comes onto the queue a second time."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from smtptui.batch import Journal, NewRecipient, RecipientState, new_token
from smtptui.batch.journal import Writer
from smtptui.batch.model import Value
from smtptui.batch.pacing import Limits, Pacer, Retries
from smtptui.batch.running.attempt_log import Words
from smtptui.batch.running.delivery_queue import DeliveryQueue
from smtptui.batch.running.disposition import DispositionRules
from smtptui.batch.running.feeder import Feeder
from smtptui.protocol import Reply, Stage
from smtptui.session import Delivery
from smtptui.transcript import RecipientOutcome, Verdict
from tests.batch.running.making import plain

ACCEPTED = Reply(250, b"250 2.0.0 Ok\r\n", 14)


def long_rows(path: Path, count: int) -> Path:
    """The journal of a batch with rows so long that reading them takes longer than sending to them."""
    with Journal.create(
        path,
        name="trial",
        columns=("email", "much"),
        settings="{}",
        documents={},
        now=time.time(),
        token=lambda: new_token(os.urandom),
    ) as journal:
        much: list[Value] = list(range(5000))
        journal.add(
            NewRecipient(number, address, address, "good.test", (address, much))
            for number in range(1, count + 1)
            for address in (f"user{number}@good.test",)
        )
    return path


async def send_to_all(queue: DeliveryQueue) -> list[int]:
    """Who was taken from the queue, each of them sent to at once, until nobody is left."""
    taken: list[int] = []
    while queue.tally.open and queue.trouble is None:
        message = queue.take()
        if message is None:
            await asyncio.sleep(0.0005)
            continue
        taken.append(message.recipient.seq)
        outcome = RecipientOutcome(message.recipient.address, Verdict.ACCEPTED, Stage.DOT, ACCEPTED)
        queue.delivered(message, Delivery(message.prepared, (outcome,), ACCEPTED, None, ()), Words("", "", ""))
        if len(taken) % 20 == 0:
            await asyncio.sleep(0.0005)
    return taken


async def test_whoever_is_sent_to_while_it_reads_is_not_offered_again(tmp_path: Path) -> None:
    everybody = 300
    path = long_rows(tmp_path / "trial.sqlite", everybody)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        journal = await loop.run_in_executor(thread, Journal.open, path)
        tally = await loop.run_in_executor(thread, journal.tally)
        limits = Limits(canary=0)
        writer = Writer(path, loop=loop)
        writer.start()
        pacer = Pacer(limits, random=Random(1), now=time.time())
        queue = DeliveryQueue(pacer, plain, writer, DispositionRules(Retries(limits), Random(1)), tally, now=time.time)
        feeder = Feeder(journal, tmp_path / "shared.sqlite", thread, queue)
        try:
            async with asyncio.timeout(20), asyncio.TaskGroup() as group:
                feeding = group.create_task(feeder.feed())
                taken = await send_to_all(queue)
                # What was being read meanwhile comes onto the queue before this is answered.
                await loop.run_in_executor(thread, int)
                assert queue.take() is None
                queue.closing = True
                queue.wake()
                await feeding
        finally:
            await writer.close()
            await loop.run_in_executor(thread, journal.close)
    assert queue.trouble is None
    assert sorted(taken) == list(range(1, everybody + 1))
    with Journal.open(path, readonly=True) as journal:
        assert journal.recount()[RecipientState.SENT] == everybody
