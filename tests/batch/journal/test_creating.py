"""A batch is there as a whole or not at all, for its owner alone, and gives back what it was given."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch.journal import BatchExists, Journal, JournalError, NoSuchBatch, RunnerLock, delete_batch, lock_path
from smtptui.batch.model import Attempted, NewRecipient, RecipientState, Value
from tests.batch.journal.making import create, new


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_files_and_folders_are_the_owners_alone(tmp_path: Path) -> None:
    path = create(tmp_path / "data" / "batches" / "june.sqlite")
    assert sorted(file.name for file in path.parent.iterdir()) == ["june.lock", "june.sqlite"]
    with Journal.open(path) as journal, RunnerLock(path, pid=1, host="here"):
        journal.apply([Attempted(1, RecipientState.SENT, 1.0, 2.0)])
        assert len(list(path.parent.iterdir())) == 4
        assert modes(path.parent) == {0o600}
    assert modes(tmp_path) == modes(tmp_path / "data") == {0o700}


def test_a_batch_that_could_not_be_filled_was_never_there(tmp_path: Path) -> None:
    def rows() -> Iterator[NewRecipient]:
        yield new(1)
        raise ValueError("line 3 of the list cannot be read")

    # What is wrong with the list is told as the list tells it.
    with pytest.raises(ValueError, match="line 3 of the list"):
        create(tmp_path / "june.sqlite", rows())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NoSuchBatch, match="There is no batch june"):
        Journal.open(tmp_path / "june.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_stays_with_whom_it_belongs_to(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 3)
    with pytest.raises(BatchExists, match="There is a batch june already"):
        create(path, 5)
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally().total == 3


def test_a_list_is_not_added_to_later(tmp_path: Path) -> None:
    with Journal.open(create(tmp_path / "june.sqlite", 3)) as journal:
        with pytest.raises(JournalError, match="has its list already"):
            journal.add([new(4)])
        assert journal.tally().total == 3


_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.batch.journal.making import create, new
def rows():
    for number in range(3000):
        yield new(number)
    os.kill(os.getpid(), signal.SIGKILL)
create(Path(sys.argv[1]), rows())
"""


def test_what_a_killed_one_left_is_cleared_away(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path / "may.sqlite")], timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "may.sqlite").exists()
    left = tmp_path / ".may.sqlite.new"
    assert b"user1@example.test" in left.read_bytes()
    # Whoever makes the next batch, of whatever name, removes it: it has people's addresses in it.
    create(tmp_path / "june.sqlite")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["june.lock", "june.sqlite"]


def test_a_log_without_its_journal_is_not_taken_for_that_of_a_new_one(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 3)
    with Journal.open(path) as journal, Journal.open(path, readonly=True):
        journal.apply([Attempted(1, RecipientState.SENT, 1.0, 2.0)])
        log = Path(f"{path}-wal").read_bytes()
    path.unlink()
    Path(f"{path}-wal").write_bytes(log)
    create(path, 3)
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally()[RecipientState.PENDING] == 3


_values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.builds(
            lambda line, text, values, state: new(
                line, address=text, key=text[::-1], destination=text[:5], values=tuple(values), state=state, reason=text
            ),
            st.integers(1, 10**9),
            st.text(),
            st.lists(_values, max_size=4),
            st.sampled_from([RecipientState.PENDING, RecipientState.SKIPPED, RecipientState.SUPPRESSED]),
        ),
        max_size=6,
    ),
    columns=st.lists(st.text(), max_size=4),
    document=st.binary(),
)
def test_whatever_a_list_says_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[NewRecipient], columns: list[str], document: bytes
) -> None:
    path = tmp_path_factory.mktemp("batch") / "june.sqlite"
    create(path, rows, columns=columns, documents={"template": document})
    with Journal.open(path, readonly=True) as journal:
        assert journal.facts().columns == tuple(columns)
        assert journal.document("template") == document
        assert [
            NewRecipient(r.line, r.address, r.key, r.destination, r.values, r.state, r.reason)
            for r in journal.recipients()
        ] == rows
        assert [r.seq for r in journal.recipients()] == list(range(1, len(rows) + 1))
        assert journal.tally() == journal.recount()


def test_half_a_character_is_kept_as_what_it_was_written_with(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", [new(1, address="a\ud800@b.test", values=("\udcff", "\ud83d"))])
    with Journal.open(path, readonly=True) as journal:
        assert journal.recipient(1).address == r"a\ud800@b.test"
        assert journal.recipient(1).values == ("\udcff", "\ud83d")


def test_what_is_deleted_is_gone(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 50)
    kept = tmp_path / "linked"
    os.link(path, kept)
    with Journal.open(path, readonly=True), RunnerLock(path, pid=1, host="here"):
        delete_batch(path)
    assert not path.exists()
    assert not lock_path(path).exists()
    assert list(tmp_path.iterdir()) == [kept]
    # Not only the name: the octets.
    assert b"user1@example.test" not in kept.read_bytes()
    with pytest.raises(NoSuchBatch):
        delete_batch(path)
    assert list(tmp_path.iterdir()) == [kept]
