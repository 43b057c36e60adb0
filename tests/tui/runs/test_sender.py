"""Sessions outlive a fault, and do not outlive the app."""

import asyncio

from smtptui.protocol import Connection, Envelope, Stage
from smtptui.session import Request
from smtptui.transcript import Outcome
from smtptui.tui.runs import sender as module
from smtptui.tui.runs.sender import Sender
from tests.tui.fake_run import FakeRun, Script
from tests.tui.harness import FixedSandbox, painted, said, scripted, session, until

REQUEST = Request(Connection("127.0.0.1", 25), Envelope.of("a@example.org", "b@example.org"), b"\r\n")


class _Broken(FakeRun):
    async def run(self) -> Outcome:
        raise RuntimeError("a bug")


class _Stubborn(FakeRun):
    def cancel(self) -> None:
        """Does not listen."""


async def test_a_fault_of_ours_is_a_sentence_and_the_app_goes_on() -> None:
    script = Script()
    script.make = lambda request: _Broken(request, script)  # type: ignore[method-assign]
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: "Please report it" in said(pilot))
        assert "RuntimeError" in said(pilot)
        assert "stopped" in painted(session(pilot).transcript)
        await pilot.press("f5")
        await until(pilot, lambda: len(script.runs) == 0 and "Please report it" in said(pilot))


async def test_closing_cancels_and_waits_for_the_end() -> None:
    script = Script(hang_at=Stage.MAIL)
    async with asyncio.TaskGroup() as tasks:
        sender = Sender(tasks.create_task, script.make)
        run = sender.start(REQUEST)
        await asyncio.sleep(0)
        assert run.outcome is None
        await sender.close()
        assert not sender.busy
    assert run.outcome is not None


async def test_closing_does_not_wait_for_ever() -> None:
    script = Script(hang_at=Stage.MAIL)
    grace, module.GRACE = module.GRACE, 0.05
    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            sender = Sender(tasks.create_task, lambda request: _Stubborn(request, script))
            sender.start(REQUEST)
            await asyncio.sleep(0)
            await sender.close()
            assert not sender.busy
    finally:
        module.GRACE = grace


async def test_there_is_nothing_to_cancel_before_the_first_session() -> None:
    async with asyncio.TaskGroup() as tasks:
        sender = Sender(tasks.create_task, Script().make)
        assert not sender.cancel()
        await sender.close()
