"""A transcript as rows: one an event, those that a filter lets through, or folded to the width."""

from array import array
from bisect import bisect_left, bisect_right
from typing import Protocol

from smtptui.protocol import Event, EventKind
from smtptui.transcript import EventFilter, Tone, Transcript, body_lines, duration, event_line
from smtptui.tui.log.pace import Pace
from smtptui.tui.widgets.rows import MARKS, Ink, Row, Rows, fold

_INKS = {
    Tone.ACCEPTED: Ink.ACCEPTED,
    Tone.TEMPORARY: Ink.TEMPORARY,
    Tone.PERMANENT: Ink.PERMANENT,
    Tone.CLIENT: Ink.PLAIN,
    Tone.NOTE: Ink.MUTED,
    Tone.ERROR: Ink.PERMANENT,
}


_TEXT, _MORE = 2, 3
"""Which part of a row is the text, and which tells of lines that are not shown."""


class EventRows(Rows, Protocol):
    """Rows that each belong to an event of a transcript."""

    @property
    def transcript(self) -> Transcript:
        """Where the events are."""
        ...

    def event(self, row: int) -> int:
        """The position in the transcript of the event that ``row`` shows."""
        ...

    def place(self, event: int) -> int | None:
        """The first row that shows this event, or one after it; None while that is not known yet."""
        ...

    def events(self, start: int, stop: int) -> list[Event]:
        """The events of the rows from ``start`` to before ``stop``, where a row is a whole event."""
        ...

    def advance(self) -> bool:
        """Work for the time of a slice; returns whether all that the transcript has by now is there."""
        ...


class TranscriptRows:
    """Every event in one line: time, arrow, text, and at the right how long it took."""

    dropped = 0

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        """Where the events are."""

    @property
    def version(self) -> int:
        """The transcript's own."""
        return self.transcript.version

    def __len__(self) -> int:
        return len(self.transcript)

    def row(self, index: int) -> Row:
        """The event at ``index`` in one line."""
        return event_row(self.transcript[index])

    def event(self, row: int) -> int:
        """The same: a row is an event."""
        return row

    def place(self, event: int) -> int | None:
        """The same: a row is an event."""
        return event if event < len(self.transcript) else None

    def events(self, start: int, stop: int) -> list[Event]:
        """Out of the transcript."""
        return self.transcript[start:stop]

    def advance(self) -> bool:
        """Nothing is to be done."""
        return True


