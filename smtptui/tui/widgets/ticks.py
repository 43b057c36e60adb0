"""Several words on one line, each of them ticked or not, with one focus stop."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Ticks(Widget, can_focus=True):
    """Arrows move, space or enter ticks. A word in ``alone`` stands by itself: it clears the others, and they it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Previous", show=False),
        Binding("right", "move(1)", "Next", show=False),
        Binding("space,enter", "tick", "Tick", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"ticks--option", "ticks--ticked", "ticks--cursor"}

    @dataclass
    class Changed(Message):
        """Other words are ticked."""

        ticks: "Ticks"
        value: frozenset[str]

        @property
        def control(self) -> "Ticks":
            """The widget it comes from."""
            return self.ticks

    value: reactive[frozenset[str]] = reactive(frozenset(), layout=True)
    cursor: reactive[int] = reactive(0)

    def __init__(self, *options: str, alone: Iterable[str] = (), id: str | None = None) -> None:
        super().__init__(id=id)
        self._options = options
        self._alone = frozenset(alone)
        self._spans: list[tuple[int, int]] = []

    def choose(self, value: Iterable[str]) -> None:
        """Tick these and no others; words that are not among the options do not count."""
        self.value = frozenset(value) & frozenset(self._options)

    def watch_value(self, old: frozenset[str], new: frozenset[str]) -> None:
        """Tell whoever listens."""
        if old != new:
            self.post_message(self.Changed(self, new))

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as all options."""
        return cell_len(self._text().plain)

    def render(self) -> Text:
        """All options on one line."""
        return self._text()

    def action_move(self, step: int) -> None:
        """To the neighbour at the left (-1) or right (1)."""
        self.cursor = max(0, min(self.cursor + step, len(self._options) - 1))

    def action_tick(self) -> None:
        """Tick the word under the cursor, or clear it."""
        self._toggle(self.cursor)

    def on_focus(self) -> None:
        """The cursor shows only where keys go."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor hides."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Tick what was clicked."""
        for index, (start, end) in enumerate(self._spans):
            if start <= event.x < end:
                self.cursor = index
                self._toggle(index)

    def _toggle(self, index: int) -> None:
        word = self._options[index]
        if word in self.value:
            self.value -= {word}
        elif word in self._alone:
            self.value = frozenset({word})
        else:
            self.value = (self.value - self._alone) | {word}

    def _text(self) -> Text:
        text = Text(no_wrap=True, end="")
        self._spans = []
        for index, word in enumerate(self._options):
            ticked = word in self.value
            kind = "ticked" if ticked else "option"
            if self.has_focus and index == self.cursor:
                kind = "cursor"
            start = len(text)
            text.append(
                f"[{'x' if ticked else ' '}] {word}", self.get_component_rich_style(f"ticks--{kind}", partial=True)
            )
            self._spans.append((start, len(text)))
            text.append("  ")
        return text
