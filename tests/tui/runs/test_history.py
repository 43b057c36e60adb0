"""The sessions of this sitting: bounded, the oldest gives way with its spool, the one that runs never does."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtptui.protocol import EventKind, Stage
from smtptui.transcript import Transcript
from smtptui.tui.log.opened import Opened
from smtptui.tui.runs.history import History, Past

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def past(name: str) -> Past:
    """A session with something in its spool."""
    transcript = Transcript(started=NOON, keep=1)
    for _ in range(5):
        transcript.add(EventKind.NOTE, Stage.MAIL, name, at=0.0)
    return Past(Opened(Path(name), transcript), name, file=True)


def test_the_oldest_gives_way_and_its_spool_is_closed() -> None:
    history = History(kept=2)
    entries = [past(name) for name in "abc"]
    for entry in entries:
        history.add(entry)
    assert [entry.label for entry in history.entries] == ["b", "c"]
    with pytest.raises(ValueError, match="closed file"):
        entries[0].observed.transcript[0]
    assert entries[1].observed.transcript[0].text == "b"
    history.close()
    with pytest.raises(ValueError, match="closed file"):
        entries[2].observed.transcript[0]


def test_the_session_that_runs_stays() -> None:
    history = History(kept=2)
    live, *files = (past(name) for name in "abc")
    history.add(live)
    for entry in files:
        history.add(entry, live.observed)
    assert [entry.label for entry in history.entries] == ["a", "c"]
    history.close()
