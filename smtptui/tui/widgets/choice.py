"""A choice among a few words on one line, with one focus stop and an optional number of one's own."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

_DIGITS = 5


class Choice(Widget, can_focus=True):
    """Arrows change the value; brackets mark it, so that it shows without colour too.

    With ``other`` there is one more option for a number that is not among the others: typed digits fill it
    from anywhere. :attr:`value` is the text of the option, or the digits typed, which may be none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Previous", show=False),
        Binding("right", "move(1)", "Next", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "last", "Last", show=False),
        Binding("backspace", "erase", "Erase a digit", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--option", "choice--chosen"}

    @dataclass
    class Changed(Message):
        """The user, or the program, chose another value."""

        choice: "Choice"
        value: str

        @property
        def control(self) -> "Choice":
            """The widget it comes from."""
            return self.choice

    value: reactive[str] = reactive("", layout=True)

    def __init__(self, *options: str, value: str, other: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._options = options
        self._other = other
        self._typed = "" if value in options else value
        self._spans: list[tuple[int, int]] = []
        self._fresh = True
        """Whether the next digit begins a new number."""
        self.set_reactive(Choice.value, value)

    @property
    def on_other(self) -> bool:
        """Whether the number of one's own is chosen."""
        return self.value not in self._options

    def choose(self, value: str) -> None:
        """Set the value; one that is no option becomes the number of one's own, if there is room for one."""
        if value not in self._options:
            if not self._other:
                raise ValueError(f"{value!r} is none of {', '.join(self._options)}")
            self._typed = value
        self.value = value

    def watch_value(self, old: str, new: str) -> None:
        """Tell whoever listens."""
        if old != new:
            self.post_message(self.Changed(self, new))

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as all options."""
        return cell_len(self._text().plain)

    def render(self) -> Text:
        """All options on one line."""
        return self._text()

    def _text(self) -> Text:
        option = self.get_component_rich_style("choice--option", partial=True)
        chosen = self.get_component_rich_style("choice--chosen", partial=True)
        text = Text(no_wrap=True, end="")
        self._spans = []
        for label in (*self._options, *(("",) if self._other else ())):
            start = len(text)
            own = label == ""
            marked = self.on_other if own else label == self.value
            if own:
                label = f"other {self.value or '…'}" if marked else "other"
            text.append(f"[{label}]" if marked else f" {label} ", chosen if marked else option)
            self._spans.append((start, len(text)))
        return text

    def action_move(self, step: int) -> None:
        """Choose the neighbour at the left (-1) or right (1); the ends stop."""
        self._pick(self._index + step)

    def action_first(self) -> None:
        """Choose the first option."""
        self._pick(0)

    def action_last(self) -> None:
        """Choose the last option."""
        self._pick(len(self._options) - (not self._other))

    def action_erase(self) -> None:
        """Take the last digit of the number away."""
        if self.on_other or not self._fresh:
            self._type(self._typed[:-1])

    def on_key(self, event: events.Key) -> None:
        """Digits make the number; the first one replaces an option that was chosen before."""
        if self._other and event.character is not None and event.character in "0123456789":
            event.stop()
            event.prevent_default()
            typed = "" if self._fresh else self._typed
            if len(typed) < _DIGITS:
                self._type(typed + event.character)

    def on_focus(self) -> None:
        """What is typed next begins a new number."""
        self._fresh = True

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        for index, (start, end) in enumerate(self._spans):
            if start <= event.x < end:
                self._pick(index)

    @property
    def _index(self) -> int:
        return len(self._options) if self.on_other else self._options.index(self.value)

    def _pick(self, index: int) -> None:
        self._fresh = True
        if 0 <= index < len(self._options):
            self.value = self._options[index]
        elif self._other and index == len(self._options):
            self.value = self._typed if self._typed not in self._options else ""

    def _type(self, digits: str) -> None:
        self._fresh = False
        self._typed = digits
        self.value = digits
