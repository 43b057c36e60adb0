"""A journal that cannot be written or read says so in a sentence, and never says what is not so."""

import asyncio
import contextlib
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtptui.batch.journal import (
    Journal,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFull,
    NoSuchBatch,
    Writer,
)
from smtptui.batch.model import Attempted, BatchState, Inflight, RecipientState
from tests.batch.journal.making import create

SENT = RecipientState.SENT


def is_sentence(error: BaseException) -> bool:
    return bool(re.match(r"(/|The |There ).*\.$", str(error), re.DOTALL)) and "Traceback" not in str(error)


@contextlib.contextmanager
def no_file_grows_beyond(octets: int) -> Iterator[None]:
    """What a full disk is to one process. Python ignores the signal, so writing fails as with a quota."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_on_a_full_disk_nothing_more_is_promised_and_all_that_was_is_there(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 2000)
    writer = Writer(path, loop=asyncio.get_running_loop())
    writer.start()
    await writer.post(Inflight(1, 1.0))
    promised = 1
    told: JournalError | None = None
    # The writer's own thread is in this process, too.
    with no_file_grows_beyond(path.stat().st_size + 100_000):
        for seq in range(2, 2001):
            done = Attempted(seq - 1, SENT, 1.0, 2.0, reply="x" * 500)
            try:
                await writer.post(done, Inflight(seq, 1.0))
            except JournalFull as error:
                told = error
                break
            promised = seq
        assert told is not None
        assert is_sentence(told)
        assert "disk is full" in str(told)
        assert writer.failed is told
        # Still full or not: it is over.
        with pytest.raises(JournalFull):
            await writer.post(Inflight(promised + 1, 1.0))
    with pytest.raises(JournalFull):
        await writer.post(Inflight(promised + 1, 1.0))
    await writer.close()
    with Journal.open(path) as journal:
        assert journal.tally() == journal.recount()
        assert journal.tally()[SENT] == promised - 1
        assert journal.recover(5.0) == 1
        assert journal.recipient(promised).state is RecipientState.UNCERTAIN
        assert journal.recipient(promised + 1).state is RecipientState.PENDING
    # There is room again: the next writer goes on.
    writer = Writer(path, loop=asyncio.get_running_loop())
    writer.start()
    await writer.post(Inflight(promised + 1, 1.0))
    await writer.close()
    with Journal.open(path, readonly=True) as journal:
        assert journal.recipient(promised + 1).state is RecipientState.INFLIGHT


def test_a_full_disk_while_a_batch_is_made_leaves_no_batch(tmp_path: Path) -> None:
    with no_file_grows_beyond(200_000), pytest.raises(JournalFull) as told:
        create(tmp_path / "june.sqlite", 20_000)
    assert is_sentence(told.value)
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process that writes and does not come to an end."""
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE');"
        "print('locked', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "locked\n"
    try:
        yield
    finally:
        other.communicate()


