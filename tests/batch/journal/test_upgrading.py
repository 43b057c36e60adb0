"""Files that an earlier version made are brought up to date in place, and stay usable."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from smtptui.batch.journal import Journal, JournalBusy, JournalDamaged, Shared, Writer, lock_path
from smtptui.batch.journal.lock import give_back, take
from smtptui.batch.journal.upgrading import upgrade
from smtptui.batch.model import Attempted, BatchState, Inflight, RecipientState, SizeLimit
from tests.batch.journal.making import create

MADE = Path(__file__).parent / "format_1"
S = RecipientState


def made(path: Path, script: str) -> Path:
    """A file as the version before has left it."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript((MADE / script).read_text())
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(tmp_path / "june.sqlite", "journal.sql")


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def layout(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Tables with their columns, and the text of what else there is; the order of columns is nobody's business."""
    with closing(sqlite3.connect(path)) as connection:
        found: dict[str, set[tuple[object, ...]]] = {}
        for kind, name, text in connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
            if kind == "table":
                columns = connection.execute("SELECT * FROM pragma_table_info(?)", (name,)).fetchall()
                found[name] = {tuple(column[1:]) for column in columns}
            else:
                found[name] = {(kind, text)}
    return found


@pytest.mark.parametrize("readonly", [True, False])
def test_a_journal_of_format_1_is_used_as_before(path: Path, readonly: bool) -> None:
    with Journal.open(path, readonly=readonly) as journal:
        assert journal.facts().state is BatchState.RUNNING
        assert journal.tally() == journal.recount()
        assert [each.state for each in journal.recipients()] == [
            S.SENT,
            S.INFLIGHT,
            S.DEFERRED,
            S.FAILED,
            S.PENDING,
            S.PENDING,
        ]
        assert journal.size_limit() == SizeLimit(1000, "s", "u", 1.0)
        assert [attempt.reply for attempt in journal.attempts(1)] == ["Ok"]
    assert version(path) == 2


def test_an_upgraded_journal_has_the_layout_of_a_new_one(path: Path, tmp_path: Path) -> None:
    Journal.open(path).close()
    assert layout(path) == layout(create(tmp_path / "july.sqlite"))


def test_an_upgraded_journal_is_written_on(path: Path) -> None:
    async def run() -> None:
        writer = Writer(path, loop=asyncio.get_running_loop())
        writer.start()
        await writer.post(Attempted(2, S.SENT, 1.0, 2.0), Inflight(5, 3.0))
        await writer.close()

    asyncio.run(run())
    with Journal.open(path) as journal:
        assert journal.recover(9.0) == 1
        assert journal.tally() == journal.recount()
        assert (journal.recipient(2).state, journal.recipient(5).state) == (S.SENT, S.UNCERTAIN)


def test_a_journal_that_an_earlier_version_has_in_hand_is_left_alone(path: Path) -> None:
    descriptor = take(path, "being sent by process 7 on here")
    with pytest.raises(JournalBusy, match="in use by an earlier version"):
        Journal.open(path, readonly=True)
    give_back(descriptor)
    assert version(path) == 1
    assert lock_path(path).exists()
    Journal.open(path, readonly=True).close()


def test_a_journal_of_format_1_that_misses_its_log_is_not_touched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE batch SET open = 1")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(JournalDamaged, match="is missing"):
        Journal.open(path)
    assert path.read_bytes() == before


def test_many_may_upgrade_at_once(path: Path, tmp_path: Path) -> None:
    shared = made(tmp_path / "shared.sqlite", "shared.sql")

    def both(_: int) -> int:
        with Shared(shared) as used, Journal.open(path) as journal:
            return used.used("a", 1000.0) + journal.tally().total

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(both, range(8))) == [66] * 8


def test_a_shared_file_of_format_1_keeps_what_it_has(tmp_path: Path) -> None:
    path = made(tmp_path / "shared.sqlite", "shared.sql")
    with Shared(path) as shared:
        assert [each.key for each in shared.suppressions()] == ["closed.test", "gone@example.test"]
        assert shared.used("a", 1000.0) == 60
    new = tmp_path / "new.sqlite"
    Shared(new).close()
    assert version(path) == version(new) == 2
    assert layout(path) == layout(new)


@pytest.mark.parametrize("fails", ["CREATE TABLE progress (one)", "no SQL at all"])
def test_an_upgrade_that_fails_changes_nothing(path: Path, fails: str) -> None:
    before = layout(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, pytest.raises(sqlite3.Error):
        upgrade(connection, {1: ("CREATE TABLE progress (one)", fails)})
    assert (version(path), layout(path)) == (1, before)
