"""What a tab beside the transcript tells of a session: rows made anew when the facts have changed."""

from collections.abc import Hashable
from typing import Protocol

from smtptui.tui.runs.history import ObservedSession
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import FixedRows, Ink, Row, fold


class Page(Protocol):
    """Facts about one session at a time."""

    empty: str
    """What to say before there is a session."""

    def watch(self, observed: ObservedSession) -> None:
        """Tell of this session from now on."""
        ...

    def advance(self) -> bool:
        """Take in what is new, for the time of a slice; returns whether that was all."""
        ...

    @property
    def state(self) -> Hashable:
        """Differs when the rows would."""
        ...

    def rows(self, width: int) -> list[Row]:
        """The facts in so many cells."""
        ...


class PageView(LineView):
    """Shows a page. It looks for news only while it is the tab in front."""

    def __init__(self, page: Page, *, id: str) -> None:
        super().__init__(empty=page.empty, follow=False, own_time=False, id=id)
        self._page = page
        self._observed: ObservedSession | None = None
        self._told: Hashable = None

    def observe(self, observed: ObservedSession) -> None:
        """Tell of another session."""
        self._observed = observed
        self._told = None
        self._page.watch(observed)

    def look(self) -> bool:
        """Show what is new; returns whether that was all."""
        width = self.scrollable_content_region.width
        if self._observed is None or width <= 0:
            return True
        whole = self._page.advance()
        wanted = (self._page.state, width)
        if wanted != self._told:
            self.show(FixedRows(self._page.rows(width)), keep_place=self._told is not None)
            self.cursor = min(self.cursor, max(len(self.rows) - 1, 0))
            self._told = wanted
        return whole


def row(*parts: tuple[str, Ink], right: str = "") -> Row:
    """A row of these parts."""
    return Row(parts, right)


def labelled(label: str, value: str, width: int, ink: Ink = Ink.PLAIN, *, column: int = 14) -> list[Row]:
    """A label, and beside it a value in as many lines as it needs."""
    first, *rest = fold([value], width - column - 3, ink)
    return [
        Row(((f"  {label:<{column}}", Ink.MUTED), first)),
        *(Row(((" " * (column + 2), Ink.PLAIN), piece)) for piece in rest),
    ]


def sentence(text: str, width: int, ink: Ink = Ink.PLAIN, *, indent: int = 0) -> list[Row]:
    """A text in as many lines as it needs."""
    return [Row(((" " * indent, Ink.PLAIN), piece)) for piece in fold([text], width - indent - 1, ink)]
