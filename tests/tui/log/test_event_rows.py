"""Rows over a transcript: filtered, folded, marked, and in slices the same as at once."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from smtptui.protocol import EventKind, Stage, visible
from smtptui.transcript import EventFilter, Transcript
from smtptui.tui.log.event_rows import EventRows, FilteredRows, MarkedRows, TranscriptRows, WrappedRows
from smtptui.tui.widgets.rows import Row
from tests.transcript.test_transcript import ENTRIES, Entry, fill

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
RCPT = EventFilter.read("rcpt")


def talk(count: int, keep: int = 10) -> Transcript:
    """Replies to MAIL and RCPT in turn, with a long one now and then."""
    transcript = Transcript(started=NOON, keep=keep)
    for number in range(count):
        text = f"250 {number} " + ("word " * 30 if number % 10 == 0 else "ok")
        transcript.add(EventKind.REPLY, [Stage.MAIL, Stage.RCPT][number % 2], text, at=1.0, took=0.5, code=250)
    return transcript


def ready(rows: EventRows) -> EventRows:
    """The rows once all is there."""
    while not rows.advance():
        pass
    return rows


def text(row: Row) -> str:
    """What the row says at its left."""
    return "".join(part for part, _ in row.parts)


def test_a_filter_keeps_up_with_what_comes() -> None:
    transcript = talk(100)
    rows = FilteredRows(transcript, RCPT)
    ready(rows)
    assert len(rows) == 50
    assert [rows.event(row) for row in (0, 1, 49)] == [1, 3, 99]
    assert rows.place(50) == 25
    assert rows.place(99) == 49
    assert rows.place(100) is None
    transcript.add(EventKind.REPLY, Stage.RCPT, "250 new", at=2.0, code=250)
    assert len(rows) == 50
    ready(rows)
    assert "250 new" in text(rows.row(50))
    assert rows.place(100) == 50
    transcript.close()


def test_folded_lines_lose_nothing() -> None:
    transcript = talk(30)
    rows = ready(WrappedRows(TranscriptRows(transcript), 40))
    shown = [text(rows.row(index)) for index in range(len(rows))]
    assert all(cell_len(line) <= 40 for line in shown)
    for number in range(30):
        first, after = rows.place(number), rows.place(number + 1)
        assert first is not None
        whole = " ".join(line[10:] for line in shown[first:after])
        assert whole.split() == transcript[number].text.split()
        assert {rows.event(row) for row in range(first, after or len(rows))} == {number}
    transcript.close()


def test_a_folded_reply_has_all_its_lines() -> None:
    transcript = Transcript(started=NOON)
    transcript.add(EventKind.REPLY, Stage.EHLO, "250-a\r\n250-SIZE\r\n250 DSN", at=1.0, took=0.01, code=250)
    transcript.add(EventKind.BODY, Stage.BODY, "Subject: x\r\n\r\nhello\r\n", at=1.0, size=20)
    rows = ready(WrappedRows(TranscriptRows(transcript), 60))
    assert [text(rows.row(row)).strip() for row in range(len(rows))] == [
        "1.000 ←  250-a",
        "250-SIZE",
        "250 DSN",
        "1.000 →  message, 20 octets  (+3 lines)",
    ]
    assert [rows.row(row).right for row in range(3)] == ["10 ms", "", ""]


@settings(deadline=None)
@given(st.lists(ENTRIES, min_size=1, max_size=30), st.integers(20, 90), st.booleans())
def test_every_row_of_anything_can_be_shown(entries: list[Entry], width: int, filtered: bool) -> None:
    transcript = Transcript(started=NOON, keep=5)
    try:
        fill(transcript, entries)
        beneath = FilteredRows(transcript, RCPT) if filtered else TranscriptRows(transcript)
        rows = ready(WrappedRows(beneath, width))
        marked = MarkedRows(rows, EventFilter(text="a"))
        events = [rows.event(row) for row in range(len(rows))]
        assert events == sorted(events)
        assert set(events) == {e.seq for e in transcript if not filtered or e.stage is Stage.RCPT}
        for index in range(len(rows)):
            row = marked.row(index)
            assert visible(text(row)) == text(row)
            for start, end in row.marks:
                assert text(row)[start:end].lower() == "a"
        for event in set(events):
            first = rows.place(event)
            assert first is not None
            assert rows.event(first) == event
    finally:
        transcript.close()


def test_what_is_found_in_a_hidden_line_is_marked_at_the_word_for_it() -> None:
    transcript = Transcript(started=NOON)
    transcript.add(EventKind.REPLY, Stage.EHLO, "250-mx.test\r\n250-SIZE\r\n250 DSN", at=1.0, code=250)
    transcript.add(EventKind.REPLY, Stage.MAIL, "250 size is fine", at=1.1, code=250)
    rows = MarkedRows(TranscriptRows(transcript), EventFilter(text="size"))
    (start, end), *_ = rows.row(0).marks
    assert text(rows.row(0))[start:end] == "(+2 lines)"
    (start, end), *_ = rows.row(1).marks
    assert text(rows.row(1))[start:end] == "size"


def test_the_clock_at_the_left_is_no_place_to_find_something() -> None:
    transcript = talk(1)
    assert MarkedRows(TranscriptRows(transcript), EventFilter(text="1.0")).row(0).marks == ()
