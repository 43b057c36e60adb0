"""Asks for a saved transcript and reads it, off the event loop."""

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from smtptui.config import typed_path
from smtptui.protocol import visible
from smtptui.transcript import ReadError, Reading
from smtptui.tui.log.opened import Opened
from smtptui.tui.widgets.dialog import Dialog


class OpenDialog(Dialog[Opened | None]):
    """Dismissed with what the file holds, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._reading: Reading | None = None

    def compose(self) -> ComposeResult:
        """One field, one line for what is wrong, two buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Open a saved transcript"
            yield Label("Text, JSON Lines or HTML, as smtptui saves it.", classes="muted")
            yield Input(placeholder="smtp-….txt", compact=True, id="path")
            yield Static("", markup=False, id="open-says")
            with Horizontal(classes="buttons"):
                yield Button("Open", compact=True, id="yes")
                yield Button("Back esc", compact=True, id="no")

    def on_mount(self) -> None:
        """Tell how far a long file is."""
        self.set_interval(0.2, self._tell)

    @on(Input.Changed)
    def _changed(self) -> None:
        self._say("")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._open()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self._open()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Stop reading, and back."""
        if self._reading is not None:
            self._reading.cancel()
        self.dismiss(None)

    def _open(self) -> None:
        name = self.query_one(Input).value.strip()
        if not name:
            self._say("✗ Type the name of a file.")
        elif self._reading is None:
            self._reading = Reading(typed_path(name))
            self.run_worker(self._read(self._reading), name="read a transcript")

    async def _read(self, reading: Reading) -> None:
        try:
            transcript = await asyncio.to_thread(reading.read)
        except ReadError as error:
            if self.is_attached:
                self._say(f"✗ {visible(str(error))}")
        else:
            if self.is_attached and not reading.cancelled:
                self.dismiss(Opened(reading.path, transcript))
            else:
                transcript.close()
        finally:
            self._reading = None

    def _tell(self) -> None:
        if self._reading is not None and self._reading.share < 1:
            self._say(f"Reading: {self._reading.share:.0%}. esc stops.")

    def _say(self, text: str) -> None:
        self.query_one("#open-says", Static).update(text)
