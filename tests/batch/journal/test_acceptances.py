"""The index of acceptances: who was sent to by which mailing, and nothing that anybody could read addresses from."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch.journal import KEPT_S, Shared


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "shared.sqlite"


@settings(max_examples=25, deadline=None)
@given(
    portions=st.lists(
        st.tuples(st.integers(0, 2), st.lists(st.integers(0, 40), max_size=12), st.booleans()), max_size=12
    )
)
def test_the_last_word_on_each_person_counts(
    portions: list[tuple[int, list[int], bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    known: dict[tuple[int, int], tuple[float, bool]] = {}
    keys = [f"person{number}@good.test" for number in range(41)]
    with Shared(tmp_path_factory.mktemp("shared") / "shared.sqlite") as shared:
        mailings = [shared.acceptances.begin(f"batch{number}", 1.0, "hash") for number in range(3)]
        for at, (mailing, people, unsure) in enumerate(portions, 1):
            shared.acceptances.add(mailings[mailing], [keys[each] for each in people], float(at), unsure=unsure)
            known |= {(mailing, each): (float(at), unsure) for each in people}
            if at % 4 == 0:
                shared.acceptances.look(keys[:1])
        found = {
            (mailings.index(hit.mailing), hit.place): (hit.at, hit.unsure) for hit in shared.acceptances.look(keys)
        }
        assert found == known
        assert shared.acceptances.look([]) == []


def test_no_address_stands_in_the_file(path: Path) -> None:
    with Shared(path) as shared:
        mailing = shared.acceptances.begin("june", 1.0, "hash")
        shared.acceptances.add(mailing, ["ann@good.test"], 5.0, unsure=False)
        assert len(shared.acceptances.look(["ann@good.test", "bob@good.test"])) == 1
        octets = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert b"ann@good" not in octets
        persons = shared.acceptances.persons(["ann@good.test"])
    # Another user's file has other hashes for the same address.
    with Shared(path.with_name("other.sqlite")) as other:
        assert other.acceptances.persons(["ann@good.test"]) != persons


def test_what_was_forgotten_is_gone(path: Path) -> None:
    with Shared(path) as shared:
        found = shared.acceptances
        for name, at in (("old", 1000.0), ("new", KEPT_S + 500.0)):
            found.add(found.begin(name, 1.0, "hash"), ["ann@good.test", "bob@good.test"], at, unsure=False)
            found.end(name)
        found.prune(KEPT_S + 1001.0)
        assert [each.batch for each in found.mailings()] == ["new"]
        assert len(found.look(["ann@good.test"])) == 1
        persons = found.persons(["ann@good.test"])
        assert found.forget("new") == 2
        assert (found.look(["ann@good.test"]), found.mailings(), found.whole()) == ([], [], {"old"})
    octets = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert persons not in octets


def test_a_mailing_that_has_begun_is_not_whole_until_it_has_ended(path: Path) -> None:
    with Shared(path) as shared:
        shared.acceptances.begin("june", 1.0, "hash")
        assert shared.acceptances.whole() == set()
        shared.acceptances.complete("june", 1.0, "hash", [[("ann@good.test", 5.0, True)]])
        assert shared.acceptances.whole() == {"june"}
        (hit,) = shared.acceptances.look(["ann@good.test"])
        assert (hit.at, hit.unsure) == (5.0, True)
        # Taken over once more, or under another message: what is known stays as it is.
        shared.acceptances.complete("june", 1.0, "other", [[("ann@good.test", 9.0, False)], []])
        assert shared.acceptances.look(["ann@good.test"]) == [hit]


def test_the_first_format_keeps_its_counts_and_suppressions(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(
        """PRAGMA journal_mode = WAL; PRAGMA application_id = 0x534D5453; PRAGMA user_version = 1;
        CREATE TABLE suppression (
          key TEXT PRIMARY KEY, reason TEXT NOT NULL, source TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
        CREATE TABLE used (account TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL,
          PRIMARY KEY (account, minute)) WITHOUT ROWID;
        INSERT INTO suppression VALUES ('gone@good.test', 'asked to', 'user', 5.0);
        INSERT INTO used VALUES ('Me@relay.test:587', 100, 7), ('me@relay.test:465', 100, 5), ('@[::1]:25', 100, 3);"""
    )
    connection.close()
    with Shared(path) as shared:
        assert shared.used("me@relay.test", 6000.0) == 12
        assert shared.used("@::1", 6000.0) == 3
        assert shared.suppressed(["gone@good.test"]) == {"gone@good.test"}
        assert shared.acceptances.mailings() == []
