"""The transcript keeps everything, in little memory, and gives it back as it was."""

import gc
import time
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.protocol import Event, EventKind, Stage
from smtptui.transcript import Transcript
from smtptui.transcript.transcript import text_wire, wire_text

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TEXTS = st.one_of(
    st.text(max_size=20),
    st.binary(max_size=20).map(lambda octets: octets.decode("utf-8", "surrogateescape")),
    st.sampled_from(["", "250-a\r\n250 b", "bare\n", "\u2028\x85\x00", "•" * 300]),
)
ENTRIES = st.tuples(
    st.sampled_from(list(EventKind)),
    st.sampled_from(list(Stage)),
    TEXTS,
    st.booleans(),
    st.one_of(st.none(), st.floats(0, 1e6)),
    st.integers(0, 2**40),
    st.one_of(st.none(), st.integers(200, 599)),
)
Entry = tuple[EventKind, Stage, str, bool, float | None, int, int | None]


def fill(transcript: Transcript, entries: list[Entry]) -> list[Event]:
    """Add the entries; returns the events as they were when added."""
    return [
        transcript.add(kind, stage, text, at=index / 7, tls=tls, took=took, size=size, code=code)
        for index, (kind, stage, text, tls, took, size, code) in enumerate(entries)
    ]


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=40), st.integers(1, 6), st.sampled_from([30, 10**6]))
def test_what_was_spooled_comes_back_as_it_was(entries: list[Entry], keep: int, keep_text: int) -> None:
    transcript = Transcript(started=NOON, keep=keep, keep_text=keep_text)
    try:
        added = fill(transcript, entries)
        assert list(transcript) == added
        assert [transcript[index] for index in range(len(added))] == added
        assert [transcript[index - len(added)] for index in range(len(added))] == added
        assert [event.seq for event in transcript] == list(range(len(added)))
    finally:
        transcript.close()


@given(
    st.integers(0, 30),
    st.one_of(st.none(), st.integers(-40, 40)),
    st.one_of(st.none(), st.integers(-40, 40)),
    st.sampled_from([None, 1, 2, -1, -3]),
)
def test_slices_are_those_of_a_list(count: int, start: int | None, stop: int | None, step: int | None) -> None:
    transcript = Transcript(started=NOON, keep=4)
    try:
        added = fill(transcript, [(EventKind.NOTE, Stage.MAIL, str(i), False, None, 0, None) for i in range(count)])
        assert transcript[start:stop:step] == added[start:stop:step]
    finally:
        transcript.close()


@pytest.mark.parametrize("index", [10, -11, 1000])
def test_beyond_the_end(index: int) -> None:
    transcript = Transcript(started=NOON, keep=2)
    fill(transcript, [(EventKind.NOTE, Stage.MAIL, "x", False, None, 0, None)] * 10)
    with pytest.raises(IndexError):
        transcript[index]
    transcript.close()


def test_a_watcher_reads_what_is_new() -> None:
    transcript = Transcript(started=NOON, keep=3)
    seen: list[str] = []
    read = transcript.version
    for number in range(20):
        transcript.add(EventKind.NOTE, Stage.MAIL, str(number), at=0.0)
        if number % 3 == 0:
            assert transcript.version > read
            seen += [event.text for event in transcript[read : transcript.version]]
            read = transcript.version
    assert seen == [str(number) for number in range(19)]
    transcript.close()


def test_reading_goes_on_while_events_are_added() -> None:
    transcript = Transcript(started=NOON, keep=2)
    fill(transcript, [(EventKind.NOTE, Stage.MAIL, "first", False, None, 0, None)] * 5)
    texts = []
    for event in transcript:
        texts.append(event.text)
        if len(transcript) < 12:
            transcript.add(EventKind.NOTE, Stage.MAIL, "later", at=1.0)
    assert texts == ["first"] * 5 + ["later"] * 7
    transcript.close()


def test_a_million_events_need_little_memory() -> None:
    gc.collect()
    transcript = Transcript(started=NOON, keep=1_000)
    tracemalloc.start()
    try:
        started = time.process_time()
        for number in range(20_000):
            transcript.add(EventKind.REPLY, Stage.RCPT, f"250 2.1.5 Ok {number}", at=number, size=20, code=250)
        per_event = tracemalloc.get_traced_memory()[0] / 20_000
        cpu = time.process_time() - started
    finally:
        tracemalloc.stop()
    # What grows without end is the place of each event in the spool.
    assert per_event * 1_000_000 < 150 * 1024 * 1024
    kept = 2 * 1_000 * 600
    assert per_event * 20_000 - kept < 20_000 * 16
    assert cpu < 10
    assert transcript[0].text == "250 2.1.5 Ok 0"
    assert transcript[19_999].text == "250 2.1.5 Ok 19999"
    transcript.close()


def test_long_texts_are_spooled_before_they_are_many() -> None:
    transcript = Transcript(started=NOON, keep_text=1_000_000)
    tracemalloc.start()
    try:
        for _ in range(200):
            transcript.add(EventKind.REPLY, Stage.RCPT, "x" * 60_000 + str(_), at=0.0)
        held, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 3_000_000
    assert transcript[7].text == "x" * 60_000 + "7"
    transcript.close()


@given(st.binary(max_size=60).map(lambda octets: octets + b"\r\n"))
def test_event_text_is_reversible(line: bytes) -> None:
    if not line.endswith(b"\n\r\n"):
        assert text_wire(wire_text(line)) == line


def test_a_bare_lf_at_the_end_stays() -> None:
    assert wire_text(b"250 Ok\n") == "250 Ok\n"
    assert text_wire("250 Ok\n") == b"250 Ok\n"


def test_what_is_in_memory_outlives_the_spool() -> None:
    transcript = Transcript(started=NOON, keep=5)
    added = fill(transcript, [(EventKind.NOTE, Stage.MAIL, str(i), False, None, 0, None) for i in range(20)])
    transcript.close()
    assert transcript[-5:] == added[-5:]
