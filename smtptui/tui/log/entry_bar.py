"""A line at the bottom of the transcript in which something is typed: what to find, or what to show."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.getters import query_one
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Label, Static


class EntryBar(Horizontal):
    """Hidden until it is opened. Enter goes back to the lines and leaves it open, escape closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False),
        Binding("down", "step(1)", "Next", show=False),
        Binding("up", "step(-1)", "Previous", show=False),
    ]

    entry = query_one(Input)
    says = query_one(".entry-says", Static)

    @dataclass
    class Changed(Message):
        """Something was typed."""

        bar: "EntryBar"
        value: str

        @property
        def control(self) -> "EntryBar":
            """The bar it comes from."""
            return self.bar

    @dataclass
    class Taken(Message):
        """The user is done typing and goes back to the lines."""

        bar: "EntryBar"

        @property
        def control(self) -> "EntryBar":
            """The bar it comes from."""
            return self.bar

    @dataclass
    class Closed(Message):
        """The user wants none of it any more."""

        bar: "EntryBar"

        @property
        def control(self) -> "EntryBar":
            """The bar it comes from."""
            return self.bar

    @dataclass
    class Stepped(Message):
        """The user asks for the next (1) or the previous one (-1) while typing."""

        bar: "EntryBar"
        step: int

        @property
        def control(self) -> "EntryBar":
            """The bar it comes from."""
            return self.bar

    def __init__(self, title: str, hint: str, *, suggester: Suggester | None = None, id: str) -> None:
        super().__init__(id=id, classes="entry-bar")
        self._title = title
        self._hint = hint
        self._suggester = suggester

    def compose(self) -> ComposeResult:
        """Title, field, and at the right what came of it."""
        yield Label(self._title, classes="entry-title")
        yield Input(placeholder=self._hint, compact=True, suggester=self._suggester)
        yield Static("", classes="entry-says", markup=False)

    @property
    def is_open(self) -> bool:
        """Whether it shows."""
        return self.has_class("-open")

    def open(self, value: str = "") -> None:
        """Show it and type in it; ``value`` is there already, and is replaced by what is typed."""
        self.add_class("-open")
        if value:
            self.entry.value = value
        self.entry.focus()
        self.entry.select_all()

    def close(self) -> None:
        """Hide it and forget what was typed."""
        self.remove_class("-open")
        with self.prevent(Input.Changed):
            self.entry.value = ""
        self.say("")

    def say(self, text: str) -> None:
        """Tell what came of it."""
        said = str(self.says.content)
        if said != text:
            # A number that grows asks for no new layout of the screen as long as it is as wide.
            self.says.update(text, layout=len(said) != len(text))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Taken(self))

    def action_leave(self) -> None:
        """Close it."""
        self.post_message(self.Closed(self))

    def action_step(self, step: int) -> None:
        """Go on without leaving the field."""
        self.post_message(self.Stepped(self, step))
