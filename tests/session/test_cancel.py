"""A session can be cancelled anywhere: QUIT where that may be said, and the truth about the message."""

import asyncio
import time
from collections.abc import Callable

import pytest

import smtptui.session.run as run_module
from smtptui.protocol import Credentials, EventKind, FailureKind, Secret, Stage
from smtptui.session import PASS, Decision, Pending, RunState, SessionRun
from smtptui.transcript import Outcome, Verdict
from tests.servers.behaviours import SILENCE, Behaviour
from tests.servers.certificates import Certificates
from tests.servers.hostile import Body, Hostile, StageName
from tests.servers.loops import BOTH_LOOPS
from tests.servers.wire import Wire
from tests.session.exchange import CONTENT, Tls, assert_sentence, connection, heard, request

ServerMaker = Callable[..., Hostile]

WHO = Credentials("alice", Secret("wonder land"))


async def _nothing(wire: Wire, normal: bytes) -> None:
    pass


UNANSWERED = Behaviour("unanswered", _nothing)
"""This command gets no reply, the next one does."""
AT_ONCE = 20.0
"""Seconds: many for a busy machine, and few beside the minute that a farewell has where nobody must wait for one."""
POLITE: tuple[StageName, ...] = ("ehlo", "ehlo-tls", "mail", "rcpt")
SUDDEN: tuple[StageName, ...] = ("banner", "starttls", "auth", "data", "dot", "quit")


@pytest.fixture
def long_farewell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the reply to QUIT, or for the connection's deadline, is found out."""
    monkeypatch.setattr(run_module, "FAREWELL", 60.0)


async def cancelled_at(
    stage: StageName, behaviour: Behaviour, hostile: ServerMaker, certificates: Certificates
) -> tuple[SessionRun, Outcome, Hostile, float]:
    """Cancel a session once the server has nothing to say at a stage; returns the seconds that took as well."""
    tls: Tls = "starttls" if stage in ("starttls", "ehlo-tls") else "none"
    async with hostile({stage: behaviour}, tls=tls) as server:
        run = SessionRun(request(connection(server, certificates, tls, 30.0), credentials=WHO))
        async with asyncio.timeout(AT_ONCE), asyncio.TaskGroup() as group:
            task = group.create_task(run.run())
            while run.progress().stage != stage or not stuck(run, server, stage):
                await asyncio.sleep(0.005)
            started = time.perf_counter()
            run.cancel()
            assert run.progress().state is RunState.CANCELLING
            outcome = await task
        took = time.perf_counter() - started
        async with asyncio.timeout(AT_ONCE):
            for wire in server.wires:
                if not wire.eof:
                    await wire.wait_gone()
    return run, outcome, server, took


def stuck(run: SessionRun, server: Hostile, stage: StageName) -> bool:
    """Whether the server has heard what it is not going to answer."""
    if stage == "dot":
        return bool(server.bodies)
    return stage == "banner" or (bool(run.transcript) and run.transcript[-1].kind is EventKind.COMMAND)


@BOTH_LOOPS
@pytest.mark.usefixtures("long_farewell")
@pytest.mark.parametrize("stage", POLITE)
async def test_quit_is_said_where_it_may_be(stage: StageName, hostile: ServerMaker, certificates: Certificates) -> None:
    run, outcome, server, _ = await cancelled_at(stage, UNANSWERED, hostile, certificates)
    assert server.commands[-1] == b"QUIT\r\n"
    assert_cancelled(run, outcome, Stage(stage))
    assert heard(run.transcript) == server.sent
    assert {each.verdict for each in outcome.recipients} == {Verdict.UNTRIED}


async def test_a_silent_server_has_three_seconds_for_its_farewell(
    hostile: ServerMaker, certificates: Certificates
) -> None:
    async def at(stage: StageName) -> None:
        run, outcome, _, took = await cancelled_at(stage, SILENCE, hostile, certificates)
        # The connection's own deadline is 30 s.
        assert 2.9 < took < AT_ONCE
        assert run.transcript[-1].kind is EventKind.CLOSE
        assert_cancelled(run, outcome, Stage(stage))

    async with asyncio.TaskGroup() as group:
        for stage in POLITE:
            group.create_task(at(stage))


@BOTH_LOOPS
@pytest.mark.usefixtures("long_farewell")
@pytest.mark.parametrize("stage", [stage for stage in SUDDEN if stage not in ("dot", "quit")])
async def test_elsewhere_the_connection_is_dropped_at_once(
    stage: StageName, hostile: ServerMaker, certificates: Certificates
) -> None:
    run, outcome, server, _ = await cancelled_at(stage, SILENCE, hostile, certificates)
    assert b"QUIT\r\n" not in server.commands
    assert_cancelled(run, outcome, Stage(stage))
    assert server.bodies == []


