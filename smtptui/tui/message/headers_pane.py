"""The Headers tab: more header fields, each checked as it is typed."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from smtptui.message import check_headers, replaced_by
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.widgets.rows import MARKS, Ink

Pair = tuple[str, str]


class HeaderRow(Vertical):
    """Name and value, and below them what is wrong or what the field replaces."""

    def __init__(self, pair: Pair = ("", "")) -> None:
        super().__init__(classes="header-row")
        self.name_field = Input(pair[0], placeholder="Name", compact=True, classes="header-name")
        self.value_field = Input(pair[1], placeholder="Value", compact=True, classes="header-value")
        self._says = Static("", markup=False, classes="header-says")

    def compose(self) -> ComposeResult:
        """Fields side by side, the word below."""
        with Horizontal(classes="row"):
            yield self.name_field
            yield self.value_field
        yield self._says

    @property
    def pair(self) -> Pair:
        """Name and value as they are typed; the name without blanks around it."""
        return self.name_field.value.strip(), self.value_field.value

    def take(self, pair: Pair) -> None:
        """Hold another field."""
        self.name_field.value, self.value_field.value = pair

    def say(self, fault: str) -> None:
        """Show what is wrong; else what the field replaces."""
        replaced = replaced_by(self.pair[0])
        text = f"{MARKS[Ink.PERMANENT]} {fault}" if fault else f"replaces {replaced}" if replaced else ""
        self._says.update(text)
        self.set_class(bool(text), "-says")
        self.set_class(bool(fault), "-wrong")


class HeadersPane(VerticalScroll, can_focus=False):
    """Rows of fields; the last one is empty, and filling it adds another."""

    HELP = """\
### Headers

Header fields besides those of the Message tab. One that is made by itself, such as Date or Message-ID, is replaced;
its row says so. What no server should be sent is named at its row while you type.

shift+↑ and shift+↓ move a field, shift+delete removes it, as emptying it does.
"""
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.HEADERS)

    def __init__(self) -> None:
        super().__init__(id="tab-headers")
        self._rows: list[HeaderRow] = [HeaderRow()]

    def compose(self) -> ComposeResult:
        """The rows there are."""
        yield from self._rows

    @property
    def entry(self) -> Widget:
        """Where the focus goes first: a field that is wrong, else the first one."""
        faults = self._check()
        wrong = next((row for row, fault in zip(self._rows, faults, strict=True) if fault), self._rows[0])
        return wrong.name_field

    @property
    def headers(self) -> tuple[Pair, ...]:
        """Fields as they are typed, empty rows left out."""
        return tuple(pair for row in self._rows if any(pair := row.pair))

    def fill(self, headers: tuple[Pair, ...]) -> None:
        """Take over these fields."""
        if headers == self.headers:
            return
        for row in self._rows:
            row.remove()
        self._rows = [HeaderRow(pair) for pair in (*headers, ("", ""))]
        self.mount(*self._rows)
        self._check()

    def _check(self) -> tuple[str, ...]:
        faults = check_headers([row.pair for row in self._rows])
        for row, fault in zip(self._rows, faults, strict=True):
            row.say(fault)
        return faults

    @on(Input.Changed)
    def _changed(self) -> None:
        if any(self._rows[-1].pair):
            self._rows.append(HeaderRow())
            self.mount(self._rows[-1])
        self._check()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        row = next((row for row in self._rows[:-1] if row in event.input.ancestors), None)
        focused = self.screen.focused
        if row is not None and not any(row.pair) and (focused is None or row not in focused.ancestors):
            self._drop(row)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_key(self, event: events.Key) -> None:
        """Up and down go to the field above or below."""
        if event.key in ("up", "down") and self._go(1 if event.key == "down" else -1):
            event.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a row that has the focus and holds something can be moved or removed."""
        if action in ("move_header", "remove_header"):
            here = self._here
            return here is not None and here < len(self._rows) - 1
        return True

    def action_move_header(self, step: int) -> None:
        """Exchange the field with its neighbour above (-1) or below (1)."""
        here = self._here
        if here is not None and 0 <= here + step < len(self._rows) - 1:
            one, other = self._rows[here], self._rows[here + step]
            pair, moved = other.pair, one.pair
            one.take(pair)
            other.take(moved)
            self._go(step)

    def action_remove_header(self) -> None:
        """Remove the field; the focus goes to the one that follows."""
        here = self._here
        if here is not None and here < len(self._rows) - 1:
            row = self._rows[here]
            self._rows[here + 1].name_field.focus()
            self._drop(row)

    def _drop(self, row: HeaderRow) -> None:
        self._rows.remove(row)
        row.remove()
        self._check()

    @property
    def _here(self) -> int | None:
        focused = self.screen.focused if self.is_attached else None
        if focused is None:
            return None
        return next((place for place, row in enumerate(self._rows) if row in focused.ancestors), None)

    def _go(self, step: int) -> bool:
        here, focused = self._here, self.screen.focused
        if here is None or not 0 <= here + step < len(self._rows):
            return False
        row = self._rows[here + step]
        (row.value_field if focused is self._rows[here].value_field else row.name_field).focus()
        return True
