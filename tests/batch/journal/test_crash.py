"""A runner killed at any moment leaves a journal in which all that was promised is true."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smtptui.batch.journal import Journal, RunnerLock
from smtptui.batch.model import RecipientState
from tests.batch.journal.making import create

S = RecipientState
LANES = 5

_RUNNER = """
import asyncio, os, sys
from pathlib import Path
from smtptui.batch.journal import Heartbeat, Journal, RunnerLock, Writer
from smtptui.batch.model import Attempted, Inflight, RecipientState as S
LANES = 5

async def main():
    path = Path(sys.argv[1])
    with RunnerLock(path, pid=os.getpid(), host="here"):
        with Journal.open(path) as journal:
            journal.recover(1.0)
            todo = iter([r.seq for r in journal.due(1e12, limit=10**6)])
        writer = Writer(path, loop=asyncio.get_running_loop())
        writer.start()

        async def lane():
            last = ()
            for seq in todo:
                await writer.post(*last, Inflight(seq, 2.0))
                # What stands here is promised: the last one is decided, this one is in flight.
                os.write(1, b"".join(b"%d %s\\n" % (o.seq, o.state[0].encode()) for o in last) + b"%d i\\n" % seq)
                end = S.SENT if seq % 3 else S.DEFERRED
                last = (Attempted(seq, end, 2.0, 3.0, reply="x" * (seq % 700), next_at=1e12 if seq % 2 else 5.0),)
            await writer.post(*last)

        async with asyncio.TaskGroup() as group:
            for _ in range(LANES):
                group.create_task(lane())
            group.create_task(beat(writer))
        await writer.close()

async def beat(writer):
    for at in range(20):
        await writer.post(Heartbeat(1, "here", float(at)))
        await asyncio.sleep(0.01)

asyncio.run(main())
"""


def crash(tmp_path: Path, kills: int, seed: int, recipients: int) -> None:
    """Kill runners of one batch, and look at what is left each time."""
    chance = random.Random(seed)
    path = create(tmp_path / "june.sqlite", recipients)
    decided: dict[int, str] = {}
    uncertain = 0
    for _ in range(kills):
        runner = subprocess.Popen([sys.executable, "-c", _RUNNER, str(path)], stdout=subprocess.PIPE)
        assert runner.stdout is not None
        first = runner.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        runner.kill()
        begun: set[int] = set()
        for line in (first + runner.stdout.read()).decode().splitlines():
            number, said = line.split()
            if said == "i":
                begun.add(int(number))
            else:
                decided[int(number)] = said
        runner.wait()
        runner.stdout.close()
        with RunnerLock(path, pid=os.getpid(), host="here"), Journal.open(path) as journal:
            tally = journal.tally()
            assert tally == journal.recount()
            assert tally.total == recipients
            assert tally[S.INFLIGHT] <= LANES
            states = {recipient.seq: recipient.state for recipient in journal.recipients()}
            # Nobody who was begun is open again, unless deferred: then an attempt at them has ended.
            assert all(states[seq] is not S.PENDING for seq in begun)
            for seq, state in decided.items():
                if seq not in begun:
                    assert states[seq][0] in (state, "u", "i", "s")
            uncertain += journal.recover(1.0)
    assert uncertain <= kills * LANES
    runner = subprocess.Popen([sys.executable, "-c", _RUNNER, str(path)], stdout=subprocess.DEVNULL)
    assert runner.wait(60) == 0
    with Journal.open(path) as journal:
        tally = journal.tally()
        assert tally == journal.recount()
        assert tally[S.PENDING] == tally[S.INFLIGHT] == 0
        assert tally[S.UNCERTAIN] == uncertain
        for recipient in journal.recipients():
            # What was promised as sent has one attempt and no other: it was never begun again.
            if decided.get(recipient.seq) == "s":
                assert recipient.state is S.SENT
                assert [attempt.state for attempt in journal.attempts(recipient.seq)][-1] is S.SENT


def test_a_few_kills(tmp_path: Path) -> None:
    crash(tmp_path, kills=4, seed=1, recipients=3000)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10))
def test_many_kills(tmp_path: Path, seed: int) -> None:
    crash(tmp_path, kills=20, seed=100 + seed, recipients=30_000)