class FilteredRows:
    """The events that a filter lets through; an index over the transcript that grows as events come."""

    dropped = 0

    def __init__(self, transcript: Transcript, wanted: EventFilter) -> None:
        self.transcript = transcript
        """Where the events are."""
        self._wanted = wanted
        self._index = array("I")
        self._pace = Pace()
        self.looked_at = 0
        """How many events have been looked at."""

    @property
    def version(self) -> int:
        """Grows with every event let through."""
        return len(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def row(self, index: int) -> Row:
        """The event behind ``index`` in one line."""
        return event_row(self.transcript[self._index[index]])

    def event(self, row: int) -> int:
        """Out of the index."""
        return self._index[row]

    def place(self, event: int) -> int | None:
        """Where it stands in the index, or would stand."""
        if event >= self.looked_at:
            return None
        return bisect_left(self._index, event)

    def events(self, start: int, stop: int) -> list[Event]:
        """One by one: they may lie far from each other."""
        return [self.transcript[position] for position in self._index[start:stop]]

    def advance(self) -> bool:
        """Look at more events."""
        for start, stop in self._pace.portions(self.looked_at, len(self.transcript)):
            self._index.extend(self.transcript.matching(self._wanted, start, stop))
            self.looked_at = stop
        return self.looked_at == len(self.transcript)


class WrappedRows:
    """Other rows with nothing cut: long lines folded at the width, replies with all their lines.

    An array says where each event begins, so that painting a row costs the same however many there are; it
    grows in slices.
    """

    dropped = 0

    def __init__(self, rows: EventRows, width: int) -> None:
        self.beneath = rows
        """The rows that are folded."""
        self.transcript = rows.transcript
        """Where the events are."""
        self.width = width
        """The cells they are folded to."""
        self._starts = array("I", [0])
        self._pace = Pace()
        self._last: tuple[int, list[Row]] = (-1, [])

    @property
    def version(self) -> int:
        """Grows with every row."""
        return self._starts[-1]

    def __len__(self) -> int:
        return self._starts[-1]

    def row(self, index: int) -> Row:
        """The row at ``index``, a piece of an event."""
        below = self._below(index)
        if self._last[0] != below:
            # Neighbours are asked for one after the other, and mostly belong to the same event.
            self._last = below, wrap_event(self.beneath.events(below, below + 1)[0], self.width)
        return self._last[1][index - self._starts[below]]

    def event(self, row: int) -> int:
        """The event that the row is a piece of."""
        return self.beneath.event(self._below(row))

    def place(self, event: int) -> int | None:
        """The event's first row."""
        below = self.beneath.place(event)
        return self._starts[below] if below is not None and below < len(self._starts) else None

    def events(self, start: int, stop: int) -> list[Event]:
        """Those of the rows beneath."""
        return self.beneath.events(start, stop)

    def advance(self) -> bool:
        """Fold more events, as far as the rows beneath have come."""
        whole = self.beneath.advance()
        for start, stop in self._pace.portions(len(self._starts) - 1, len(self.beneath)):
            end = self._starts[-1]
            for event in self.beneath.events(start, stop):
                end += len(wrap_event(event, self.width))
                self._starts.append(end)
        return whole and len(self._starts) > len(self.beneath)

    def _below(self, row: int) -> int:
        return bisect_right(self._starts, row) - 1


class MarkedRows:
    """Other rows, with the places marked where a text stands."""

    def __init__(self, rows: EventRows, sought: EventFilter) -> None:
        self._rows = rows
        self._sought = sought

    @property
    def version(self) -> int:
        """That of the rows beneath."""
        return self._rows.version

    @property
    def dropped(self) -> int:
        """That of the rows beneath."""
        return self._rows.dropped

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int) -> Row:
        """The row with its marks. What stands in a line of the reply that is not shown marks the word for those."""
        row = self._rows.row(index)
        spans: list[tuple[int, int]] = []
        start = 0
        for place, (text, _) in enumerate(row.parts):
            # Neither in the time at the beginning nor in the arrow.
            if place == _TEXT:
                spans = [(start + a, start + b) for a, b in self._sought.spans(text)]
            elif place == _MORE and text and not spans and self._hidden(index):
                blank = len(text) - len(text.lstrip())
                spans = [(start + blank, start + len(text))]
            start += len(text)
        return Row(row.parts, row.right, tuple(spans))

    def _hidden(self, index: int) -> bool:
        event = self._rows.event(index)
        return self._sought.in_text(self._rows.transcript[event].text)


def event_row(event: Event) -> Row:
    """An event in one line."""
    line = event_line(event)
    ink = _INKS[line.tone]
    more = f"  (+{line.more} line{'s' * (line.more > 1)})" if line.more else ""
    return Row(
        (*_head(event, line.arrow, ink), (_mark(event, ink) + line.text, ink), (more, Ink.MUTED)),
        duration(line.took) if line.took is not None else "",
    )


def wrap_event(event: Event, width: int) -> list[Row]:
    """An event in as many lines as it needs; of a body no more than its size."""
    if event.kind is EventKind.BODY:
        return [event_row(event)]
    line = event_line(event)
    ink = _INKS[line.tone]
    head = _head(event, line.arrow, ink)
    right = duration(line.took) if line.took is not None else ""
    indent = sum(len(text) for text, _ in head)
    lines = body_lines(event)
    lines[0] = _mark(event, ink) + lines[0]
    # The time at the right gets a column of its own, also where it is empty.
    pieces = fold(lines, width - indent - (len(right) + 2 if right else 0), ink)
    # As many parts as the first row has, so that its text is the same part.
    blank = ((" " * indent, Ink.PLAIN), ("", Ink.PLAIN))
    first, *rest = pieces
    return [Row((*head, first), right), *(Row((*blank, piece)) for piece in rest)]


def _head(event: Event, arrow: str, ink: Ink) -> tuple[tuple[str, Ink], ...]:
    return (f"{event.at:6.3f} ", Ink.MUTED), (f"{arrow}  ", ink)


def _mark(event: Event, ink: Ink) -> str:
    # The arrow of an error is its mark already.
    failed = event.kind is EventKind.REPLY and ink in (Ink.TEMPORARY, Ink.PERMANENT)
    return f"{MARKS[ink]} " if failed else ""
