"""Says what is wrong in the settings file, and what the app does instead."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from smtptui.tui.widgets.dialog import Dialog


class FaultsDialog(Dialog[None]):
    """A list of sentences."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Go on", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(self, title: str, sentences: Sequence[str], after: str) -> None:
        super().__init__()
        self._title = title
        self._sentences = tuple(sentences)
        self._after = after

    def compose(self) -> ComposeResult:
        """The sentences, then what follows."""
        with Vertical(classes="dialog -large -faults") as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "esc go on"
            with VerticalScroll(id="faults-list"):
                for sentence in self._sentences:
                    yield Static(f"✗ {sentence}", markup=False, classes="sentence")
            yield Static(self._after, markup=False, classes="sentence muted", id="faults-after")

    def action_scroll(self, step: int) -> None:
        """One line up or down."""
        self.query_one("#faults-list").scroll_relative(y=step, animate=False)
