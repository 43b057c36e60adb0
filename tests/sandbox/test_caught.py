"""The list of what was caught: its limits, and that readers can tell that it changed."""

from smtptui.sandbox import Caught, CaughtStore
from tests.sandbox.conftest import NOON


def caught(seq: int, content: bytes = b"") -> Caught:
    """A message about nothing."""
    return Caught(seq, f"ID{seq}", NOON, "smtp", "", "", False, None, "", (), content)


def test_it_keeps_the_latest_and_counts_what_gave_way() -> None:
    store = CaughtStore(messages=3)
    versions = {store.version}
    for seq in range(5):
        assert store.next_seq == seq
        store.append(caught(seq))
        versions.add(store.version)
    assert [each.seq for each in store] == [2, 3, 4]
    assert (len(store), store.dropped, len(versions)) == (3, 2, 6)
    assert (store[0].seq, store[-1].seq) == (2, 4)
    assert store.find("ID1") is None
    assert store.find("ID3") is store[1]


def test_octets_are_limited_too_but_the_latest_always_stays() -> None:
    store = CaughtStore(octets=10)
    for seq, size in enumerate((4, 4, 4, 50, 1)):
        store.append(caught(seq, b"x" * size))
        assert store[-1].seq == seq
        assert sum(len(each.content) for each in store) <= max(10, size)
    assert [each.seq for each in store] == [4]
    assert store.dropped == 4


def test_the_content_does_not_flood_a_log() -> None:
    assert "secret body" not in repr(caught(0, b"secret body"))
