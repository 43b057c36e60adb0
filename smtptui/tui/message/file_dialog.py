"""Asks for the name, media type and place of a file that goes along."""

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from smtptui.message import check_file
from smtptui.protocol import visible
from smtptui.tui.message.model import File
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.rows import MARKS, Ink

_ATTACHED, _INLINE = "attached", "inline"


class FileDialog(Dialog[File | None]):
    """Dismissed with the changed file, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", show=False)]

    def __init__(self, file: File) -> None:
        super().__init__()
        self._file = file

    def compose(self) -> ComposeResult:
        """Two fields, a choice, one line for what is wrong, two buttons."""
        file = self._file
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Attachment"
            origin = str(file.path) if file.path is not None else "came with the draft"
            yield Static(visible(origin), markup=False, classes="facts")
            with Horizontal(classes="row"):
                yield Static("Name  ", classes="field-label")
                yield Input(file.name, compact=True, id="file-name")
            with Horizontal(classes="row"):
                yield Static("Type  ", classes="field-label")
                yield Input(file.media_type, compact=True, id="file-type")
            with Horizontal(classes="row"):
                yield Static("Place ", classes="field-label")
                yield Choice(_ATTACHED, _INLINE, value=_INLINE if file.inline else _ATTACHED, id="file-place")
            yield Static("", markup=False, classes="dialog-says")
            with Horizontal(classes="buttons"):
                yield Button("Keep", compact=True, id="yes")
                yield Button("Back esc", compact=True, id="no")

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one(".dialog-says", Static).update("")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._keep()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self._keep()
        else:
            self.dismiss(None)

    def _keep(self) -> None:
        file = replace(
            self._file,
            name=self.query_one("#file-name", Input).value.strip(),
            media_type=self.query_one("#file-type", Input).value.strip(),
            inline=self.query_one(Choice).value == _INLINE,
        )
        fault = check_file(file.name, file.media_type)
        if fault:
            self.query_one(".dialog-says", Static).update(f"{MARKS[Ink.PERMANENT]} {fault}")
        else:
            self.dismiss(file)
