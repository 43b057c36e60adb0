"""Batches are found, listed and deleted by their names."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch import BatchError, BatchErrorKind, Catalog, Deleted, Holder, check_name, free_name
from tests.batch.operations.test_repeats import NOW, make, people, sent_to


def test_after_the_list() -> None:
    assert free_name("members 2026 (final)", []) == "members-2026-final"
    assert free_name("members", ["members", "Members-2"]) == "members-3"
    assert free_name("..", []) == "batch"


@settings(deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=5), max_size=3))
def test_any_file_gives_a_name_that_can_be_used_and_is_free(stem: str, taken: list[str]) -> None:
    name = free_name(stem, taken)
    assert check_name(name) == name
    assert name not in taken


def test_a_batch_is_found_by_its_name(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "batches", tmp_path / "shared.sqlite")
    with pytest.raises(BatchError, match="There is none yet") as none:
        catalog.find("members")
    assert none.value.kind is BatchErrorKind.STATE
    with pytest.raises(BatchError, match="There is no batch yet"):
        catalog.newest()
    make(tmp_path, "members", people(2), created=NOW)
    make(tmp_path, "guests", people(1), created=NOW + 1)
    assert (catalog.names(), catalog.newest()) == (["guests", "members"], "guests")
    with pytest.raises(BatchError, match="There are guests, members"):
        catalog.find("friends")
    with pytest.raises(BatchError, match="is no name for a batch") as wrong:
        catalog.find("../members")
    assert wrong.value.kind is BatchErrorKind.USAGE
    with catalog.opened("members", readonly=True) as (journal, path):
        assert (journal.tally().total, path) == (2, catalog.find("members"))


def test_all_that_can_be_read_are_listed_the_newest_last(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "batches", tmp_path / "shared.sqlite")
    make(tmp_path, "members", people(2), created=NOW)
    make(tmp_path, "guests", people(1), created=NOW - 1)
    (tmp_path / "batches" / "broken.sqlite").write_bytes(b"no journal" * 100)
    listing = catalog.listing()
    assert [(each.batch, each.tally.total) for each in listing.batches] == [("guests", 1), ("members", 2)]
    assert [each.kind for each in listing.faults] == [BatchErrorKind.DAMAGED]


def test_a_deleted_batch_can_still_be_forgotten(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "batches", tmp_path / "shared.sqlite")
    holder = Holder(catalog.shared, 1, "here", now=lambda: NOW)
    make(tmp_path, "members", people(2), sent_to(2))
    make(tmp_path, "guests", people(1))
    said: list[Deleted] = []
    with pytest.raises(BatchError, match="no batch 'friends'"):
        catalog.delete(["members", "friends"], holder, forget=False, progress=said.append)
    assert (catalog.names(), said) == (["guests", "members"], [])
    assert catalog.delete(["members"], holder, forget=False, progress=said.append) == ("members",)
    assert catalog.delete(["members", "guests"], holder, forget=True, progress=said.append) == ("guests",)
    assert said == [Deleted("members"), Deleted("guests"), Deleted("guests", 0), Deleted("members", 2)]
