"""Asks where something is saved, and never overwrites a file unasked."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from smtptui.config import Replacement, WriteError, typed_path
from smtptui.tui.widgets.dialog import Dialog

Write = Callable[[Path, bool], Awaitable[None]]
"""Writes to a path, over an existing file only if the second argument allows it; else it raises
:class:`FileExistsError`. :class:`WriteError` and :class:`ValueError` say in a sentence why nothing was saved."""


async def save_file(path: Path, render: Callable[[], bytes], overwrite: bool) -> None:
    """Write what ``render`` returns, without holding up the app; see :data:`Write`."""

    def write() -> None:
        data = render()
        # A pipe that no program reads would hold the thread, and the app's end.
        with Replacement(path, overwrite=overwrite, patient=False) as file:
            file.write(data)

    await asyncio.to_thread(write)


class SaveDialog(Dialog[str | None]):
    """Dismissed with the path written, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", show=False)]

    def __init__(self, title: str, hint: str, name: str, write: Write) -> None:
        super().__init__()
        self._heading = title
        self._hint = hint
        self._name = name
        self._write = write
        self._asked: Path | None = None

    def compose(self) -> ComposeResult:
        """One field, one line for what is wrong, two buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._heading
            yield Label(self._hint, markup=False, classes="muted")
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
    async def _submitted(self) -> None:
        await self._save()

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            await self._save()
        else:
            self.dismiss(None)

    async def _save(self) -> None:
        says = self.query_one("#save-says", Static)
        name = self.query_one(Input).value.strip()
        if not name:
            says.update("✗ Type a file name.")
            return
        path = typed_path(name)
        try:
            await self._write(path, self._asked == path)
        except FileExistsError:
            self._asked = path
            says.update("! The file exists. Enter again replaces it.")
        except WriteError as error:
            says.update(f"✗ Not saved: {error.reason}. Choose another place.")
        except ValueError as error:
            says.update(f"✗ Not saved: {error}")
        else:
            self.dismiss(str(path))
