"""Finding: the next hit, the one before, round the ends, among what a filter shows, while more comes."""

from datetime import UTC, datetime

from smtptui.protocol import EventKind, Stage
from smtptui.transcript import EventFilter, Transcript
from smtptui.tui.log.search import Search

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ALL = EventFilter()


def lines(*texts: str) -> Transcript:
    """A note for each text."""
    transcript = Transcript(started=NOON)
    for text in texts:
        transcript.add(EventKind.NOTE, Stage.MAIL, text, at=0.0)
    return transcript


def search(transcript: Transcript, text: str, within: EventFilter = ALL) -> Search:
    """A search that is done."""
    found = Search(transcript, EventFilter(text=text), within)
    while not found.advance():
        pass
    return found


def test_hits_are_counted_and_gone_through_round_the_ends() -> None:
    found = search(lines("one", "two", "One more", "three", "none"), "one")
    assert found.count == 3
    assert found.at_or_after(0) == 0
    assert found.at_or_after(1) == 2
    assert found.at_or_after(5) == 0
    assert found.before(2) == 0
    assert found.before(0) == 4
    assert [found.number(event) for event in range(5)] == [1, None, 2, None, 3]


def test_nothing_found() -> None:
    found = search(lines("a", "b"), "zebra")
    assert (found.count, found.at_or_after(0), found.before(9), found.number(0)) == (0, None, None, None)


def test_a_search_does_not_leave_what_a_filter_shows() -> None:
    found = search(lines("a x", "b x", "a x", "b"), "x", EventFilter(text="a"))
    assert found.count == 2
    assert found.at_or_after(1) == 2


def test_the_end_is_only_gone_round_when_all_is_known() -> None:
    transcript = Transcript(started=NOON)
    transcript.add(EventKind.NOTE, Stage.MAIL, "hit", at=0.0)
    for _ in range(100_000):
        transcript.add(EventKind.NOTE, Stage.MAIL, "other", at=0.0)
    found = Search(transcript, EventFilter(text="hit"), ALL)
    found.advance()
    assert not found.done
    assert found.at_or_after(1) is None
    assert 0 < found.share < 1
    while not found.advance():
        pass
    assert found.at_or_after(1) == 0
    transcript.close()


def test_what_comes_later_is_found_too() -> None:
    transcript = lines("hit")
    found = search(transcript, "hit")
    transcript.add(EventKind.NOTE, Stage.MAIL, "another hit", at=0.0)
    assert found.advance()
    assert found.count == 2
