"""Which events a filter lets through: read from what a user types, told in words, the same in memory and spooled."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.protocol import Event, EventKind, Stage, visible_lines
from smtptui.transcript import EventFilter, Transcript
from tests.transcript.test_transcript import ENTRIES, Entry, fill

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
REPLY, COMMAND, ERROR = EventKind.REPLY, EventKind.COMMAND, EventKind.ERROR


@pytest.mark.parametrize(
    ("typed", "kinds", "stages", "text", "failed"),
    [
        ("", set(), set(), "", False),
        ("rcpt", set(), {Stage.RCPT}, "", False),
        ("MAIL rcpt reply", {REPLY}, {Stage.MAIL, Stage.RCPT}, "", False),
        ("ehlo-tls", set(), {Stage.EHLO_TLS}, "", False),
        ("failed", set(), set(), "", True),
        ("rcpt example.net", set(), {Stage.RCPT}, "example.net", False),
        ('"rcpt"', set(), set(), "rcpt", False),
        ('"user unknown" rcpt', set(), {Stage.RCPT}, "user unknown", False),
        ('"open', set(), set(), "open", False),
        ("user unknown", set(), set(), "user unknown", False),
        ('""', set(), set(), "", False),
    ],
)
def test_what_is_typed(typed: str, kinds: set[EventKind], stages: set[Stage], text: str, failed: bool) -> None:
    assert EventFilter.read(typed) == EventFilter(frozenset(kinds), frozenset(stages), text, failed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ""),
        ("reply rcpt mail", "reply at MAIL or RCPT"),
        ("failed", "failed"),
        ("command error x", "command or error with “x”"),
    ],
)
def test_words(typed: str, words: str) -> None:
    assert EventFilter.read(typed).words == words


def matches(wanted: EventFilter, event: Event) -> bool:
    """What the filter means, one event looked at by itself."""
    failed = event.kind is ERROR or (event.kind is REPLY and (event.code is None or event.code >= 400))
    lines = visible_lines(event.text)
    return (
        (not wanted.kinds or event.kind in wanted.kinds)
        and (not wanted.stages or event.stage in wanted.stages)
        and (not wanted.failed or failed)
        and (not wanted.text or any(wanted.text.lower() in line.lower() for line in lines))
    )


FILTERS = st.builds(
    EventFilter,
    st.frozensets(st.sampled_from(list(EventKind)), max_size=2),
    st.frozensets(st.sampled_from(list(Stage)), max_size=3),
    st.sampled_from(["", "a", "x1b", "\\x", "250", "•", '"', "\\u2028", "no such", "ob"]),
    st.booleans(),
)
NEEDLES = [
    (EventKind.REPLY, Stage.MAIL, text, False, None, 0, 250)
    for text in ('say "a"', "\x1b[31m", "\u2028", "OB\x08", "a\\b", "•••", "250-A\r\n250 ob", "\x0c", "\x7f")
]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(ENTRIES | st.sampled_from(NEEDLES), max_size=30), FILTERS, st.integers(1, 6), st.integers(0, 5), st.data()
)
def test_spooled_or_not_the_same_events_match(
    entries: list[Entry], wanted: EventFilter, keep: int, start: int, data: st.DataObject
) -> None:
    transcript = Transcript(started=NOON, keep=keep)
    try:
        events = fill(transcript, entries)
        stop = data.draw(st.integers(0, len(events) + 3))
        expected = [event.seq for event in events[start:stop] if matches(wanted, event)]
        assert transcript.matching(wanted, start, stop) == expected
    finally:
        transcript.close()


def test_a_spool_of_many_blocks() -> None:
    transcript = Transcript(started=NOON, keep=10)
    try:
        for number in range(2_000):
            transcript.add(REPLY, Stage.RCPT, f"250 person{number} " + "y" * 1000, at=0.0, code=250)
        assert transcript.matching(EventFilter(text="PERSON1999 "), 0, 2_000) == [1999]
        assert transcript.matching(EventFilter.read("rcpt person77"), 0, 2_000) == [77, *range(770, 780)]
        assert [event.seq for event in transcript[100:1_900]] == list(range(100, 1_900))
    finally:
        transcript.close()