@BOTH_LOOPS
@pytest.mark.usefixtures("long_farewell")
async def test_after_the_dot_the_outcome_is_uncertain(hostile: ServerMaker, certificates: Certificates) -> None:
    run, outcome, server, _ = await cancelled_at("dot", SILENCE, hostile, certificates)
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.UNCERTAIN
    assert_sentence(outcome.failure.message)
    assert {each.verdict for each in outcome.recipients} == {Verdict.UNCERTAIN}
    assert len(server.bodies) == 1
    assert run.progress().state is RunState.DONE


@pytest.mark.usefixtures("long_farewell")
async def test_after_the_message_was_accepted_that_stays_true(hostile: ServerMaker, certificates: Certificates) -> None:
    _, outcome, _, _ = await cancelled_at("quit", SILENCE, hostile, certificates)
    assert {each.verdict for each in outcome.recipients} == {Verdict.ACCEPTED}
    assert outcome.failure is not None
    assert "accepted" in outcome.failure.message
    assert "no message" not in outcome.failure.message


def assert_cancelled(run: SessionRun, outcome: Outcome, stage: Stage) -> None:
    assert run.outcome is outcome
    assert run.progress().state is RunState.DONE
    assert outcome.failure is not None
    assert outcome.failure.kind is FailureKind.CANCELLED
    assert outcome.failure.stage is stage
    assert_sentence(outcome.failure.message)
    assert not outcome.ok
    assert outcome.queue_id is None


@BOTH_LOOPS
@pytest.mark.usefixtures("long_farewell")
@pytest.mark.parametrize("handshake", ["silence", "half-silence"])
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_in_the_handshake(tls: Tls, handshake: str, hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile(tls=tls, handshake=handshake) as server:
        run = SessionRun(request(connection(server, certificates, tls, 30.0)))
        async with asyncio.timeout(AT_ONCE), asyncio.TaskGroup() as group:
            task = group.create_task(run.run())
            while not (server.wires and len(server.wires[0].received) > 100):
                await asyncio.sleep(0.005)
            run.cancel()
            outcome = await task
        async with asyncio.timeout(AT_ONCE):
            await server.wires[0].wait_gone()
    assert_cancelled(run, outcome, Stage.TLS)


async def test_in_the_midst_of_a_message(hostile: ServerMaker, certificates: Certificates) -> None:
    content = CONTENT + (b"x" * 998 + b"\r\n") * 9_000
    async with hostile(body=Body(10_000, "silence")) as server:
        run = SessionRun(request(connection(server, certificates, timeout=30.0), content=content))
        async with asyncio.timeout(AT_ONCE), asyncio.TaskGroup() as group:
            task = group.create_task(run.run())
            while run.progress().sent < 100_000:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.1)
            run.cancel()
            outcome = await task
    assert_cancelled(run, outcome, Stage.BODY)
    assert server.bodies == []
    assert any(event.kind is EventKind.BODY and event.size < len(content) for event in run.transcript)


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.EHLO, Stage.MAIL, Stage.DATA, Stage.BODY, Stage.DOT])
async def test_while_somebody_thinks_at_the_gate(
    stage: Stage, hostile: ServerMaker, certificates: Certificates
) -> None:
    waiting = asyncio.Event()

    async def gate(pending: Pending) -> Decision:
        if pending.stage is stage:
            waiting.set()
            await asyncio.Event().wait()
        return PASS

    async with hostile() as server:
        run = SessionRun(request(connection(server, certificates)), gate=gate)
        async with asyncio.timeout(AT_ONCE), asyncio.TaskGroup() as group:
            task = group.create_task(run.run())
            await waiting.wait()
            run.cancel()
            outcome = await task
    assert_cancelled(run, outcome, stage)
    assert server.bodies == []
    assert (b"QUIT\r\n" in server.commands) is (stage in (Stage.EHLO, Stage.MAIL))


@BOTH_LOOPS
async def test_cancelling_the_task_around_it(hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile({"mail": UNANSWERED}) as server:
        run = SessionRun(request(connection(server, certificates, timeout=30.0)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await run.run()
        assert server.commands[-1] == b"QUIT\r\n"
    assert run.outcome is not None
    assert_cancelled(run, run.outcome, Stage.MAIL)


async def test_cancel_is_idle_before_and_after(hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile() as server:
        run = SessionRun(request(connection(server, certificates)))
        run.cancel()
        assert run.progress().state is RunState.IDLE
        assert run.progress().elapsed == 0
        outcome = await run.run()
        assert outcome.ok
        run.cancel()
        assert run.progress().state is RunState.DONE
        assert run.outcome is outcome
        with pytest.raises(RuntimeError, match="once"):
            await run.run()


async def test_cancelling_twice(hostile: ServerMaker, certificates: Certificates) -> None:
    async with hostile({"mail": UNANSWERED}) as server:
        run = SessionRun(request(connection(server, certificates, timeout=30.0)))
        async with asyncio.timeout(AT_ONCE), asyncio.TaskGroup() as group:
            task = group.create_task(run.run())
            while b"MAIL" not in server.received:
                await asyncio.sleep(0.005)
            run.cancel()
            run.cancel()
            await asyncio.sleep(0)
            run.cancel()
            outcome = await task
    assert_cancelled(run, outcome, Stage.MAIL)
