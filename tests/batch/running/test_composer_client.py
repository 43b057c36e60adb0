"""Messages are composed ahead by another process; whatever becomes of that one, the runner does not hang."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from smtptui.batch import ComposerProcess, EndKind, FaultOf, Journal, Recipient, UnsendableError
from smtptui.batch.pacing import Limits
from smtptui.batch.running.composer_client import STALE, ComposerClient
from smtptui.batch.running.runner import BatchRun
from smtptui.session import Prepared
from tests.batch.composer.opening import opened, somebody
from tests.batch.running.making import made, request
from tests.servers.counting import counting

TEXT = "Hello {{ email }}.\n"


class Clock:
    """Time that goes on by itself, and by what a test adds."""

    def __init__(self) -> None:
        self.more = 0.0

    def now(self) -> float:
        return time.monotonic() + self.more


@contextlib.asynccontextmanager
async def kept(
    composer: ComposerProcess, clock: Clock | None = None, wanted: Callable[[int], bool] = lambda seq: True
) -> AsyncIterator[ComposerClient]:
    """Letters ahead while the block lasts."""
    ahead = ComposerClient(composer, wanted=wanted, rate=lambda: 0.0, arrived=lambda: None, now=(clock or Clock()).now)
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


async def taken(ahead: ComposerClient, row: Recipient) -> Prepared:
    """The message of somebody once it is there."""
    found: list[Prepared | None] = [None]

    def there() -> bool:
        found[0] = ahead.take(row.seq)
        return found[0] is not None

    await until(there)
    assert found[0] is not None
    return found[0]


def people(count: int) -> list[Recipient]:
    return [somebody(seq, f"user{seq}@good.test") for seq in range(1, count + 1)]


async def test_letters_come_to_whom_they_are_for() -> None:
    with opened(TEXT) as composer:
        async with kept(composer) as ahead:
            ahead.offer(people(300))
            for row in people(300):
                message = await taken(ahead, row)
                assert message.recipients == (row.address,)
                assert f"Hello {row.address}.".encode() in message.content
            assert ahead.take(1) is None


async def test_not_more_is_composed_than_is_soon_taken() -> None:
    with opened(TEXT) as composer:
        async with kept(composer) as ahead:
            ahead.offer(people(1000))
            await taken(ahead, somebody(1))
            await asyncio.sleep(0.3)
            ready = sum(ahead.take(seq) is not None for seq in range(2, 1001))
            assert 0 < ready < 300


async def test_of_large_letters_few_are_on_their_way() -> None:
    with opened("{{ 'x' * 1000000 }}{{ 'x' * 1000000 }}\n" * 4) as composer:
        async with kept(composer) as ahead:
            ahead.offer(people(100))
            await taken(ahead, somebody(1))
            await until(lambda: ahead._octets > 30_000_000)
            await asyncio.sleep(0.3)
            assert ahead._octets < 100_000_000


async def test_who_was_taken_meanwhile_is_left_out() -> None:
    with opened(TEXT) as composer:
        async with kept(composer, wanted=lambda seq: seq % 2 == 0) as ahead:
            ahead.offer(people(20))
            for seq in range(2, 21, 2):
                await taken(ahead, somebody(seq, f"user{seq}@good.test"))
            assert [ahead.take(seq) for seq in range(1, 21, 2)] == [None] * 10


async def test_a_letter_that_has_lain_for_long_is_composed_again() -> None:
    clock = Clock()
    with opened(TEXT) as composer:
        async with kept(composer, clock) as ahead:
            ahead.offer(people(2))
            await taken(ahead, somebody(1))
            await until(lambda: bool(ahead._ready))
            clock.more = STALE + 1
            assert ahead.take(2) is None
            ahead.urge(people(2)[1])
            assert await taken(ahead, somebody(2))


async def test_whose_turn_it_is_comes_before_all_others() -> None:
    with opened(TEXT) as composer:
        async with kept(composer) as ahead:
            ahead.offer(people(1000))
            ahead.urge(people(1000)[-1])
            await taken(ahead, somebody(1000))
            assert len(ahead._offered) > 500


async def test_why_there_is_no_letter_is_told_when_it_is_taken() -> None:
    with opened("{{ missing }}\n") as composer:
        async with kept(composer) as ahead:
            ahead.offer([somebody(1)])
            with pytest.raises(UnsendableError, match=r"Text, line 5: there is no column"):
                await taken(ahead, somebody(1))


def kill(composer: ComposerProcess) -> None:
    """End the process, as the kernel does when there is no memory left."""
    assert composer._process is not None
    os.kill(composer._process.pid, signal.SIGKILL)


async def test_a_process_that_is_killed_is_started_again() -> None:
    with opened(TEXT) as composer:
        async with kept(composer) as ahead:
            ahead.offer(people(10))
            await taken(ahead, somebody(1, "user1@good.test"))
            kill(composer)
            ahead.offer([somebody(seq, f"user{seq}@good.test") for seq in range(11, 300)])
            for seq in range(2, 300):
                await taken(ahead, somebody(seq, f"user{seq}@good.test"))
            assert ahead.trouble is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [("{{ '%*d'|format(10**9, 1) if email == 'user40@good.test' }}\n", FaultOf.LIMIT)],
)
async def test_a_template_that_takes_too_much_is_trouble(text: str, fault: FaultOf) -> None:
    with opened(text) as composer:
        async with kept(composer) as ahead:
            ahead.offer(people(100))
            await until(lambda: ahead.trouble is not None)
            assert ahead.trouble is not None
            assert ahead.trouble.fault is fault
            assert str(ahead.trouble).startswith(
                "Line 41 (user40@good.test): letter.txt, Text, line 5 takes more than 512 MB"
            )


async def test_a_run_sends_what_is_composed_ahead(tmp_path: Path) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(500)])
    with counting(tmp_path / "record") as port, opened(TEXT) as composer:
        wanted = request(path, port, limits=Limits(connections=4, canary=0))
        result = await BatchRun(replace(wanted, compose=composer)).run()
    assert (result.tally.total, str(result.ending.state)) == (500, "done")


async def test_a_run_pauses_where_the_template_takes_too_much_and_fails_nobody(tmp_path: Path) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(1, 101)])
    with counting(tmp_path / "record") as port:
        with opened("{{ '%*d'|format(10**9, 1) if email == 'user40@good.test' }}\n") as composer:
            wanted = request(path, port, limits=Limits(connections=2, canary=0))
            result = await BatchRun(replace(wanted, compose=composer)).run()
        assert (str(result.ending.state), result.ending.kind) == ("paused", EndKind.INPUT)
        assert result.ending.reason.startswith(
            "Line 40 (user40@good.test): letter.txt, Text, line 5 takes more than 512 MB"
        )
        with Journal.open(path, readonly=True) as journal:
            states = {str(each.state) for each in journal.recipients()}
            assert states <= {"sent", "pending"}
            assert str(journal.recipient(40).state) == "pending"
        with opened(TEXT) as composer:
            result = await BatchRun(replace(wanted, compose=composer)).run()
    assert str(result.ending.state) == "done"


async def test_a_slow_run_gets_a_letter_that_is_as_new_as_its_date(tmp_path: Path) -> None:
    """Nobody waits for ever for a message that was thrown away."""
    path = made(tmp_path, [f"user{number}@good.test" for number in range(1, 6)])
    with counting(tmp_path / "record") as port, opened(TEXT) as composer:
        wanted = request(path, port, limits=Limits(connections=1, canary=0, per_second=20))
        result = await BatchRun(replace(wanted, compose=composer)).run()
    assert (result.tally.total, str(result.ending.state)) == (5, "done")
