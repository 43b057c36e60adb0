"""What is reserved of the day and not used is given back, whenever the run ends."""

import asyncio
import sqlite3
import threading
import time
from pathlib import Path
from random import Random

import pytest

from smtptui.batch import Journal, Shared
from smtptui.batch.journal import Writer
from smtptui.batch.pacing import Limits, Pacer, Retries
from smtptui.batch.running.daily_quota import DailyQuota
from smtptui.batch.running.delivery_queue import DeliveryQueue
from smtptui.batch.running.disposition import DispositionRules
from tests.batch.running.making import made, plain

ACCOUNT, CAP = "me@relay.test", 100


def busy_queue(path: Path) -> DeliveryQueue:
    """A queue that has somebody to send to."""
    limits = Limits(canary=0, per_day=CAP)
    with Journal.open(path, readonly=True) as journal:
        rows, tally = journal.due(0.0, limit=10), journal.tally()
    writer = Writer(path, loop=asyncio.get_running_loop())
    pacer = Pacer(limits, random=Random(1), now=time.time())
    queue = DeliveryQueue(pacer, plain, writer, DispositionRules(Retries(limits), Random(1)), tally, now=time.time)
    queue.offer(rows)
    return queue


def used(path: Path) -> int:
    with Shared(path) as shared:
        return shared.used(ACCOUNT, time.time())


async def test_a_stop_while_it_is_reserved_takes_nothing_from_the_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()
    reserve = Shared.reserve

    def reserved(shared: Shared, account: str, want: int, cap: int, now: float) -> int:
        begun.set()
        return reserve(shared, account, want, cap, now)

    monkeypatch.setattr(Shared, "reserve", reserved)
    queue = busy_queue(made(tmp_path, ["a@good.test"]))
    path = tmp_path / "shared.sqlite"
    assert used(path) == 0
    # Another process has the file: what is to be reserved waits for it.
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(DailyQuota(path, ACCOUNT, CAP, queue).keep())
        await asyncio.to_thread(begun.wait, 10)
        keeping.cancel()
        await asyncio.sleep(0.1)
        other.execute("ROLLBACK")
        other.close()
    assert used(path) == 0


async def test_a_stop_while_it_is_given_back_gives_it_back_once(tmp_path: Path) -> None:
    queue = busy_queue(made(tmp_path, ["a@good.test"]))
    path = tmp_path / "shared.sqlite"
    with Shared(path) as shared:
        # What others have reserved stays theirs.
        assert shared.reserve(ACCOUNT, 30, CAP, time.time()) == 30
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(DailyQuota(path, ACCOUNT, CAP, queue).keep())
        while not queue.pacer.allowance:
            await asyncio.sleep(0.01)
        assert used(path) == 80
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        # It is stale from now on.
        queue.now = lambda: time.time() + 60
        while queue.pacer.allowance:
            await asyncio.sleep(0.01)
        keeping.cancel()
        await asyncio.sleep(0.1)
        other.execute("ROLLBACK")
        other.close()
    assert used(path) == 30
