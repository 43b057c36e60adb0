"""Asks where a transcript goes, and never overwrites a file unasked."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static

from smtptui.session import Outcome, Transcript, render
from smtptui.tui.saving import write_private


class SaveDialog(ModalScreen[str | None]):
    """Dismissed with the path written, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", show=False)]

    def __init__(self, transcript: Transcript, outcome: Outcome | None, name: str) -> None:
        super().__init__()
        self._transcript = transcript
        self._outcome = outcome
        self._name = name
        self._asked: Path | None = None

    def compose(self) -> ComposeResult:
        """One field, one line for what is wrong, two buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Save transcript"
            yield Label("Text; .jsonl and .html give these forms.", classes="muted")
            yield Input(self._name, compact=True, id="path")
            yield Static("", markup=False, id="save-says")
            with Horizontal(classes="buttons"):
                yield Button("Save", compact=True, id="yes")
                yield Button("Back esc", compact=True, id="no")

    @on(Input.Changed)
    def _changed(self) -> None:
        self._asked = None
        self.query_one("#save-says", Static).update("")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._save()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self._save()
        else:
            self.dismiss(None)

    def _save(self) -> None:
        says = self.query_one("#save-says", Static)
        name = self.query_one(Input).value.strip()
        if not name:
            says.update("✗ Type a file name.")
            return
        path = Path(name).expanduser()
        try:
            text = render(self._transcript, self._outcome, path.suffix)
            write_private(path, text, overwrite=self._asked == path)
        except FileExistsError:
            self._asked = path
            says.update("! The file exists. Enter again replaces it.")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            says.update(f"✗ Not saved: {reason}. Choose another place.")
        else:
            self.dismiss(str(path))
