"""Suppressions and an account's day hold across batches and processes."""

import contextlib
import multiprocessing
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch.journal import JournalDamaged, Shared

DAY = 86_400.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "shared.sqlite"


def test_an_address_and_a_domain_are_suppressed(path: Path) -> None:
    with Shared(path) as shared:
        assert shared.suppress(["gone@example.test", "closed.test"], "asked to", "user", now=5.0) == 2
        assert shared.suppress(["gone@example.test"], "again", "bounce", now=6.0) == 0
    with Shared(path) as shared:
        asked = ["gone@example.test", "stays@example.test", "any@closed.test", '"a@b"@closed.test', "closed.test.test"]
        assert shared.suppressed(asked) == {"gone@example.test", "any@closed.test", '"a@b"@closed.test'}
        assert [(s.key, s.reason, s.source, s.at) for s in shared.suppressions()] == [
            ("closed.test", "asked to", "user", 5.0),
            ("gone@example.test", "asked to", "user", 5.0),
        ]


def test_whoever_is_taken_off_is_gone_from_the_file(path: Path) -> None:
    with Shared(path) as shared:
        shared.suppress(["erase-me@example.test", "keep@example.test"], "r", "user", now=5.0)
        assert shared.unsuppress(["erase-me@example.test", "nobody@example.test"]) == 1
        assert shared.suppressed(["erase-me@example.test"]) == set()
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"erase-me" not in left
    assert b"keep@example.test" in left


def test_the_file_is_its_owners_alone(path: Path) -> None:
    with Shared(path) as shared:
        shared.suppress(["a@example.test"], "r", "user", now=0.0)
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_many_may_come_first(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / str(number) / "shared.sqlite"
        together = threading.Barrier(4)

        def reserve(path: Path, together: threading.Barrier) -> int:
            together.wait()
            with Shared(path) as shared:
                return shared.reserve("a", 5, 100, 1000.0)

        with ThreadPoolExecutor(4) as threads:
            granted = [threads.submit(reserve, path, together) for _ in range(4)]
            assert [each.result() for each in granted] == [5, 5, 5, 5]
        with Shared(path) as shared:
            assert shared.used("a", 1000.0) == 20
        assert [each.name for each in path.parent.iterdir()] == ["shared.sqlite"]


def test_a_cap_is_granted_once(path: Path) -> None:
    with Shared(path) as shared:
        assert [shared.reserve("a", 60, 100, 1000.0) for _ in range(3)] == [60, 40, 0]
        assert shared.reserve("b", 60, 100, 1000.0) == 60
        shared.release("a", 25, 1010.0)
        assert shared.used("a", 1010.0) == 75
        assert shared.reserve("a", 60, 100, 1020.0) == 25
        # A cap that was lowered meanwhile grants nothing and takes nothing away.
        assert shared.reserve("a", 1, 50, 1020.0) == 0
        free = shared.next_free("a", 100, 1020.0)
        assert 1000.0 + DAY < free <= 1000.0 + DAY + 180
        assert shared.reserve("a", 1, 100, free - 1) == 0
        assert shared.reserve("a", 1, 100, free) == 1


def test_a_clock_that_was_ahead_blocks_no_longer_than_a_day(path: Path) -> None:
    with Shared(path) as shared:
        year = 365 * DAY
        assert shared.reserve("a", 100, 100, year) == 100
        # The clock is set right: still not more than the cap, but not for a year.
        assert shared.reserve("a", 1, 100, 1000.0) == 0
        free = shared.next_free("a", 100, 1000.0)
        assert free <= 1000.0 + DAY + 180
        assert shared.reserve("a", 200, 100, free) == 100


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.floats(0, 30_000), st.integers(1, 40), st.floats(0, 1), st.floats(0, 59)), min_size=1, max_size=25
    ),
    cap=st.integers(1, 60),
)
def test_no_window_of_a_day_has_more_than_the_cap(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[float, int, float, float]], cap: int
) -> None:
    with Shared(tmp_path_factory.mktemp("shared") / "shared.sqlite") as shared:
        now, used = 1e9, []
        for wait, want, share, late in steps:
            now += wait
            expected = shared.next_free("a", cap, now)
            granted = shared.reserve("a", want, cap, now)
            assert granted <= want
            assert (granted > 0) == (expected <= now)
            unused = int(granted * share)
            used.append((now + late, granted - unused))
            if unused:
                shared.release("a", unused, now)
        for end, _ in used:
            assert sum(n for at, n in used if end - DAY < at <= end) <= cap


def _grab(path: Path, granted: "multiprocessing.Queue[int]") -> None:
    with Shared(path) as shared:
        granted.put(sum(shared.reserve("a", 7, 500, 1000.0) for _ in range(60)))


def test_two_processes_share_a_cap(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    granted: multiprocessing.Queue[int] = context.Queue()
    processes = [context.Process(target=_grab, args=(path, granted)) for _ in range(2)]
    for process in processes:
        process.start()
    assert sum(granted.get(timeout=60) for _ in processes) == 500
    for process in processes:
        process.join()


def test_what_is_no_shared_file_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else, and long enough to be looked at" * 100)
    with pytest.raises(JournalDamaged, match="is damaged"):
        Shared(path)


def test_whoever_finds_it_damaged_says_what_it_keeps(path: Path) -> None:
    Shared(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM person_key")
    with Shared(path) as shared, pytest.raises(JournalDamaged, match=r"suppressions, daily caps.*for each batch\.$"):
        _ = shared.acceptances
