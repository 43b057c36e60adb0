"""What the journal costs: the writer's CPU and pace beside the machine's own, and a batch of a million.

``python -m tests.bench.journal [--messages 20000] [--lanes 10] [--rows 1000000]`` prints three tables: the disk's own
rate of small synced writes; messages a second through the writer, each begun durably and then sent, with and without
other work in the loop and with the interpreter's switch interval lowered; and time and memory of a batch of
``--rows``. A figure without the machine's own beside it means nothing.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch import Attempted, Inflight, Journal, NewRecipient, RecipientState
from smtptui.batch.journal import Writer
from smtptui.protocol import Stage

SWITCH_S = 0.0005
GROUP = 1000
ADDRESS = "recipient-{}@customer-{}.example.test"


@dataclass(frozen=True)
class Run:
    """One run through the writer."""

    seconds: float
    cpu: float
    """Of the whole process, in seconds."""
    lag: float
    """The worst time from posting to durable, in seconds."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--lanes", type=int, default=10)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--measure-rows", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        if options.measure_rows:
            measure_rows(folder, options.measure_rows)
            return
        print(f"fdatasync of 4 KiB appended: {synced(folder):,.0f}/s in {options.folder}")
        print(f"\n{options.messages} messages, groups of up to {options.lanes}, synchronous=FULL")
        print(
            f"{'switch interval':>16} {'work in loop':>13} {'witness':>8} {'msg/s':>8} {'CPU us/msg':>11}"
            f" {'worst ms':>9}"
        )
        for switch in (0.005, SWITCH_S):
            for work in (0.0, 100e-6):
                for witness in (False, True):
                    sys.setswitchinterval(switch)
                    run = asyncio.run(send(folder, options.messages, options.lanes, work, witness))
                    cpu = (run.cpu / options.messages - work) * 1e6
                    print(
                        f"{switch * 1000:>13.1f} ms {work * 1e6:>10.0f} us {'yes' if witness else 'no':>8}"
                        f" {options.messages / run.seconds:>8,.0f} {cpu:>11.1f} {run.lag * 1000:>9.1f}"
                    )
        print()
        for rows in (options.rows // 100, options.rows):
            subprocess.run(
                [sys.executable, "-m", "tests.bench.journal", "--measure-rows", str(rows), "--folder", scratch],
                check=True,
            )


def synced(folder: Path, seconds: float = 1.0) -> float:
    """Small appended writes a second, each synced: no journal commits faster than this."""
    path = folder / "synced"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        os.write(descriptor, b"x" * 4096)
        os.fdatasync(descriptor)
        count += 1
    os.close(descriptor)
    path.unlink()
    return count / seconds


async def send(folder: Path, messages: int, lanes: int, work: float, witness: bool) -> Run:
    """Lanes that say as a runner does: how the last one ended and which is begun next, in one post."""
    path = batch(folder / "pace.sqlite", messages)
    writer = Writer(path, loop=asyncio.get_running_loop(), shared=folder / "shared.sqlite" if witness else None)
    writer.start()
    worst = 0.0

    async def lane(number: int) -> None:
        nonlocal worst
        last: tuple[Attempted, ...] = ()
        for seq in range(number + 1, messages + 1, lanes):
            now = time.time()
            started = time.perf_counter()
            await writer.post(*last, Inflight(seq, now))
            worst = max(worst, time.perf_counter() - started)
            busy(work)
            last = (sent(seq, now),)
        await writer.post(*last)

    started, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for number in range(lanes):
            group.create_task(lane(number))
    result = Run(time.perf_counter() - started, time.process_time() - cpu, worst)
    await writer.close()
    with Journal.open(path) as journal:
        assert journal.tally()[RecipientState.SENT] == messages
        assert journal.tally() == journal.recount()
    path.unlink()
    return result


def busy(seconds: float) -> None:
    """Work that holds the interpreter's lock."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def sent(seq: int, now: float) -> Attempted:
    """A success as a runner tells it."""
    return Attempted(
        seq,
        RecipientState.SENT,
        began=now,
        ended=now + 0.01,
        stage=Stage.DOT,
        code=250,
        enhanced="2.0.0",
        reply="Ok: queued as 4ZkQ2W0Tz9zB3",
        queue_id="4ZkQ2W0Tz9zB3",
        host="relay.example.test",
        timings="mail 250 0.4 rcpt 250 0.5 data 354 0.6 dot 250 2.1",
    )


def batch(path: Path, size: int) -> Path:
    """A batch of so many rows as lists have."""
    numbers = iter(range(10**9))
    with Journal.create(
        path,
        name=path.stem,
        columns=("email", "name", "company", "greeting"),
        settings="{}",
        documents={"template": b"Subject: Hello\n\nHello\n"},
        now=time.time(),
        token=lambda: f"{next(numbers):024}",
        shared=path.parent / "shared.sqlite",
    ) as journal:
        journal.add(rows(size))
    return path


def rows(size: int) -> Iterator[NewRecipient]:
    """A list that is nowhere as a whole."""
    for number in range(1, size + 1):
        address = ADDRESS.format(number, number % 5000)
        values = (address, f"Name Number {number}", f"Company {number % 977}", "Dear reader of this letter,")
        yield NewRecipient(number + 1, address, address, address.partition("@")[2], values)


def measure_rows(folder: Path, size: int) -> None:
    """A batch in a process of its own, for its memory: made, asked at several fills, gone through."""
    started = time.perf_counter()
    path = batch(folder / "rows.sqlite", size)
    made = time.perf_counter() - started
    print(f"{size:>9,} rows: made in {made:.1f} s, {path.stat().st_size / 1e6:.0f} MB", end="")
    with Journal.open(path) as journal:
        busiest = [f"customer-{number}.example.test" for number in range(2500)]
        for fill in (0, 50, 99):
            done, wanted = max(0, size * (fill - 49) // 100), size * fill // 100
            for start in range(done, wanted, GROUP):
                journal.apply(sent(seq, 0.0) for seq in range(start + 1, min(start + GROUP, wanted) + 1))
            first = timed(lambda: journal.due(time.time(), limit=100))
            held = timed(lambda: journal.due(time.time(), limit=100, exclude_destinations=busiest))
            print(f"; due at {fill} %: {first * 1000:.1f} ms ({held * 1000:.1f} held)", end="")
        through = timed(lambda: sum(1 for _ in journal.standings()))
        tally = timed(journal.tally)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
    print(f"; all read in {through:.1f} s; tally {tally * 1e6:.0f} us; peak memory {peak:.0f} MB")


def timed(call: object) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
