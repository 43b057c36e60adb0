"""A batch is what was put into its journal, whoever asks and whenever."""

import asyncio
from pathlib import Path

import pytest

from smtptui.batch.journal import Journal, JournalBusy, RunnerLock, Writer
from smtptui.batch.model import Attempted, Inflight, RecipientState
from smtptui.protocol import Stage
from tests.batch.journal.making import create

SENT = RecipientState.SENT


async def test_a_message_is_in_flight_and_then_sent(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 3)
    writer = Writer(path, loop=asyncio.get_running_loop())
    writer.start()
    with Journal.open(path, readonly=True) as journal:
        before = journal.changed()
        await writer.post(Inflight(1, 2000.0))
        assert journal.tally()[RecipientState.INFLIGHT] == 1
        assert [r.seq for r in journal.due(2000.0, limit=10)] == [2, 3]
        await writer.post(
            Attempted(1, SENT, began=2000.0, ended=2001.0, stage=Stage.DOT, code=250, queue_id="Q1"),
            Inflight(2, 2001.0),
        )
        assert journal.changed() != before
        assert journal.recipient(1).state is SENT
        assert journal.recipient(1).attempts == 1
        assert journal.recipient(1).first_at == 2000.0
        assert next(journal.standings([SENT])).queue_id == "Q1"
        assert journal.tally() == journal.recount()
    await writer.close()
    with Journal.open(path) as journal:
        assert journal.recover(3000.0) == 1
        assert journal.recipient(2).state is RecipientState.UNCERTAIN
        assert journal.attempts(2)[0].reason == "crash"
        assert journal.tally() == journal.recount()


def test_a_second_runner_is_refused(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite")
    with RunnerLock(path, pid=4711, host="here"):
        with pytest.raises(JournalBusy, match="process 4711 on here"), RunnerLock(path, pid=1, host="there"):
            pass
        with Journal.open(path, readonly=True) as journal:
            assert journal.live()
    with Journal.open(path, readonly=True) as journal:
        assert not journal.live()
