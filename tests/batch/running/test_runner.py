"""A run sends every recipient once, knows what became of each, and stops as it should."""

import asyncio
import gc
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from smtptui.batch import (
    BatchState,
    EndKind,
    Journal,
    JournalBusy,
    Recipient,
    RecipientState,
    Request,
    RunnerLock,
    Shared,
    UnsendableError,
    runner_lives,
)
from smtptui.batch.pacing import Limits
from smtptui.batch.running.runner import BatchRun
from smtptui.protocol import Credentials, Secret, Stage
from smtptui.session import Pipelining, Prepared, prepare
from tests.batch.running.making import made, plain, request, run
from tests.servers.behaviours import CLOSE, NORMAL, SILENCE, delayed, send
from tests.servers.hostile import Body, Hostile
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle

SENT, FAILED, DEFERRED = RecipientState.SENT, RecipientState.FAILED, RecipientState.DEFERRED
PENDING, UNCERTAIN = RecipientState.PENDING, RecipientState.UNCERTAIN


def states(path: Path) -> dict[str, RecipientState]:
    """Each address and its state, once the tally has been found to be true."""
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally().counts == journal.recount().counts
        return {standing.address: standing.state for standing in journal.standings()}


def state_of(path: Path) -> BatchState:
    with Journal.open(path, readonly=True) as journal:
        return journal.facts().state


@BOTH_LOOPS
@pytest.mark.parametrize("pipelining", list(Pipelining))
async def test_everybody_gets_one_message(
    pipelining: Pipelining, tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    addresses = [f"user{number}@good{number % 3}.test" for number in range(40)]
    path = made(tmp_path, addresses)
    async with oracle(pieces=1) as server:
        result = await run(request(path, server.port, pipelining=pipelining))
    assert result.ending.kind is EndKind.DONE
    assert state_of(path) is BatchState.DONE
    assert sorted(address for each in server.messages for address in each.addresses) == sorted(addresses)
    assert set(states(path).values()) == {SENT}
    with Journal.open(path, readonly=True) as journal:
        [attempt] = journal.attempts(1)
    assert (attempt.stage, attempt.code, attempt.state) == (Stage.DOT, 250, SENT)
    assert attempt.timings.startswith("mail 250 rcpt 250 data 354 ")
    assert attempt.transcript == ""


async def test_refused_and_deferred_are_told_apart_with_their_dialogue(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ["a@good.test", "unknown@good.test", "later@good.test"])
    async with oracle() as server:
        result = await run(request(path, server.port))
    assert states(path) == {"a@good.test": SENT, "unknown@good.test": FAILED, "later@good.test": DEFERRED}
    assert result.ending.kind is EndKind.TEMPORARY
    assert "1 recipient is deferred" in result.ending.reason
    with Journal.open(path, readonly=True) as journal:
        [attempt] = journal.attempts(2)
        assert (attempt.code, attempt.enhanced) == (550, "5.1.1")
        assert "RCPT TO:<unknown@good.test>" in attempt.transcript
        assert journal.facts().state is BatchState.PAUSED


async def test_a_refused_sender_is_about_us_and_pauses_the_batch(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(10)])
    async with oracle(replies={"MAIL": b"553 5.7.1 not owned by user\r\n"}) as server:
        result = await run(request(path, server.port))
    assert result.ending.state is BatchState.PAUSED
    assert "not owned by user" in result.ending.reason
    assert set(states(path).values()) == {PENDING}
    assert server.messages == []


async def test_a_refused_login_pauses_the_batch_and_is_not_repeated(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ["a@good.test", "b@good.test"])
    async with oracle() as server:
        wrong = Credentials("alice", Secret("wrong"))
        asked = request(path, server.port, credentials=wrong)
        result = await run(replace(asked, limits=replace(asked.limits, connections=1)))
    assert result.ending.kind is EndKind.AUTH
    assert set(states(path).values()) == {PENDING}
    assert len(server.logins) == 1


