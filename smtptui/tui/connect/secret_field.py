"""Where the secret comes from, as a field of one line. The secret itself is never shown."""

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

_WIDTH = 10


class SecretField(Widget, can_focus=True):
    """Enter, or a click, asks to choose."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space,down", "choose", "Choose", show=False)]

    words: reactive[str] = reactive("")

    @dataclass
    class Opened(Message):
        """The user wants to choose."""

        field: "SecretField"

    def render(self) -> Text:
        """The origin in a word or two."""
        words = self.words if len(self.words) <= _WIDTH else self.words[: _WIDTH - 1] + "…"
        return Text(f" {words:<{_WIDTH}}▾", no_wrap=True, end="")

    def action_choose(self) -> None:
        """Ask to choose."""
        self.post_message(self.Opened(self))

    def on_click(self, event: events.Click) -> None:
        """As enter."""
        event.stop()
        self.action_choose()
