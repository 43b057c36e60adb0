"""Asks for a file: a path that is typed, with completion, over what is in its folder."""

import asyncio
import threading
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.getters import query_one
from textual.widgets import Input, Static

from smtptui.protocol import visible
from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.folder_listing import UP, Entry, EntryRows, completed, matching, read_folder, taken_apart
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import MARKS, Ink


class FilePicker(Dialog[Path | None]):
    """Dismissed with the path of a file that was there a moment ago, or None.

    The folder is read in a thread, so a large or slow one keeps nobody waiting: the path can be typed on meanwhile.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", show=False),
        Binding("tab", "complete", "Complete", show=False, priority=True),
        Binding("ctrl+t", "hidden", "Hidden files", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]

    path = query_one(Input)
    view = query_one(LineView)
    says = query_one("#picker-says", Static)

    def __init__(self, title: str, folder: Path) -> None:
        super().__init__()
        self._heading = title
        self._here = folder
        self._folder: Path | None = None
        self._entries: list[Entry] = []
        self._trouble = ""
        self._hidden = False
        self._hidden_count = 0
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        """Path, entries, a line that counts them."""
        with Vertical(classes="dialog -large") as dialog:
            dialog.border_title = self._heading
            dialog.border_subtitle = "enter choose · tab complete · ^t hidden files · esc back"
            yield Input(_shown(self._here), compact=True, select_on_focus=False, id="picker-path")
            yield LineView(follow=False, keep_cursor=True, own_time=False, id="picker-list")
            yield Static("", markup=False, id="picker-says")

    def on_mount(self) -> None:
        """Keys go to the path; the list only shows."""
        self.view.can_focus = False
        self.path.cursor_position = len(self.path.value)
        self.call_after_refresh(self._look)

    def on_unmount(self) -> None:
        """Whatever is still being read is not wanted any more."""
        self._stop.set()

    @on(Input.Changed)
    def _look(self) -> None:
        folder, _ = taken_apart(self.path.value, self._here)
        if folder != self._folder:
            self._folder = folder
            self._entries, self._trouble = [], "Reading the folder …"
            self._stop.set()
            self._stop = threading.Event()
            self.run_worker(self._read(folder, self._stop), group="folder", exclusive=True, exit_on_error=False)
        self._filter()

    async def _read(self, folder: Path, stop: threading.Event) -> None:
        try:
            entries, trouble = await asyncio.to_thread(read_folder, folder, stop), ""
        except OSError as error:
            entries = []
            trouble = f"{MARKS[Ink.PERMANENT]} {visible(str(folder))} cannot be read: {error.strerror or error}."
        except ValueError as error:
            entries, trouble = [], f"{MARKS[Ink.PERMANENT]} That is no path: {error}."
        if not stop.is_set():
            self._entries, self._trouble = entries, trouble
            self._hidden_count = sum(entry.hidden for entry in entries)
            self._filter()

    def _filter(self) -> None:
        _, beginning = taken_apart(self.path.value, self._here)
        found = matching(self._entries, beginning, hidden=self._hidden)
        above = [UP] if not beginning and self._folder is not None and self._folder.parent != self._folder else []
        self.view.show(EntryRows([*above, *found]))
        self.view.cursor = len(above) if found else 0
        self.says.update(self._trouble or self._count(len(found), beginning))

    def _count(self, found: int, beginning: str) -> str:
        total = len(self._entries)
        if not total:
            return "The folder is empty."
        if not found and beginning:
            return f"Nothing here begins with {visible(beginning)}."
        hidden = 0 if self._hidden or beginning.startswith(".") else self._hidden_count
        more = f" · {hidden:,} hidden" if hidden else ""
        return f"{found:,} of {total:,}{more}"

    def action_complete(self) -> None:
        """As much of the name as the entries agree on; with one left, or none to agree on, the one under the cursor."""
        head, slash, beginning = self.path.value.rpartition("/")
        found = matching(self._entries, beginning, hidden=self._hidden)
        text = completed(found, beginning)
        if text == beginning and (entry := self._current) is not None and entry is not UP:
            text = completed([entry], beginning)
        self._type(f"{head}{slash}{text}")

    def action_hidden(self) -> None:
        """Show the files whose names begin with a dot, or hide them."""
        self._hidden = not self._hidden
        self._filter()

    def action_move(self, step: int) -> None:
        """To the entry above or below."""
        self.view.action_cursor(step)

    def action_page(self, step: int) -> None:
        """One page of entries up or down."""
        self.view.action_page(step)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        folder, beginning = taken_apart(self.path.value, self._here)
        exact = next((entry for entry in self._entries if entry.name == beginning), None)
        entry = exact or self._current
        if entry is None:
            if not self._trouble:
                self.says.update(f"{MARKS[Ink.TEMPORARY]} There is no such file.")
        elif entry is UP:
            self._type(_shown(folder.parent))
        elif entry.file:
            self.dismiss(folder / entry.name)
        else:
            self._type(_shown(folder / entry.name))

    @property
    def _current(self) -> Entry | None:
        rows = self.view.rows
        if isinstance(rows, EntryRows) and rows.entries:
            return rows.entries[min(self.view.cursor, len(rows.entries) - 1)]
        return None

    def _type(self, text: str) -> None:
        self.path.value = text
        self.path.cursor_position = len(text)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on an entry; a second one chooses it."""
        if event.widget is self.view and event.chain > 1:
            self._submitted()


def _shown(folder: Path) -> str:
    """A folder as it is typed: home as ``~``, a slash at the end."""
    home = Path.home()
    text = f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)
    text = "~" if text == "~/." else text
    return text if text.endswith("/") else f"{text}/"