async def test_what_is_cut_off_after_the_dot_is_uncertain_and_held(
    tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    path = made(tmp_path, ["a@good.test", "b@good.test"])
    async with hostile({"dot": [NORMAL, CLOSE]}) as server:
        asked = request(path, server.port)
        await run(replace(asked, limits=replace(asked.limits, connections=1)))
    assert states(path) == {"a@good.test": SENT, "b@good.test": UNCERTAIN}


async def test_nothing_is_sent_to_those_for_whom_nothing_can_be_built(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    def compose(recipient: Recipient) -> Prepared:
        if recipient.seq == 2:
            raise UnsendableError("Row 2: the field name is missing.")
        return plain(recipient)

    path = made(tmp_path, ["a@good.test", "b@good.test", "c@good.test"])
    async with oracle() as server:
        result = await run(request(path, server.port, compose=compose))
    assert states(path) == {"a@good.test": SENT, "b@good.test": FAILED, "c@good.test": SENT}
    assert result.ending.kind is EndKind.DONE


async def test_after_a_fault_that_nobody_foresaw_everybody_still_gets_at_most_one(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    def compose(recipient: Recipient) -> Prepared:
        if recipient.seq == 20:
            raise RuntimeError("a bug")
        return plain(recipient)

    path = made(tmp_path, [f"user{number}@good.test" for number in range(30)])
    async with oracle() as server:
        with pytest.raises(ExceptionGroup, match="unhandled"):
            await run(request(path, server.port, compose=compose))
        # What was left over tells of itself now, in this test, if it does.
        gc.collect()
        result = await run(request(path, server.port))
    arrived = [address for each in server.messages for address in each.addresses]
    found = states(path)
    assert result.ending.kind is EndKind.DONE
    assert len(arrived) == len(set(arrived))
    assert {address for address, state in found.items() if state is not UNCERTAIN} <= set(arrived)
    assert set(found.values()) <= {SENT, UNCERTAIN}


async def test_a_second_runner_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path, ["a@good.test"])
    with RunnerLock(path, pid=4711, host="elsewhere"), pytest.raises(JournalBusy, match="4711"):
        await run(request(path, 1))
    assert states(path) == {"a@good.test": PENDING}


async def test_a_stop_finishes_what_is_on_its_way(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(500)])
    async with oracle(pause=0.002) as server:
        running = BatchRun(request(path, server.port))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running.run())
            await server.wait_messages(5)
            running.stop("interrupted by SIGINT")
    result = task.result()
    assert result.ending.kind is EndKind.INTERRUPTED
    found = states(path)
    assert set(found.values()) == {SENT, PENDING}
    arrived = {address for each in server.messages for address in each.addresses}
    assert {address for address, state in found.items() if state is SENT} == arrived
    assert state_of(path) is BatchState.PAUSED


async def test_a_stop_at_once_leaves_nothing_in_doubt_that_is_not_named(
    tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(9)])
    async with hostile({"dot": [SILENCE] * 9}) as server:
        running = BatchRun(request(path, server.port))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running.run())
            async with asyncio.timeout(30):
                while list(states(path).values()).count(RecipientState.INFLIGHT) < 3:
                    await asyncio.sleep(0.05)
            running.abort()
    assert task.result().ending.kind is EndKind.INTERRUPTED
    found = list(states(path).values())
    assert (found.count(UNCERTAIN), found.count(PENDING)) == (3, 6)


async def test_another_terminal_cancels(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(2000)])
    async with oracle(pause=0.002) as server:
        running = BatchRun(request(path, server.port))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running.run())
            await server.wait_messages(5)
            with Journal.open(path) as journal:
                journal.ask(Request.CANCEL, 0.0)
    assert task.result().ending.state is BatchState.CANCELLED
    assert PENDING in set(states(path).values())


async def test_a_server_that_says_goodbye_is_called_again(tmp_path: Path, hostile: Callable[..., Hostile]) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(6)])
    closing = send("closing", b"421 4.3.2 shutting down\r\n")
    async with hostile({"mail": [NORMAL, closing]}) as server:
        asked = request(path, server.port)
        result = await run(replace(asked, wait=True))
    assert result.ending.kind is EndKind.DONE
    assert set(states(path).values()) == {SENT}


