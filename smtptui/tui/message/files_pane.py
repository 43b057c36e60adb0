"""The Attachments tab: the files that go along."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from smtptui.message import wire_size
from smtptui.protocol import visible
from smtptui.transcript import octets
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.message.file_dialog import FileDialog
from smtptui.tui.message.model import File
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import FixedRows, Ink, Row


class FilesPane(Vertical):
    """A list of files, and below it what they weigh."""

    HELP = """\
### Attachments

`a` attaches a file, enter changes its name, media type and place, `i` switches between attached and inline, `d`
removes it. An **inline** file is shown by the HTML, which refers to it as `cid:NAME`.

A file is read when the message is sent. One that has gone or changed meanwhile is named, and nothing is sent.
"""
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.FILES)

    view = query_one("#files", LineView)

    class Wanted(Message):
        """The user wants to attach a file."""

    class Changed(Message):
        """Other files, or other facts about them."""

    def __init__(self) -> None:
        super().__init__(id="tab-files")
        self._files: tuple[File, ...] = ()

    def compose(self) -> ComposeResult:
        """The list and its sum."""
        yield LineView(empty="No file yet. a attaches one.", follow=False, keep_cursor=True, id="files")
        yield Static("", id="files-sum", markup=False)

    @property
    def entry(self) -> Widget:
        """Where the focus goes first."""
        return self.view

    @property
    def files(self) -> tuple[File, ...]:
        """The files, in the order they will have."""
        return self._files

    def fill(self, files: Sequence[File]) -> None:
        """Show these files, the cursor where it was."""
        self._files = tuple(files)
        place = self.view.cursor
        self.view.show(FixedRows([file_row(file) for file in self._files]), keep_place=True)
        self.view.cursor = max(0, min(place, len(self._files) - 1))
        self.query_one("#files-sum", Static).update(sum_of(self._files))
        self.post_message(self.Changed())
        self.refresh_bindings()

    def add(self, file: File) -> None:
        """One more file; the cursor goes to it."""
        self.fill((*self._files, file))
        self.view.cursor = len(self._files) - 1

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a file there is nothing to change."""
        if action in ("edit_file", "inline_file", "remove_file"):
            return bool(self._files)
        return True

    def action_attach(self) -> None:
        """Choose a file and attach it."""
        self.post_message(self.Wanted())

    def action_edit_file(self) -> None:
        """Ask for another name, media type or place of the file under the cursor."""
        if self._files:
            place = self._place

            def answered(file: File | None) -> None:
                if file is not None:
                    self._replace(place, file)

            self.app.push_screen(FileDialog(self._files[place]), answered)

    def action_inline_file(self) -> None:
        """Attach the file under the cursor, or show it inline."""
        if self._files:
            from_here = self._files[self._place]
            self._replace(self._place, replace(from_here, inline=not from_here.inline))

    def action_remove_file(self) -> None:
        """Take the file under the cursor out of the message; the file itself stays."""
        if self._files:
            place = self._place
            self.fill(self._files[:place] + self._files[place + 1 :])

    @property
    def _place(self) -> int:
        return max(0, min(self.view.cursor, len(self._files) - 1))

    def _replace(self, place: int, file: File) -> None:
        self.fill((*self._files[:place], file, *self._files[place + 1 :]))


def file_row(file: File) -> Row:
    """A file in one line."""
    return Row(
        (
            (f"{visible(file.name)}  ", Ink.STRONG),
            (f"{visible(file.media_type)}  ", Ink.MUTED),
            ("inline" if file.inline else "attached", Ink.PLAIN),
        ),
        octets(file.size),
    )


def sum_of(files: Sequence[File]) -> str:
    """How many there are, and how large they are on disk and on the wire."""
    if not files:
        return ""
    size = sum(file.size for file in files)
    wire = sum(wire_size(file.size) for file in files)
    return f"{len(files)} file{'s' * (len(files) != 1)} · {octets(size)} · {octets(wire)} on the wire (base64)"
