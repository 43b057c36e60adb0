"""The names of a pane's tabs on one line, as one focus stop."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabRow(Widget, can_focus=True):
    """Left and right switch the tab, enter and down go into it. A tab that holds something tells how much."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Previous tab", show=False),
        Binding("right", "move(1)", "Next tab", show=False),
        Binding("home", "end(0)", "First tab", show=False),
        Binding("end", "end(-1)", "Last tab", show=False),
        Binding("enter,down", "enter", "Into the tab", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab--other", "tab--current", "tab--count"}

    @dataclass
    class Changed(Message):
        """Another tab is the current one."""

        row: "TabRow"
        tab: str

        @property
        def control(self) -> "TabRow":
            """The row it comes from."""
            return self.row

    @dataclass
    class Entered(Message):
        """The user wants to go on into the current tab."""

        row: "TabRow"

        @property
        def control(self) -> "TabRow":
            """The row it comes from."""
            return self.row

    current: reactive[str] = reactive("")

    def __init__(self, tabs: Iterable[tuple[str, str]], *, id: str | None = None) -> None:
        """``tabs`` are pairs of a name for the program and a title for the user; the first is current."""
        super().__init__(id=id)
        self._titles = dict(tabs)
        self._counts: dict[str, str] = {}
        self._spans: list[tuple[int, int]] = []
        self.set_reactive(TabRow.current, next(iter(self._titles)))

    def count(self, counts: Mapping[str, str]) -> None:
        """Show these words after the titles: a number, or a mark that there is something; empty for none."""
        if dict(counts) != self._counts:
            self._counts = dict(counts)
            self.refresh(layout=True)

    def watch_current(self, old: str, new: str) -> None:
        """Tell whoever shows the tab."""
        if old != new:
            self.post_message(self.Changed(self, new))

    def validate_current(self, tab: str) -> str:
        """Only a tab that exists can be current."""
        return tab if tab in self._titles else self.current

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as all titles."""
        return cell_len(self._text().plain)

    def render(self) -> Text:
        """All titles."""
        return self._text()

    def action_move(self, step: int) -> None:
        """The neighbour at the left (-1) or right (1); the ends stop."""
        tabs = list(self._titles)
        place = tabs.index(self.current) + step
        if 0 <= place < len(tabs):
            self.current = tabs[place]

    def action_end(self, place: int) -> None:
        """The first tab (0) or the last (-1)."""
        self.current = list(self._titles)[place]

    def action_enter(self) -> None:
        """On into the tab."""
        self.post_message(self.Entered(self))

    def places(self) -> Iterator[tuple[str, int]]:
        """The tabs, and the cell at which the title of each begins."""
        for tab, (start, _) in zip(self._titles, self._spans, strict=False):
            yield tab, start

    def on_click(self, event: events.Click) -> None:
        """The tab that was clicked."""
        for tab, (start, end) in zip(self._titles, self._spans, strict=True):
            if start <= event.x < end:
                self.current = tab

    def _text(self) -> Text:
        text = Text(no_wrap=True, end="")
        self._spans = []
        for tab, title in self._titles.items():
            kind = "current" if tab == self.current else "other"
            start = len(text)
            text.append(f" {title}", self.get_component_rich_style(f"tab--{kind}", partial=True))
            # The blank is not underlined.
            text.stylize("not underline", start, start + 1)
            if count := self._counts.get(tab):
                text.append(f" {count}", self.get_component_rich_style("tab--count", partial=True))
            text.append(" ")
            self._spans.append((start, len(text)))
        return text
