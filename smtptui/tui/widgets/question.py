"""A question with a few answers, each with a key; esc answers none of them."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from smtptui.tui.widgets.dialog import Dialog


class Question(Dialog[str | None]):
    """Dismissed with the answer's name. ``answers`` are name, label and key.

    The first has the focus; with ``careful`` it is the way back, so that a slip of enter does nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("left", "app.focus_previous", show=False),
    ]

    def __init__(
        self, title: str, text: str, answers: Sequence[tuple[str, str, str]], *, careful: bool = False
    ) -> None:
        super().__init__()
        self._careful = careful
        self._title = title
        self._text = text
        self._answers = {name: (label, key) for name, label, key in answers}

    def compose(self) -> ComposeResult:
        """Text and buttons."""
        with Vertical(classes="dialog -question") as dialog:
            dialog.border_title = Text(self._title)
            with VerticalScroll(classes="question-text", can_focus=False):
                yield Static(self._text, markup=False, classes="sentence")
            with Horizontal(classes="buttons"):
                for name, (label, _) in self._answers.items():
                    yield Button(label, compact=True, id=name)
                yield Button("Back esc", compact=True, id="back")

    def on_mount(self) -> None:
        """The way back has the focus where that is the careful answer."""
        if self._careful:
            self.query_one("#back", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id if event.button.id in self._answers else None)

    def on_key(self, event: events.Key) -> None:
        """The key of an answer."""
        for name, (_, key) in self._answers.items():
            if event.key == key:
                event.stop()
                self.dismiss(name)
