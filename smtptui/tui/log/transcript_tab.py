"""The transcript as a tab: its lines, and below them what is sought and what is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.getters import query_one
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.timer import Timer

from smtptui.protocol import Event, EventKind, Stage
from smtptui.transcript import FAILED, EventFilter, Transcript
from smtptui.tui.log.entry_bar import EntryBar
from smtptui.tui.log.event_rows import EventRows, FilteredRows, MarkedRows, TranscriptRows, WrappedRows
from smtptui.tui.log.pace import PAUSE
from smtptui.tui.log.search import Search
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import Rows

_ALL = EventFilter()
_WORDS = [FAILED, *map(str, Stage), *(str(kind) for kind in EventKind if str(kind) not in map(str, Stage))]


class TranscriptTab(Vertical):
    """Lines that can be filtered, wrapped and searched, a million of them as well as ten.

    What shows is a stack of rows over the transcript, made anew when filter or wrapping change. All long work is done
    in slices by :meth:`look`, which the pane calls in its own rhythm; where a slice was not enough, a timer goes on.
    """

    view = query_one("#log", LineView)
    find = query_one("#find", EntryBar)
    filter = query_one("#filter", EntryBar)

    @dataclass
    class Narrowed(Message):
        """Other keys make sense now: a search or a filter came or went."""

    def __init__(self) -> None:
        super().__init__(id="transcript-tab")
        self._transcript: Transcript | None = None
        self._rows: EventRows | None = None
        self._shown = _ALL
        self._last_filter = ""
        self._search: Search | None = None
        self._origin: int | None = None
        """Where the cursor was when a search or a filter began; None for the end, wherever that is."""
        self._jump = 0
        """Whither to go as soon as it is known: 1 to the next hit, -1 to the one before, 0 nowhere."""
        self._return_to: int | None = None
        """The event that the cursor stood on before the rows were made anew."""
        self._more: Timer | None = None
        self.wrapped = False
        """Whether long lines are folded."""

    def compose(self) -> ComposeResult:
        """Lines, find bar, filter bar."""
        yield LineView(
            empty="Nothing sent yet. F5 sends; every command and reply will show here.", own_time=False, id="log"
        )
        yield EntryBar("Filter", "rcpt, reply, failed, “text” …", suggester=SuggestFromList(_WORDS), id="filter")
        yield EntryBar("Find", "text", id="find")

    # What shows

    @property
    def searching(self) -> bool:
        """Whether there is something to go to next."""
        return self._search is not None

    @property
    def filtered(self) -> bool:
        """Whether a filter hides something."""
        return not self._shown.empty

    @property
    def current(self) -> int | None:
        """The position of the event under the cursor; None where there is none."""
        rows = self._rows
        if rows is None or not len(rows):
            return None
        return rows.event(min(self.view.cursor, len(rows) - 1))

    def shown(self) -> Iterator[Event]:
        """All events that the filter lets through."""
        rows = self._beneath
        if rows is not None:
            while not rows.advance():
                pass
            for row in range(len(rows)):
                yield from rows.events(row, row + 1)

    def watch_transcript(self, transcript: Transcript) -> None:
        """Show another transcript, from its end; a filter stays."""
        self._transcript = transcript
        self._return_to = None
        self._begin_search(self._search.sought if self._search is not None else _ALL)
        self._stack(keep_place=False)
        self.view.follow()

    def look(self) -> bool:
        """Show what is new; returns whether that was all."""
        whole = self._rows.advance() if self._rows is not None else True
        # Before the cursor goes anywhere: the view scrolls no further than the lines it knows of.
        self.view.sync()
        if self._search is not None:
            whole = self._search.advance() and whole
            self._go_to_hit()
            self._tell_find()
        if self._return_to is not None and self._rows is not None:
            place = self._rows.place(self._return_to)
            if place is not None or whole:
                self._return_to = None
                if place is not None:
                    self.view.go(place)
        if self.filter.is_open:
            self._tell_filter()
        if not whole and self._more is None:
            self._more = self.set_timer(PAUSE, self._go_on)
        return whole

    def _go_on(self) -> None:
        self._more = None
        if self.display and self.screen.is_active:
            self.look()

    def _stack(self, *, keep_place: bool = True) -> None:
        """Make the rows anew, over the same transcript."""
        transcript, view = self._transcript, self.view
        if transcript is None:
            return
        place = self._place() if keep_place else None
        rows: EventRows = TranscriptRows(transcript)
        if self.filtered:
            rows = FilteredRows(transcript, self._shown)
        if self.wrapped:
            rows = WrappedRows(rows, self._width)
        self._rows = rows
        view.show(self._marked(rows), keep_place=True)
        self._return_to = place
        self.look()

    def _place(self) -> int | None:
        """The event to stay at when the rows change; None to stay at the end."""
        if self.filter.entry.has_focus:
            # While a filter is typed, what it hides for a moment is not forgotten.
            return self._origin
        # The last line of what a filter shows is seldom the last of the session.
        filtered = isinstance(self._beneath, FilteredRows)
        return self.current if filtered or not self.view.following else None

    @property
    def _beneath(self) -> EventRows | None:
        return self._rows.beneath if isinstance(self._rows, WrappedRows) else self._rows

    def _marked(self, rows: EventRows) -> Rows:
        sought = self._search.sought if self._search is not None else self._shown
        return MarkedRows(rows, sought) if sought.text else rows

    @on(events.Resize)
    def _resized(self) -> None:
        # The lines get their new width after this.
        self.call_after_refresh(self._fold_anew)

    def _fold_anew(self) -> None:
        if isinstance(self._rows, WrappedRows) and self._rows.width != self._width:
            self._stack()

    @property
    def _width(self) -> int:
        return max(self.view.scrollable_content_region.width, 20)

    # Wrap

    def wrap(self) -> None:
        """Fold long lines, or cut them again."""
        self.wrapped = not self.wrapped
        self._stack()

    # Find

    def open_find(self) -> None:
        """Type what to find; the search begins where the cursor is."""
        self._origin = self.current or 0
        self.find.open(self._search.sought.text if self._search is not None else "")
        self._show_cursor()

    def step(self, direction: int) -> None:
        """To the next hit (1) or the one before (-1)."""
        if self._search is not None:
            current = self.current or 0
            self._origin = current + 1 if direction > 0 else current
            self._jump = direction
            self.look()

    @on(EntryBar.Changed, "#find")
    def _find_changed(self, event: EntryBar.Changed) -> None:
        self._begin_search(EventFilter(text=event.value))
        self._jump = 1
        self._remark()
        self.look()

    @on(EntryBar.Stepped, "#find")
    def _find_stepped(self, event: EntryBar.Stepped) -> None:
        self.step(event.step)

    @on(EntryBar.Taken)
    def _taken(self, event: EntryBar.Taken) -> None:
        self.view.focus()
        if not event.bar.entry.value.strip():
            self._close(event.bar)

    @on(EntryBar.Closed)
    def _given_up(self, event: EntryBar.Closed) -> None:
        self._close(event.bar)
        self.view.focus()

    def _show_cursor(self) -> None:
        self.view.keep_cursor = self.find.is_open or self.filter.is_open
        self.view.refresh()

    def close_bar(self) -> None:
        """Close the find bar, else the filter bar."""
        self._close(self.find if self.find.is_open else self.filter)

    def _close(self, bar: EntryBar) -> None:
        bar.close()
        self._show_cursor()
        if bar is self.find:
            self._begin_search(_ALL)
            self._remark()
        else:
            self._narrow("")

    def _begin_search(self, sought: EventFilter) -> None:
        self._jump = 0
        had = self.searching
        self._search = None
        if sought.text and self._transcript is not None:
            self._search = Search(self._transcript, sought, self._shown)
        if had is not self.searching:
            self.post_message(self.Narrowed())
        if not self.searching:
            self.find.say("")

    def _remark(self) -> None:
        if self._rows is not None:
            self.view.show(self._marked(self._rows), keep_place=True)

    def _go_to_hit(self) -> None:
        search, rows = self._search, self._rows
        if search is None or rows is None or not self._jump:
            return
        if self._jump < 0 and not search.done:
            # The one before may not have been found yet.
            return
        origin = self._origin or 0
        hit = search.at_or_after(origin) if self._jump > 0 else search.before(origin)
        if hit is None:
            if search.done:
                self._jump = 0
            return
        place = rows.place(hit)
        if place is not None:
            self._jump = 0
            self._return_to = None
            self.view.go(place)

    def _tell_find(self) -> None:
        search = self._search
        if search is None:
            return
        total = f"{search.count:,}" if search.done else f"{search.count:,}… {search.share:.0%}"
        number = search.number(self.current) if self.current is not None else None
        if search.done and not search.count:
            self.find.say("nothing found")
        elif number is not None:
            self.find.say(f"{number:,} of {total} · n N")
        else:
            self.find.say(f"{total} found · n N")

    # Filter

    def open_filter(self) -> None:
        """Type what to show."""
        self._origin = self._place()
        self.filter.open(self._last_filter)
        self._show_cursor()

    @on(EntryBar.Changed, "#filter")
    def _filter_changed(self, event: EntryBar.Changed) -> None:
        self._narrow(event.value)

    def close_filter(self) -> None:
        """Show all again."""
        self._close(self.filter)

    def _narrow(self, expression: str) -> None:
        wanted = EventFilter.read(expression)
        if expression.strip():
            self._last_filter = expression
        if wanted != self._shown:
            self._shown = wanted
            if self._search is not None:
                self._begin_search(self._search.sought)
            self._stack()
            self.post_message(self.Narrowed())
        self._tell_filter()

    def _tell_filter(self) -> None:
        rows, transcript = self._rows, self._transcript
        if transcript is None or not self.filtered or rows is None:
            self.filter.say("all shown")
            return
        count = self._filtered_count()
        self.filter.say(f"{self._shown.words} · {count} of {len(transcript):,} shown · f all")

    def _filtered_count(self) -> str:
        beneath = self._beneath
        assert isinstance(beneath, FilteredRows)
        done = beneath.looked_at == len(self._transcript or ())
        return f"{len(beneath):,}" + ("" if done else "…")
