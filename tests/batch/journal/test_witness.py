"""What shared.sqlite knows of each journal: one behind it is damaged, and who is provably unsent stays pending."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from smtptui.batch.journal import Fault, Journal, JournalBusy, JournalDamaged, Writer, delete_batch
from smtptui.batch.journal.witness import Account, Course, Witness
from smtptui.batch.model import Attempted, Inflight, RecipientState
from tests.batch.journal.making import create
from tests.batch.journal.test_upgrading import made

S = RecipientState


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "shared.sqlite"


@pytest.fixture
def path(tmp_path: Path, shared: Path) -> Path:
    return create(tmp_path / "batches" / "june.sqlite", 3000, shared=shared)


def send(path: Path, shared: Path, seqs: range, *, busy_s: float = 10.0) -> None:
    """Begin and send these, one after the other."""

    async def run() -> None:
        writer = Writer(path, loop=asyncio.get_running_loop(), shared=shared, busy_s=busy_s)
        writer.start()
        try:
            for seq in seqs:
                await writer.post(Inflight(seq, 1.0))
                await writer.post(Attempted(seq, S.SENT, 1.0, 2.0))
        finally:
            await writer.close()

    asyncio.run(run())


def fault(path: Path, shared: Path, *, readonly: bool = True) -> Fault | None:
    with Journal.open(path, readonly=readonly, shared=shared) as journal:
        return None if journal.damage is None else journal.damage.fault


def test_an_older_copy_is_behind_and_the_newer_one_is_not(path: Path, shared: Path, tmp_path: Path) -> None:
    send(path, shared, range(1, 4))
    copy = shutil.copy(path, tmp_path / "older")
    send(path, shared, range(4, 5))
    newer = shutil.copy(path, tmp_path / "newer")
    assert fault(path, shared) is None
    shutil.copy(copy, path)
    assert fault(path, shared) is fault(path, shared, readonly=False) is Fault.BEHIND
    with pytest.raises(JournalDamaged, match="does not have batch june as it is"):
        send(path, shared, range(5, 6))
    shutil.copy(newer, path)
    assert fault(path, shared) is None


def test_what_a_user_decides_counts_as_well(path: Path, shared: Path, tmp_path: Path) -> None:
    send(path, shared, range(1, 2))
    copy = shutil.copy(path, tmp_path / "older")
    with Journal.open(path, shared=shared) as journal:
        assert journal.decide([1], [S.SENT], S.PENDING, now=3.0) == 1
    shutil.copy(copy, path)
    assert fault(path, shared) is Fault.BEHIND


@pytest.mark.parametrize(("begun", "bound"), [(1, 17), (17, 34), (100, 207)])
def test_who_is_beyond_the_bound_is_provably_unsent(
    path: Path, shared: Path, tmp_path: Path, begun: int, bound: int
) -> None:
    copy = shutil.copy(path, tmp_path / "older")
    send(path, shared, range(1, begun + 1))
    shutil.copy(copy, path)
    with Journal.open(path, shared=shared) as journal:
        done = journal.doubt(9.0)
        # None who was begun is pending again, and no more are in doubt than about twice as many as were begun.
        assert begun <= done.uncertain <= bound
        assert done.unsent == 3000 - done.uncertain
        assert [each.seq for each in journal.due(0.0, limit=1)] == [done.uncertain + 1] * bool(done.unsent)
        assert journal.tally() == journal.recount()
        journal.check_whole(content=True)
    assert fault(path, shared) is None
    if done.unsent:
        send(path, shared, range(done.uncertain + 1, done.uncertain + 2))


def test_the_bound_runs_ahead_by_a_thousand_at_most(path: Path, shared: Path) -> None:
    reaches = []
    with Witness(shared) as witness:
        witness.register("one", "june")
        account = Account(witness, Course("one", 0), 0)
        for highest in range(1, 4001, 50):
            account.before(highest, 50)
            known = witness.known("one")
            assert known is not None
            reaches.append(known.reach - highest)
    assert min(reaches) >= 0
    assert max(reaches) == 1024


def test_whom_another_batch_took_over_is_in_doubt_in_an_older_copy(path: Path, shared: Path, tmp_path: Path) -> None:
    send(path, shared, range(1, 2))
    copy = shutil.copy(path, tmp_path / "older")
    with Journal.open(path, shared=shared) as journal:
        assert journal.decide(range(2, 2001), [S.PENDING], S.SKIPPED, "moved to july", now=3.0) == 1999
    shutil.copy(copy, path)
    with Journal.open(path, shared=shared) as journal:
        done = journal.doubt(9.0)
        assert (done.uncertain, done.unsent) == (1999, 1000)


@pytest.mark.parametrize("retried", [False, True])
def test_who_failed_is_in_doubt_only_if_somebody_was_tried_again_later(
    path: Path, shared: Path, tmp_path: Path, retried: bool
) -> None:
    send(path, shared, range(1, 3))
    with Journal.open(path, shared=shared) as journal:
        journal.decide([1], [S.SENT], S.FAILED, now=3.0)
    copy = shutil.copy(path, tmp_path / "older")
    if retried:
        with Journal.open(path, shared=shared) as journal:
            journal.decide([1], [S.FAILED], S.PENDING, now=3.0)
    send(path, shared, range(1, 2) if retried else range(3, 4))
    shutil.copy(copy, path)
    with Journal.open(path, shared=shared) as journal:
        journal.doubt(9.0)
        assert [journal.recipient(seq).state for seq in (1, 2)] == [S.UNCERTAIN if retried else S.FAILED, S.SENT]


def test_an_older_shared_file_does_not_make_those_unsent_who_were_sent_to(
    path: Path, shared: Path, tmp_path: Path
) -> None:
    early, old = shutil.copy(path, tmp_path / "early"), shutil.copy(shared, tmp_path / "shared")
    send(path, shared, range(1, 61))
    shutil.copy(old, shared)
    send(path, shared, range(1, 1))
    with Journal.open(path, shared=shared) as journal:
        journal.decide([3], [S.SENT], S.FAILED, now=3.0)
    shutil.copy(early, path)
    with Journal.open(path, shared=shared) as journal:
        assert journal.doubt(9.0).uncertain >= 60


def test_after_a_recovery_the_files_of_before_are_damaged(path: Path, shared: Path, tmp_path: Path) -> None:
    older = shutil.copy(path, tmp_path / "older")
    send(path, shared, range(1, 4))
    newest = shutil.copy(path, tmp_path / "newest")
    shutil.copy(older, path)
    with Journal.open(path, shared=shared) as journal:
        journal.doubt(9.0)
    for each in (newest, older):
        shutil.copy(each, path)
        assert fault(path, shared) is Fault.BEHIND


def test_a_count_that_lags_behind_makes_no_damage(path: Path, shared: Path) -> None:
    with closing(sqlite3.connect(shared, isolation_level=None)) as other:
        send(path, shared, range(1, 2))
        # Another program writes to it for long: nobody is waited for, as long as nobody beyond the bound is begun.
        other.execute("BEGIN IMMEDIATE")
        send(path, shared, range(2, 6), busy_s=0.05)
        other.execute("COMMIT")
        assert fault(path, shared) is None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalBusy, match=r"shared\.sqlite is locked"):
            send(path, shared, range(1000, 1001), busy_s=0.05)
        other.execute("COMMIT")
    with Journal.open(path, shared=shared) as journal:
        assert journal.recipient(1000).state is S.PENDING


def test_a_reader_of_an_old_state_keeps_a_run_from_beginning(path: Path, shared: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM standing").fetchone()
        with Journal.open(path, shared=shared) as journal:
            journal.set_settings("{}")
        with pytest.raises(JournalBusy, match="cannot be marked as being sent"):
            send(path, shared, range(1, 2), busy_s=0.05)
    send(path, shared, range(1, 2))
    # It is in the file itself while a run goes on, and taken out at its end.
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT open FROM batch").fetchone() == (0,)


def test_a_journal_that_is_deleted_or_not_known_is_no_whole_one(path: Path, shared: Path, tmp_path: Path) -> None:
    copy = shutil.copy(path, tmp_path / "copy")
    delete_batch(path, shared=shared)
    shutil.copy(copy, path)
    assert fault(path, shared) is Fault.BEHIND
    shared.unlink()
    assert fault(path, tmp_path / "another.sqlite") is Fault.UNKNOWN


def test_a_journal_of_format_1_is_taken_on_trust_once(tmp_path: Path, shared: Path) -> None:
    path = made(tmp_path / "batches" / "june.sqlite", "journal.sql")
    before = shutil.copy(path, tmp_path / "before")
    assert fault(path, shared, readonly=False) is None
    with Journal.open(path, shared=shared) as journal:
        journal.recover(5.0)
    send(path, shared, range(5, 6))
    assert fault(path, shared) is None
    # Its own backup, still in format 1, is known as an older copy of it.
    shutil.copy(before, path)
    assert fault(path, shared) is Fault.BEHIND
    with Journal.open(path, shared=shared) as journal:
        done = journal.doubt(9.0)
        assert (done.uncertain, done.unsent) == (4, 0)


def altered(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE standing SET state = 'sen4' WHERE seq = 1", "sen4"),
        ("UPDATE tally SET n = n + 1 WHERE state = 'pending'", "its counts are not"),
        ("DELETE FROM standing WHERE seq = 7", "rows are missing"),
        ("DROP TRIGGER tallied", "its triggers"),
    ],
)
def test_what_is_wrong_inside_is_found_before_a_run(path: Path, shared: Path, statement: str, said: str) -> None:
    altered(path, statement)
    with Journal.open(path, shared=shared) as journal:
        with pytest.raises(JournalDamaged, match=said):
            journal.check_whole(content=True)
        journal.doubt(9.0)
        journal.check_whole(content=True)
        assert journal.tally() == journal.recount()
        assert journal.tally().total == 3000


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE document SET content = x'00'", "the template that it keeps"),
        ("UPDATE batch SET settings = '{ }'", "its settings"),
    ],
)
def test_what_cannot_be_mended_is_told_and_changes_nothing(path: Path, shared: Path, statement: str, said: str) -> None:
    altered(path, statement)
    with Journal.open(path, shared=shared) as journal:
        with pytest.raises(JournalDamaged, match=said):
            journal.check_whole(content=True)
        with pytest.raises(JournalDamaged, match="Put a copy from before in its place"):
            journal.doubt(9.0)
        assert journal.tally()[S.PENDING] == 3000


def test_a_row_that_is_not_what_was_written_is_never_sent_to(path: Path, shared: Path) -> None:
    altered(path, "UPDATE recipient SET address = 'user3@example.test' WHERE seq = 2")
    with Journal.open(path, shared=shared) as journal:
        with pytest.raises(JournalDamaged):
            journal.due(0.0, limit=10)
        with pytest.raises(JournalDamaged, match="row 2 of its list"):
            journal.check_whole(content=True)
        done = journal.doubt(9.0)
        journal.check_whole(content=True)
        assert (done.skipped, journal.recipient(1).seq, journal.due(0.0, limit=2)[1].seq) == (1, 1, 3)


def test_the_witness_never_goes_back(shared: Path) -> None:
    with Witness(shared) as witness:
        witness.register("one", "june")
        for commits, reach in ((5, 20), (3, 10)):
            assert witness.advance("one", commits)
            witness.extend("one", reach)
        known = witness.known("one")
        assert known is not None
        assert (known.name, known.commits, known.reach) == ("june", 5, 20)
        assert witness.known("two") is None
