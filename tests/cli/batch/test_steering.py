"""``smtptui batch list``, ``status``, ``pause``, ``cancel`` and ``delete`` as processes, on journals."""

import json
import os
from pathlib import Path

import pytest

from smtptui.batch import BatchState, Journal, RecipientState, RunnerLock
from tests.cli.batch.journals import NOW, make_journal, recipient
from tests.cli.batch.test_progress import KEYS
from tests.cli.running import Ended, smtptui


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def batch(data: Path, *arguments: str) -> Ended:
    return smtptui("batch", *arguments, env={"SMTPTUI_DATA_DIR": str(data)})


def state_of(path: Path, state: BatchState | None = None) -> BatchState:
    """The state a journal says; it is brought there before where ``state`` is given."""
    with Journal.open(path) as journal:
        if state is not None:
            journal.set_state(state, now=NOW)
        return journal.facts().state


def test_without_batches_the_list_says_how_to_make_one(data: Path) -> None:
    done = batch(data, "list")
    assert (done.code, done.err) == (0, "")
    assert "batch new" in done.out
    assert batch(data, "list", "--json").document["batches"] == []
    assert not data.exists()


def test_the_list_has_every_batch_and_one_that_is_damaged_hides_none(data: Path) -> None:
    make_journal(data, "first", now=NOW - 60)
    make_journal(data, "second", recipient("a@good.test"), recipient("b", state=RecipientState.SKIPPED, reason="no @"))
    (data / "batches" / "broken.sqlite").write_bytes(b"no journal at all" * 100)
    done = batch(data, "list")
    assert done.code == 74
    assert [line.split()[0] for line in done.out.splitlines()] == ["first", "second"]
    assert "0 of 2 sent" in done.out
    assert "broken.sqlite is damaged" in done.err
    document = batch(data, "list", "--json").document
    assert [each["batch"] for each in document["batches"]] == ["first", "second"]
    assert (document["ok"], document["exit"], document["error"]["kind"]) == (False, 74, "damaged")


def test_the_status_is_one_document_with_these_keys(data: Path) -> None:
    make_journal(data, "news", recipient("a@good.test"), recipient("b", state=RecipientState.SKIPPED, reason="no @"))
    document = batch(data, "status", "news", "--json").document
    assert list(document) == KEYS
    assert document == {
        **dict.fromkeys(KEYS, 0),
        "batch": "news",
        "state": "draft",
        "reason": "",
        "total": 2,
        "pending": 1,
        "skipped": 1,
        "rate": None,
        "eta_s": None,
        "limited_by": None,
        "damaged": None,
    }
    shown = batch(data, "status", "news")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("news: draft\n")


def test_without_a_name_the_status_is_that_of_the_newest(data: Path) -> None:
    make_journal(data, "newer")
    make_journal(data, "older", now=NOW - 60)
    assert batch(data, "status", "--json").document["batch"] == "newer"


def test_a_runner_that_is_gone_without_a_word_is_told(data: Path) -> None:
    state_of(make_journal(data, "news"), BatchState.RUNNING)
    document = batch(data, "status", "news", "--json").document
    assert document["state"] == "paused"
    assert "batch resume news" in document["reason"]
    watched = batch(data, "status", "news", "--watch", "--json")
    assert [json.loads(line)["state"] for line in watched.out.splitlines()] == ["paused"]


@pytest.mark.parametrize("verb", ["status", "delete", "lint", "run"])
def test_an_unknown_name_is_told_with_those_there_are(data: Path, verb: str) -> None:
    make_journal(data, "news")
    done = batch(data, verb, "nwes")
    assert (done.code, done.out) == (64, "")
    assert done.err == "smtptui: There is no batch 'nwes'. There are news.\n"


def test_a_name_is_never_a_path(data: Path) -> None:
    make_journal(data, "news")
    assert batch(data, "delete", "../batches/news").code == 64
    assert (data / "batches" / "news.sqlite").exists()


def test_pause_and_cancel_without_a_runner(data: Path) -> None:
    path = make_journal(data, "news")
    refused = batch(data, "pause", "news")
    assert (refused.code, "not being sent (draft)" in refused.err) == (64, True)
    state_of(path, BatchState.RUNNING)
    assert batch(data, "pause", "news").code == 0
    assert state_of(path) is BatchState.PAUSED
    assert batch(data, "pause", "news", "--json").document == {"ok": True, "exit": 0, "batch": "news", "done": "paused"}
    cancelled = batch(data, "cancel", "news")
    assert (cancelled.code, state_of(path)) == (0, BatchState.CANCELLED)
    assert batch(data, "cancel", "news").code == 0
    assert batch(data, "run", "news", "--untested").code == 64


def test_delete_leaves_nothing_and_is_refused_while_a_runner_lives(data: Path) -> None:
    path, other = make_journal(data, "news"), make_journal(data, "other")
    with RunnerLock(path, pid=os.getpid(), host="here"):
        refused = batch(data, "delete", "news")
    assert refused.code == 75
    assert f"process {os.getpid()}" in refused.err
    assert path.exists()
    assert batch(data, "delete", "news", "unknown").code == 64
    assert path.exists()
    done = batch(data, "delete", "news", "--json")
    assert done.document == {"ok": True, "exit": 0, "deleted": ["news"], "forgotten": False}
    left = sorted(found.name for found in path.parent.iterdir())
    assert [name for name in left if name.startswith("news")] == []
    assert other.exists()