async def test_a_journal_that_another_process_has_is_told_after_a_while(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite")
    writer = Writer(path, loop=asyncio.get_running_loop(), busy_s=0.1)
    writer.start()
    await writer.post(Inflight(1, 1.0))
    with locked(path):
        with pytest.raises(JournalBusy, match="locked by another process") as told:
            await writer.post(Attempted(1, SENT, 1.0, 2.0))
        assert is_sentence(told.value)
        with Journal.open(path, busy_s=0.1) as journal, pytest.raises(JournalBusy):
            journal.set_state(BatchState.RUNNING, now=1.0)
        # Whoever only looks is not held up.
        with Journal.open(path, readonly=True, busy_s=0.1) as journal:
            assert journal.tally()[RecipientState.INFLIGHT] == 1
    await writer.close()


async def test_a_lock_that_is_let_go_in_time_is_only_waited_for(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite")
    writer = Writer(path, loop=asyncio.get_running_loop(), busy_s=20.0)
    writer.start()
    await writer.post(Inflight(1, 1.0))
    with locked(path):
        waiting = writer.post(Attempted(1, SENT, 1.0, 2.0))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    await waiting
    await writer.close()


async def test_a_change_by_somebody_else_stops_the_writer(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite")
    writer = Writer(path, loop=asyncio.get_running_loop())
    writer.start()
    await writer.post(Inflight(1, 1.0))
    await writer.post(Attempted(1, SENT, 1.0, 2.0))
    with pytest.raises(JournalError, match="another program has changed the file") as told:
        # Who has the message must never be begun again, whoever thinks so.
        await writer.post(Inflight(2, 1.0), Inflight(1, 1.0))
    assert is_sentence(told.value)
    await writer.close()
    with Journal.open(path, readonly=True) as journal:
        assert (journal.recipient(1).state, journal.recipient(2).state) == (SENT, RecipientState.PENDING)


def copy_of_a_running_one(tmp_path: Path) -> Path:
    """The journal alone, as somebody copies it who does not know of the log."""
    path = create(tmp_path / "june.sqlite")
    copy = tmp_path / "copy" / "june.sqlite"
    copy.parent.mkdir()

    async def run() -> None:
        writer = Writer(path, loop=asyncio.get_running_loop())
        writer.start()
        await writer.post(Inflight(1, 1.0))
        shutil.copy(path, copy)
        await writer.close()

    asyncio.run(run())
    return copy


def test_a_journal_without_its_log_sends_nothing_twice(tmp_path: Path) -> None:
    copy = copy_of_a_running_one(tmp_path)
    # Also after it was opened for writing once, which makes a log again.
    for readonly in (True, False, True):
        with Journal.open(copy, readonly=readonly) as journal:
            assert journal.tally().total == 3
            with pytest.raises(JournalDamaged, match=r"june\.sqlite-wal is missing.* batch recover june") as told:
                journal.check_whole()
            assert "Batch june is damaged" in str(told.value)
    # The one whose runner came to its end is whole without a log.
    path = tmp_path / "june.sqlite"
    assert not Path(f"{path}-wal").exists()
    with Journal.open(path) as journal:
        journal.check_whole(content=True)
        assert journal.recipient(1).state is RecipientState.INFLIGHT


_DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from smtptui.batch.journal import Writer
from smtptui.batch.model import Inflight
async def run():
    writer = Writer(Path(sys.argv[1]), loop=asyncio.get_running_loop())
    writer.start()
    await writer.post(Inflight(1, 1.0))
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(run())
"""


def test_after_a_crash_the_log_stays_until_a_runner_has_ended_well(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite")
    log = Path(f"{path}-wal")
    subprocess.run([sys.executable, "-c", _DIES, str(path)], timeout=60)
    # Whoever looks or asks for something in between does not take the log away, and is not told it is missing.
    for _ in range(2):
        with Journal.open(path, readonly=True) as journal:
            assert journal.recipient(1).state is RecipientState.INFLIGHT
        with Journal.open(path) as journal:
            journal.set_settings("{}")
        assert log.stat().st_size > 0
    hidden = log.rename(tmp_path / "hidden")
    Path(f"{path}-shm").unlink()
    with Journal.open(path, readonly=True) as journal, pytest.raises(JournalDamaged, match="is missing"):
        journal.check_whole()
    for made in (log, Path(f"{path}-shm")):
        made.unlink(missing_ok=True)
    hidden.rename(log)

    async def run() -> None:
        writer = Writer(path, loop=asyncio.get_running_loop())
        writer.start()
        await writer.post(Attempted(1, SENT, 1.0, 2.0))
        await writer.close()

    asyncio.run(run())
    assert not log.exists()
    with Journal.open(path) as journal:
        assert journal.recipient(1).state is SENT


def use(path: Path) -> None:
    """Everything a journal is asked."""
    for readonly in (True, False):
        with Journal.open(path, readonly=readonly) as journal:
            journal.facts()
            journal.tally()
            journal.due(1e12, limit=1000)
            journal.next_due()
            journal.asked()
            journal.heartbeat()
            for standing in journal.standings():
                journal.attempts(standing.seq)
            for recipient in journal.recipients():
                journal.recipient(recipient.seq)
            if not readonly:
                journal.recover(1.0)
                journal.apply([Inflight(3, 1.0), Attempted(3, SENT, 1.0, 2.0)])


def worked_on(path: Path) -> bytes:
    create(path, 40)
    with Journal.open(path) as journal:
        journal.apply([Attempted(1, SENT, 1.0, 2.0, reply="Ok"), Inflight(2, 3.0)])
        journal.apply([Attempted(4, RecipientState.DEFERRED, 1.0, 2.0, reply="later", next_at=9.0)])
    return path.read_bytes()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_told_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "june.sqlite"
    for file in tmp_path.iterdir():
        file.unlink()
    octets = bytearray(worked_on(path))
    how = data.draw(st.sampled_from(["cut", "page", "octets", "zeros"]))
    at = data.draw(st.integers(0, len(octets) - 1))
    if how == "cut":
        del octets[at:]
    elif how == "octets":
        octets[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8))
    else:
        page = at // 4096 * 4096
        octets[page : page + 4096] = bytes(4096) if how == "zeros" else data.draw(st.randoms()).randbytes(4096)
    path.write_bytes(octets)
    told = None
    try:
        use(path)
    except (JournalError, KeyError) as error:
        told = error
    assert told is None or isinstance(told, KeyError) or is_sentence(told)


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (b"", "was not written by smtptui"),
        (b"email,name\na@example.test,A\n" * 100, "file is not a database"),
    ],
)
def test_what_is_no_journal_is_told(tmp_path: Path, octets: bytes, sentence: str) -> None:
    path = tmp_path / "june.sqlite"
    path.write_bytes(octets)
    with pytest.raises(JournalDamaged, match=sentence) as told:
        Journal.open(path)
    assert is_sentence(told.value)
    assert path.read_bytes() == octets


def altered(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_other_databases_and_later_formats_are_told(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    altered(other, "CREATE TABLE batch (name)")
    with pytest.raises(JournalDamaged, match="was not written by smtptui"):
        Journal.open(other)
    later = altered(create(tmp_path / "later.sqlite"), "PRAGMA user_version = 99")
    with pytest.raises(JournalDamaged, match="format 99, which is newer"):
        Journal.open(later)


def test_rows_that_make_no_sense_are_told(tmp_path: Path) -> None:
    path = altered(
        create(tmp_path / "june.sqlite"),
        "UPDATE standing SET state = 'lost' WHERE seq = 1",
        "UPDATE recipient SET fields = '[1,' WHERE seq = 2",
        "UPDATE recipient SET address = cast(x'ff' AS TEXT) WHERE seq = 3",
    )
    with Journal.open(path, readonly=True) as journal:
        for seq in (1, 2, 3):
            with pytest.raises(JournalDamaged):
                journal.recipient(seq)
        with pytest.raises(JournalDamaged):
            list(journal.recipients())


def test_a_journal_that_is_closed_to_us_is_told() -> None:
    # Not below tmp_path, which root's own folders lead to.
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = create(folder / "june.sqlite")
        folder.chmod(0o755)
        path.chmod(0)
        with somebody_else(), pytest.raises(JournalError, match="permissions") as told:
            Journal.open(path)
    assert is_sentence(told.value)


@contextlib.contextmanager
def somebody_else() -> Iterator[None]:
    """Nothing is closed to root, so for a while it is nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "june.sqlite").mkdir()
    with pytest.raises(JournalError) as told:
        Journal.open(tmp_path / "june.sqlite")
    assert is_sentence(told.value)
    with pytest.raises(NoSuchBatch):
        Journal.open(tmp_path / "july.sqlite")


async def test_a_clock_that_jumps_loses_nobody(tmp_path: Path) -> None:
    path = create(tmp_path / "june.sqlite", 2)
    with Journal.open(path) as journal:
        # Years ahead, then set right again.
        journal.apply([Attempted(1, RecipientState.DEFERRED, 2e9, 2e9 + 1, next_at=2e9 + 300)])
        assert [r.seq for r in journal.due(1e9, limit=10)] == [2]
        assert journal.next_due() == 2e9 + 300
        journal.apply([Inflight(2, 1e9), Attempted(2, SENT, 1e9 + 5, 1e9 - 3600)])
        journal.set_state(BatchState.RUNNING, now=-5.0)
        assert journal.tally() == journal.recount()
        assert [r.seq for r in journal.due(2e9 + 300, limit=10)] == [1]
