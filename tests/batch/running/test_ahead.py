"""Letters are composed ahead by another process; whatever becomes of that one, nobody waits for it."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from smtptui.batch import Recipient, UnsendableError
from smtptui.batch.pacing import Limits
from smtptui.batch.running.ahead import STALE, Ahead, worth_it
from smtptui.batch.running.runner import BatchRun
from smtptui.session import Prepared
from tests.batch.running.making import made, plain, request
from tests.batch.running.test_portions import somebody
from tests.servers.counting import counting

COMPOSER = (
    sys.executable,
    "-c",
    "import sys; from smtptui.batch import serve; from tests.batch.running.making import plain;"
    " serve(plain, sys.stdin.buffer, sys.stdout.buffer)",
)


def scripted(script: str) -> tuple[str, ...]:
    """Another process that does something else."""
    return (sys.executable, "-c", script)


class Clock:
    """Time that goes on by itself, and by what a test adds."""

    def __init__(self) -> None:
        self.more = 0.0

    def now(self) -> float:
        return time.monotonic() + self.more


@contextlib.asynccontextmanager
async def kept(
    command: Sequence[str], clock: Clock | None = None, wanted: Callable[[int], bool] = lambda seq: True
) -> AsyncIterator[Ahead]:
    """Letters ahead while the block lasts."""
    ahead = Ahead(command, wanted=wanted, rate=lambda: 0.0, arrived=lambda: None, now=(clock or Clock()).now)
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(ahead.keep())
        try:
            yield ahead
        finally:
            keeping.cancel()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def taken(ahead: Ahead, row: Recipient) -> object:
    """The letter of somebody once it is there."""
    found: list[object] = []

    def there() -> bool:
        letter = ahead.take(row.seq)
        found.append(letter)
        return letter is not None

    await until(there)
    return found[-1]


async def test_letters_come_as_they_would_be_composed_here() -> None:
    people = [somebody(seq, f"user{seq}@good.test") for seq in range(1, 301)]
    async with kept(COMPOSER) as ahead:
        ahead.offer(people)
        for row in people:
            assert await taken(ahead, row) == plain(row)
        assert ahead.take(1) is None


async def test_not_more_is_composed_than_is_soon_taken() -> None:
    async with kept(COMPOSER) as ahead:
        ahead.offer([somebody(seq) for seq in range(1, 1001)])
        await taken(ahead, somebody(1))
        await asyncio.sleep(0.3)
        ready = sum(ahead.take(seq) is not None for seq in range(2, 1001))
        assert 0 < ready < 300


async def test_who_was_taken_meanwhile_is_left_out() -> None:
    async with kept(COMPOSER, wanted=lambda seq: seq % 2 == 0) as ahead:
        ahead.offer([somebody(seq) for seq in range(1, 21)])
        for seq in range(2, 21, 2):
            await taken(ahead, somebody(seq))
        assert [ahead.take(seq) for seq in range(1, 21, 2)] == [None] * 10


async def test_a_letter_that_has_lain_for_long_is_composed_anew() -> None:
    clock = Clock()
    async with kept(COMPOSER, clock) as ahead:
        ahead.offer([somebody(1), somebody(2)])
        await taken(ahead, somebody(1))
        clock.more = STALE + 1
        assert ahead.take(2) is None


async def test_why_there_is_no_letter_is_told_when_it_is_taken() -> None:
    refusing = scripted(
        "import sys\nfrom smtptui.batch import UnsendableError, serve\n"
        "def compose(row): raise UnsendableError('Row 1: no.')\n"
        "serve(compose, sys.stdin.buffer, sys.stdout.buffer)"
    )
    async with kept(refusing) as ahead:
        ahead.offer([somebody(1)])
        with pytest.raises(UnsendableError, match=r"Row 1: no\."):
            await taken(ahead, somebody(1))


@pytest.mark.parametrize(
    "command",
    [
        ("/does/not/exist",),
        scripted("raise SystemExit(1)"),
        scripted("import sys; sys.stdin.buffer.read(1)"),
        scripted("print('x' * 100_000)"),
        scripted("import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\3abc'); sys.stdout.flush(); sys.stdin.read()"),
        scripted(
            "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\5[\\0\\0\\0\\0'); sys.stdout.flush(); sys.stdin.read()"
        ),
    ],
    ids=["absent", "ends", "ends-later", "talks", "garbage", "too-few"],
)
async def test_where_the_other_process_fails_nobody_waits_for_it(command: Sequence[str]) -> None:
    async with kept(command) as ahead:
        ahead.offer([somebody(seq) for seq in range(1, 101)])
        await until(lambda: not ahead.behind)
        await asyncio.sleep(0.3)
        assert not ahead.behind
        ahead.offer([somebody(101)])
        assert not ahead.behind
        assert ahead.take(1) is None


async def test_nobody_waits_for_one_that_has_not_begun() -> None:
    async with kept(scripted("import time; time.sleep(600)")) as ahead:
        ahead.offer([somebody(1)])
        await asyncio.sleep(0.3)
        assert not ahead.behind


async def test_one_that_hangs_is_waited_for_a_moment_only() -> None:
    clock = Clock()
    once = scripted(
        "import sys, time\nfrom smtptui.batch import serve\nfrom tests.batch.running.making import plain\n"
        "def compose(row):\n    if row.seq > 32: time.sleep(600)\n    return plain(row)\n"
        "serve(compose, sys.stdin.buffer, sys.stdout.buffer)"
    )
    async with kept(once, clock) as ahead:
        ahead.offer([somebody(seq) for seq in range(1, 65)])
        for seq in range(1, 33):
            await taken(ahead, somebody(seq))
        assert ahead.behind
        clock.more = 3.0
        assert not ahead.behind


def naming_itself(path: Path) -> tuple[str, ...]:
    """The other process, which writes down its number before it composes."""
    return (
        *COMPOSER[:2],
        f"import os, pathlib; pathlib.Path({str(path)!r}).write_text(str(os.getpid())); {COMPOSER[2]}",
    )


def number(path: Path) -> int:
    """The number that was written down, once it is; 0 before."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return 0


