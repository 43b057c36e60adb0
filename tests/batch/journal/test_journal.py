"""A batch is what was put into its journal, whoever asks and whenever."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from smtptui.batch.journal import Heartbeat, Journal, JournalBusy, JournalError, RunnerLock, StateChange, Writer
from smtptui.batch.model import Attempted, BatchState, Inflight, RecipientState
from smtptui.protocol import Stage
from tests.batch.journal.making import create, new

S = RecipientState


@contextlib.asynccontextmanager
async def writing(path: Path) -> AsyncIterator[Writer]:
    """A writer that has begun, and ends."""
    writer = Writer(path, loop=asyncio.get_running_loop())
    writer.start()
    yield writer
    await writer.close()


async def test_a_message_is_in_flight_and_then_sent(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 3)
    with Journal.open(path, readonly=True) as journal:
        async with writing(path) as writer:
            before = journal.changed()
            await writer.post(Inflight(1, 2000.0))
            assert journal.tally()[S.INFLIGHT] == 1
            assert [r.seq for r in journal.due(2000.0, limit=10)] == [2, 3]
            await writer.post(
                Attempted(1, S.SENT, began=2000.0, ended=2001.0, stage=Stage.DOT, code=250, queue_id="Q1"),
                Inflight(2, 2001.0),
            )
        assert journal.changed() != before
        first = journal.recipient(1)
        assert (first.state, first.attempts, first.first_at) == (S.SENT, 1, 2000.0)
        assert [standing.queue_id for standing in journal.standings([S.SENT])] == ["Q1"]
    with Journal.open(path) as journal:
        assert journal.recover(3000.0) == 1
        assert journal.recipient(2).state is S.UNCERTAIN
        (attempt,) = journal.attempts(2)
        assert (attempt.reason, attempt.began, attempt.ended) == ("crash", 2001.0, 3000.0)
        assert journal.tally() == journal.recount()


async def test_what_is_posted_is_written_in_its_order_whoever_waits(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 400)
    async with writing(path) as writer:
        futures = []
        for seq in range(1, 401):
            futures += [writer.post(Inflight(seq, 1.0)), writer.post(Attempted(seq, S.SENT, 1.0, 2.0))]
        # Who is no longer waited for is written all the same, and holds up nobody.
        futures[0].cancel()
        await asyncio.gather(*futures[1:])
        with Journal.open(path, readonly=True) as journal:
            assert journal.tally()[S.SENT] == 400
    with pytest.raises(JournalError, match="is closed already"):
        await writer.post(Inflight(1, 1.0))


async def test_closing_writes_what_was_posted_and_ends_the_thread(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 400)
    before = threading.active_count()
    async with writing(path) as writer:
        last = [writer.post(Attempted(seq, S.SENT, 1.0, 2.0)) for seq in range(1, 401)][-1]
    assert last.done()
    assert threading.active_count() == before
    await writer.close()
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally()[S.SENT] == 400


async def test_a_journal_that_is_not_there_fails_the_first_post(tmp_path: Path) -> None:
    async with writing(tmp_path / "june.sqlite") as writer:
        with pytest.raises(JournalError, match="There is no batch june"):
            await writer.post(Inflight(1, 1.0))
    assert list(tmp_path.iterdir()) == []


async def test_watchers_see_whole_moments_while_a_runner_writes(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 600)
    stop = threading.Event()
    seen: list[int] = []

    def watch() -> None:
        with Journal.open(path, readonly=True) as journal:
            version = journal.changed()
            while not stop.is_set():
                if (now := journal.changed()) != version:
                    version = now
                    seen.append(journal.tally().total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    async with writing(path) as writer:
        for seq in range(1, 600):
            await writer.post(Attempted(seq, S.SENT, 1.0, 2.0), Inflight(seq + 1, 1.0))
    stop.set()
    watcher.join()
    assert set(seen) == {600}


def test_retries_and_new_ones_share_what_is_taken(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", [new(n, destination="big" if n % 2 else "small") for n in range(1, 13)])
    with Journal.open(path) as journal:
        journal.apply(Attempted(seq, S.DEFERRED, 1.0, 2.0, next_at=100.0 - seq) for seq in range(1, 7))

        def due(now: float, limit: int, after: int = 0, held: tuple[str, ...] = ()) -> list[int]:
            return [r.seq for r in journal.due(now, limit=limit, after=after, exclude_destinations=held)]

        assert due(0.0, 4) == [7, 8, 9, 10]
        # The longest due first, and no more than half while there are others.
        assert due(200.0, 4) == [6, 5, 7, 8]
        assert due(95.5, 8) == [6, 5, 7, 8, 9, 10, 11, 12]
        assert due(200.0, 12) == [6, 5, 4, 3, 2, 1, 7, 8, 9, 10, 11, 12]
        assert due(200.0, 4, after=12) == [6, 5, 4, 3]
        assert due(200.0, 4, held=("big",)) == [6, 4, 8, 10]
        assert due(200.0, 4, held=("big", "small")) == []
        assert journal.next_due() == 94.0


def test_a_second_runner_is_refused(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite")
    with Journal.open(path, readonly=True) as journal:
        with RunnerLock(path, pid=4711, host="here"):
            with pytest.raises(JournalBusy, match="process 4711 on here"), RunnerLock(path, pid=1, host="there"):
                pass
            assert journal.live()
        assert not journal.live()


def test_a_batch_lives_as_its_states_allow(tmp_path: Path) -> None:
    with Journal.open(create(tmp_path / "june.sqlite")) as journal:
        assert (journal.facts().state, journal.facts().created) == (BatchState.DRAFT, 1000.0)
        for now, state in enumerate((BatchState.LINTED, BatchState.TESTED, BatchState.RUNNING), 1):
            journal.set_state(state, now=float(now))
        journal.apply([StateChange(BatchState.PAUSED, 5.0, "asked to")])
        journal.set_state(BatchState.PAUSED, "another reason", now=7.0)
        facts = journal.facts()
        assert (facts.state, facts.reason, facts.changed) == (BatchState.PAUSED, "another reason", 5.0)
        with pytest.raises(JournalError, match="june is paused, and cannot become draft"):
            journal.set_state(BatchState.DRAFT, now=8.0)
        journal.set_state(BatchState.CANCELLED, now=9.0)
        for state in set(BatchState) - {BatchState.CANCELLED}:
            with pytest.raises(JournalError, match="is cancelled, and cannot"):
                journal.set_state(state, now=9.0)


async def test_the_last_heartbeat_is_what_is_shown(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite")
    async with writing(path) as writer:
        for at in range(3):
            await writer.post(Heartbeat(7, "here", float(at), 12.5, 60.0, "the server’s own pace", 4, 2))
    with Journal.open(path, readonly=True) as journal:
        assert journal.heartbeat() == Heartbeat(7, "here", 2.0, 12.5, 60.0, "the server’s own pace", 4, 2)


def test_who_or_what_is_not_there_is_no_other(tmp_path: Path) -> None:
    with Journal.open(create(tmp_path / "june.sqlite", 3), readonly=True) as journal:
        with pytest.raises(KeyError):
            journal.recipient(4)
        with pytest.raises(KeyError):
            journal.document("html")
        assert journal.attempts(4) == []
        assert set(journal.facts().documents) == {"template"}
