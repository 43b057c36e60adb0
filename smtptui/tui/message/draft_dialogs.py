"""The questions about drafts: what to do with changes, and with a file that a draft cannot hold as it is."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Label, Static

from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import Ink, TextRows, fold


class Leaving(StrEnum):
    """What becomes of changes that are not saved."""

    SAVE = "save"
    DISCARD = "discard"


class AskUnsaved(Dialog[Leaving | None]):
    """Dismissed with the answer, or None to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss", "Back", show=False),
        Binding("s", "answer('save')", "Save", show=False),
        Binding("d", "answer('discard')", "Discard", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The question and three buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Not saved"
            yield Label("The message has changes that no draft file holds.", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Save s", compact=True, id="save")
                yield Button("Discard d", compact=True, id="discard")
                yield Button("Back esc", compact=True, id="back")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        answer = event.button.id or ""
        self.dismiss(Leaving(answer) if answer in list(Leaving) else None)

    def action_answer(self, answer: str) -> None:
        """Close with an answer."""
        self.dismiss(Leaving(answer))


class Opening(StrEnum):
    """What becomes of a file."""

    EDIT = "edit"
    WHOLE = "whole"


class AskOpening(Dialog[Opening | None]):
    """Tells what a draft cannot hold of a file; dismissed with what to do, or None to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss", "Back", show=False),
        Binding("e", "answer('edit')", "Edit", show=False),
        Binding("w", "answer('whole')", "As it is", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, name: str, notes: Sequence[str], *, whole: bool) -> None:
        super().__init__()
        self._name = name
        self._notes = notes
        self._whole = whole

    def compose(self) -> ComposeResult:
        """The notes and the buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Not all fits into a draft"
            yield Static(f"{self._name}, when it is edited:", markup=False, classes="facts")
            yield LineView(follow=False, own_time=False, id="opening-notes")
            with Horizontal(classes="buttons"):
                yield Button("Edit e", compact=True, id="edit")
                if self._whole:
                    yield Button("As it is w", compact=True, id="whole")
                yield Button("Back esc", compact=True, id="back")

    def on_mount(self) -> None:
        """The buttons have the focus, the notes only show."""
        self.query_one("#edit").focus()
        self.call_after_refresh(self._fold)

    def on_resize(self) -> None:
        """Fold anew."""
        self.call_after_refresh(self._fold)

    def _fold(self) -> None:
        view = self.query_one(LineView)
        width = view.scrollable_content_region.width
        lines = [line for note in self._notes for line in _bullet(note, width)]
        view.show(TextRows(lines))
        view.styles.height = min(len(lines), 10)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        answer = event.button.id or ""
        self.dismiss(Opening(answer) if answer in list(Opening) else None)

    def action_answer(self, answer: str) -> None:
        """Close with an answer."""
        if answer != Opening.WHOLE or self._whole:
            self.dismiss(Opening(answer))


def _bullet(note: str, width: int) -> list[tuple[str, Ink]]:
    folded = fold([note], width - 2)
    return [(("• " if index == 0 else "  ") + text, ink) for index, (text, ink) in enumerate(folded)]
