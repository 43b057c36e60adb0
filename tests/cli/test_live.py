"""A session is shown while it runs, and signals stop it."""

import asyncio
import io
import os
import signal

import pytest

from smtptui.cli.live import conduct
from smtptui.cli.output import Printer
from smtptui.transcript import Outcome
from tests.cli.sessions import FakeRun, outcome


def never() -> None:
    raise AssertionError("abandoned")


async def test_events_are_shown_while_the_session_runs_and_the_last_ones_after_it() -> None:
    stream = io.StringIO()

    async def course(run: FakeRun) -> Outcome:
        run.note("first")
        async with asyncio.timeout(60):
            while "first" not in stream.getvalue():
                await asyncio.sleep(0.01)
        for number in range(1200):
            run.note(f"event {number}")
        return outcome()

    assert (await conduct(FakeRun(course), Printer(stream), never)).ok
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1201
    assert [line.rpartition(" ")[2] for line in lines[1:]] == [str(number) for number in range(1200)]


async def test_a_terminal_that_halts_does_not_halt_the_session() -> None:
    finished = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Halted(io.StringIO):
        def write(self, text: str) -> int:
            # Runs in a thread: goes on only when the session has ended without it.
            asyncio.run_coroutine_threadsafe(finished.wait(), loop).result(5)
            return super().write(text)

    async def course(run: FakeRun) -> Outcome:
        run.note("stuck")
        await asyncio.sleep(0.1)
        finished.set()
        return outcome()

    stream = Halted()
    await conduct(FakeRun(course), Printer(stream), never)
    assert "stuck" in stream.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_first_signal_asks_the_second_insists(number: signal.Signals) -> None:
    insisted = asyncio.Event()

    async def course(run: FakeRun) -> Outcome:
        os.kill(os.getpid(), number)
        await run.cancelled.wait()
        assert not insisted.is_set()
        os.kill(os.getpid(), number)
        await insisted.wait()
        return outcome()

    before = signal.getsignal(number)
    try:
        await asyncio.wait_for(conduct(FakeRun(course), None, insisted.set), 5)
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)


async def test_an_unforeseen_error_is_itself_and_no_group() -> None:
    async def course(run: FakeRun) -> Outcome:
        raise ZeroDivisionError("oh")

    with pytest.raises(ZeroDivisionError, match="oh"):
        await conduct(FakeRun(course), Printer(io.StringIO()), never)