def lives(pid: int) -> bool:
    """Whether there is a process, one that has ended and is not collected not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
async def test_the_other_process_ends_with_the_run(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    async with kept(naming_itself(path)):
        await until(lambda: number(path) > 0)
        assert lives(number(path))
    assert not lives(number(path))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
async def test_the_other_process_ends_where_this_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    run = (
        "import asyncio\nfrom smtptui.batch.running.ahead import Ahead\n"
        f"ahead = Ahead({naming_itself(path)!r}, wanted=bool, rate=float, arrived=float, now=float)\n"
        "asyncio.run(ahead.keep())"
    )
    with subprocess.Popen([sys.executable, "-c", run]) as process:
        await until(lambda: number(path) > 0)
        assert lives(number(path))
        process.kill()
    await until(lambda: not lives(number(path)))


async def test_a_run_sends_what_was_composed_ahead(tmp_path: Path) -> None:
    addresses = [f"user{number}@good.test" for number in range(2500)]
    path = made(tmp_path, addresses)
    here: list[int] = []

    def compose(recipient: Recipient) -> Prepared:
        here.append(recipient.seq)
        return plain(recipient)

    with counting(tmp_path / "record") as port:
        wanted = request(path, port, limits=Limits(connections=4, canary=0), compose=compose)
        result = await BatchRun(replace(wanted, composer=COMPOSER)).run()
    assert (result.tally.total, str(result.ending.state)) == (2500, "done")
    # Until the other process has started, and now and then after.
    assert len(here) < 2000


@pytest.mark.parametrize(
    ("recipients", "limits", "worth"),
    [
        (100_000, Limits(), True),
        (1999, Limits(), False),
        (100_000, Limits(per_second=5), False),
        (100_000, Limits(per_minute=60_000), True),
        (100_000, Limits(per_hour=3600), False),
    ],
)
def test_it_is_for_many_who_are_sent_to_fast(
    recipients: int, limits: Limits, worth: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert worth_it(recipients, limits) is worth
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert not worth_it(recipients, limits)