@pytest.mark.parametrize(("stage", "size"), [(Stage.DATA, 0), (Stage.BODY, 300_000)])
async def test_a_connection_lost_after_rcpt_was_taken_puts_the_recipient_off(
    stage: Stage, size: int, tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    def compose(recipient: Recipient) -> Prepared:
        short = plain(recipient)
        return prepare(short.envelope, short.content + b"Hello again.\r\n" * (size // 14))

    path = made(tmp_path, ["a@good.test"])
    body = Body(1000, "close") if stage is Stage.BODY else None
    async with hostile({"data": CLOSE} if body is None else {}, body=body) as server, asyncio.timeout(60):
        result = await run(request(path, server.port, compose=compose))
    assert result.ending.kind is EndKind.TEMPORARY
    assert states(path) == {"a@good.test": DEFERRED}
    with Journal.open(path, readonly=True) as journal:
        [attempt] = journal.attempts(1)
    assert (attempt.stage, attempt.code) == (stage, None)


async def test_a_recipient_greylisted_at_data_is_put_off(tmp_path: Path, hostile: Callable[..., Hostile]) -> None:
    path = made(tmp_path, ["a@good.test"])
    greylisted = send("greylisted", b"450 4.7.1 Greylisted, try again in 5 minutes\r\n")
    async with hostile({"data": greylisted}) as server, asyncio.timeout(60):
        result = await run(request(path, server.port))
    assert "1 recipient is deferred" in result.ending.reason
    assert states(path) == {"a@good.test": DEFERRED}


@pytest.mark.parametrize("stage", ["mail", "data"])
async def test_a_server_that_sends_everybody_away_is_not_called_again_and_again(
    stage: str, tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(6)])
    async with hostile({stage: send("closing", b"421 4.3.2 shutting down\r\n")}) as server:
        running = BatchRun(request(path, server.port, wait=True))
        async with asyncio.TaskGroup() as group:
            group.create_task(running.run())
            await asyncio.sleep(1.5)
            running.stop("interrupted by SIGINT")
    assert set(states(path).values()) == {PENDING}
    assert sum(command.startswith(b"EHLO") for command in server.commands) <= 6


async def test_a_stop_does_not_wait_for_a_server_that_says_nothing(
    tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    path = made(tmp_path, ["a@good.test"])
    async with hostile({"banner": SILENCE}) as server:
        running = BatchRun(request(path, server.port, timeout=120))
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            task = group.create_task(running.run())
            await asyncio.sleep(0.3)
            running.stop("interrupted by SIGTERM")
    assert task.result().ending.kind is EndKind.INTERRUPTED
    assert states(path) == {"a@good.test": PENDING}


async def test_whoever_is_suppressed_meanwhile_gets_nothing(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    path = made(tmp_path, ["a@good.test", "b@good.test", "c@good.test"])
    asked = request(path, 25)
    with Shared(asked.shared) as shared:
        shared.suppress(["b@good.test"], "by hand", "user", now=0.0)
    async with oracle() as server:
        result = await run(request(path, server.port))
    assert result.ending.kind is EndKind.DONE
    assert states(path) == {"a@good.test": SENT, "b@good.test": RecipientState.SUPPRESSED, "c@good.test": SENT}
    assert len(server.messages) == 2


async def test_whoever_is_suppressed_while_they_wait_for_their_turn_gets_nothing(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ["a@good.test", "b@good.test"])
    async with oracle() as server:
        # The second one is due after two and a half seconds, and lies ready until then.
        asked = request(path, server.port, limits=Limits(connections=1, canary=0, per_minute=24), wait=True)
        async with asyncio.TaskGroup() as group:
            group.create_task(run(asked))
            await server.wait_messages(1)
            with Shared(asked.shared) as shared:
                shared.suppress(["b@good.test"], "unsubscribed", "user", now=0.0)
    assert states(path) == {"a@good.test": SENT, "b@good.test": RecipientState.SUPPRESSED}
    assert len(server.messages) == 1


async def test_the_daily_cap_holds_across_batches(tmp_path: Path, oracle: Callable[..., Oracle]) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    addresses = [f"user{number}@good.test" for number in range(8)]
    async with oracle() as server:
        sent = 0
        for folder in (first, second):
            path = made(folder, addresses, shared=tmp_path / "shared.sqlite")
            asked = request(path, server.port, limits=Limits(connections=3, canary=0, per_day=10))
            result = await run(replace(asked, shared=tmp_path / "shared.sqlite"))
            sent += result.tally[SENT]
    assert sent == 10
    assert len(server.messages) == 10
    assert "the daily cap of 10" in result.ending.reason


async def test_a_goodbye_that_contradicts_the_last_reply_leaves_its_outcome_unknown(
    tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    path = made(tmp_path, ["a@good.test", "b@good.test"])
    async with hostile({"quit": send("refused", b"550 5.7.1 not wanted\r\n")}) as server:
        asked = request(path, server.port)
        result = await run(replace(asked, limits=replace(asked.limits, connections=1)))
    assert states(path) == {"a@good.test": SENT, "b@good.test": UNCERTAIN}
    assert (result.tally[SENT], result.tally[UNCERTAIN]) == (1, 1)


@pytest.mark.parametrize("said", [b"451 4.3.0 later\r\n", b"550 5.1.1 no such user\r\n", b"554 5.7.1 spam\r\n"])
async def test_an_acceptance_instead_of_a_goodbye_casts_doubt_on_whoever_was_refused_or_deferred(
    said: bytes, tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    path = made(tmp_path, ["a@good.test"])
    async with hostile({"dot": send("said", said), "quit": send("accepted", b"250 2.0.0 queued\r\n")}) as server:
        result = await run(request(path, server.port))
    assert states(path) == {"a@good.test": UNCERTAIN}
    assert result.tally[UNCERTAIN] == 1


async def test_a_sloppy_goodbye_casts_no_doubt_on_a_recipient_who_was_refused(
    tmp_path: Path, hostile: Callable[..., Hostile]
) -> None:
    path = made(tmp_path, ["a@good.test"])
    unknown = send("unknown", b"550 5.1.1 no such user\r\n")
    async with hostile({"rcpt": unknown, "quit": send("sloppy", b"250 2.0.0 Bye\r\n")}) as server:
        await run(request(path, server.port))
    assert states(path) == {"a@good.test": FAILED}


@pytest.mark.parametrize("steps", range(24))
async def test_a_stop_at_any_moment_of_the_beginning_ends_it(
    steps: int, tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ["a@good.test", "b@good.test"])
    async with oracle() as server:
        running = BatchRun(request(path, server.port))
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            task = group.create_task(running.run())
            while state_of(path) is not BatchState.RUNNING:
                await asyncio.sleep(0)
            for _ in range(steps):
                await asyncio.sleep(0)
            running.stop("interrupted by SIGINT")
    assert task.result().ending.kind in (EndKind.INTERRUPTED, EndKind.DONE)
    assert UNCERTAIN not in states(path).values()


async def test_what_was_asked_of_a_runner_that_is_gone_is_not_asked_of_the_next(
    tmp_path: Path, oracle: Callable[..., Oracle]
) -> None:
    path = made(tmp_path, ["a@good.test"])
    with Journal.open(path) as journal:
        journal.ask(Request.CANCEL, 0.0)
    async with oracle() as server:
        result = await run(request(path, server.port))
    assert result.ending.kind is EndKind.DONE


async def test_who_pauses_a_runner_that_is_still_starting_is_heard(
    tmp_path: Path, oracle: Callable[..., Oracle], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path, [f"user{number}@good.test" for number in range(2_000)])
    check_whole = Journal.check_whole

    def asked_meanwhile(journal: Journal, *, content: bool = False) -> None:
        assert runner_lives(path)
        with Journal.open(path) as other:
            other.ask(Request.PAUSE, time.time())
        check_whole(journal, content=content)

    monkeypatch.setattr(Journal, "check_whole", asked_meanwhile)
    async with oracle() as server:
        result = await run(request(path, server.port, wait=False))
    assert (result.ending.state, result.ending.reason) == (BatchState.PAUSED, "paused by you")
    with Journal.open(path) as journal:
        assert journal.asked() is None


async def test_who_cancels_while_it_stops_has_it_cancelled(tmp_path: Path, hostile: Callable[..., Hostile]) -> None:
    path = made(tmp_path, ["a@good.test"])
    async with hostile({"dot": delayed(2.5)}) as server:
        running = BatchRun(request(path, server.port))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(running.run())
            await asyncio.sleep(0.3)
            running.stop("interrupted by SIGINT")
            with Journal.open(path) as journal:
                journal.ask(Request.CANCEL, 0.0)
    assert task.result().ending.state is BatchState.CANCELLED
    assert state_of(path) is BatchState.CANCELLED
    assert states(path) == {"a@good.test": SENT}
