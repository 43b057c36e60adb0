"""The log: the live transcript under a title row with the badge, and what can be done with its lines."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Label, Static

from smtptui.protocol import EventKind
from smtptui.session import Tone, Transcript, duration, event_line, page_lines, render, to_text
from smtptui.tui.dialogs import DetailsDialog
from smtptui.tui.keys import Where, bindings
from smtptui.tui.line_view import RATE, LineView
from smtptui.tui.rows import MARKS, Ink, Row
from smtptui.tui.save_dialog import SaveDialog
from smtptui.tui.saving import write_private
from smtptui.tui.sender import Run, Sender
from smtptui.tui.verdict import Parts, badge, running_badge

_INKS = {
    Tone.ACCEPTED: Ink.ACCEPTED,
    Tone.TEMPORARY: Ink.TEMPORARY,
    Tone.PERMANENT: Ink.PERMANENT,
    Tone.CLIENT: Ink.PLAIN,
    Tone.NOTE: Ink.MUTED,
    Tone.ERROR: Ink.PERMANENT,
}


class TranscriptRows:
    """A transcript as rows: time, arrow, text, and at the right how long it took."""

    dropped = 0

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript

    @property
    def version(self) -> int:
        """The transcript's own."""
        return self._transcript.version

    def __len__(self) -> int:
        return len(self._transcript)

    def row(self, index: int) -> Row:
        """The event at ``index`` in one line."""
        event = self._transcript[index]
        line = event_line(event)
        ink = _INKS[line.tone]
        more = f"  (+{line.more} line{'s' * (line.more > 1)})" if line.more else ""
        # The arrow of an error is its mark already.
        failed = event.kind is EventKind.REPLY and ink in (Ink.TEMPORARY, Ink.PERMANENT)
        text = f"{MARKS[ink]} {line.text}" if failed else line.text
        return Row(
            ((f"{event.at:6.3f} ", Ink.MUTED), (f"{line.arrow}  ", ink), (text, ink), (more, Ink.MUTED)),
            duration(line.took) if line.took is not None else "",
        )


class TranscriptPane(Vertical):
    """Shows the session that runs, or the last one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LOG)
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"badge--{ink}" for ink in Ink}

    view = query_one("#log", LineView)
    badge = query_one("#badge", Static)
    tail = query_one("#tail", Static)

    class Finished(Message):
        """The session that was watched has ended."""

        def __init__(self, run: Run, crash: str | None) -> None:
            super().__init__()
            self.run = run
            self.crash = crash

    @dataclass
    class Notice(Message):
        """Something to tell the user in passing."""

        text: str
        failed: bool = False

    def __init__(self, sender: Sender) -> None:
        super().__init__(id="transcript", classes="pane")
        self._sender = sender
        self._run: Run | None = None
        self._finished = True
        self._shown: Parts = ()
        self._badge_width = 0

    def compose(self) -> ComposeResult:
        """Title row and log."""
        with Horizontal(classes="title-row"):
            yield Label("Transcript", classes="title")
            yield Static("", id="tail")
            yield Static("", id="badge")
        yield LineView(
            empty="Nothing sent yet. F5 sends; every command and reply will show here.", own_time=False, id="log"
        )

    def on_mount(self) -> None:
        """Badge and lines are looked at in the same rhythm."""
        self.set_interval(1 / RATE, self._tick)

    def watch_run(self, run: Run) -> None:
        """Show a session that has just begun."""
        self._run = run
        self._finished = False
        self.view.show(TranscriptRows(run.transcript))
        self.view.follow()
        self._tick()

    def _tick(self) -> None:
        self.view.sync()
        run = self._run
        if run is None:
            return
        if not self._finished:
            outcome = run.outcome
            if outcome is not None:
                self._show_badge(badge(outcome))
            elif self._sender.busy:
                self._show_badge(running_badge(run.progress()))
            else:
                self._show_badge((("✗ stopped", Ink.PERMANENT),))
            if not self._sender.busy:
                self._finished = True
                self.post_message(self.Finished(run, self._sender.crash))
        self._show_tail()

    def _show_badge(self, parts: Parts) -> None:
        if parts != self._shown:
            text = Text.assemble(
                *((text, self.get_component_rich_style(f"badge--{ink}", partial=True)) for text, ink in parts)
            )
            # Most ticks only change a digit, and need no new layout of the screen.
            self.badge.update(text, layout=text.cell_len != self._badge_width)
            self._shown, self._badge_width = parts, text.cell_len

    @on(LineView.FollowChanged)
    @on(LineView.CursorMoved)
    def _show_tail(self) -> None:
        below = len(self.view.rows) - 1 - self.view.cursor
        hint = "" if self.view.following or below <= 0 else f"{below:,} below · End follows"
        if str(self.tail.content) != hint:
            self.tail.update(hint, layout=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be done with a line while there is none."""
        if action in ("details", "copy_line", "copy_session", "save"):
            return self._run is not None
        return True

    def action_details(self) -> None:
        """All of the event under the cursor."""
        run = self._run
        if run is not None and len(run.transcript):
            self.app.push_screen(DetailsDialog(run.transcript[self._cursor(run)]))

    def action_copy_line(self) -> None:
        """The event under the cursor to the clipboard."""
        run = self._run
        if run is not None and len(run.transcript):
            lines = page_lines(run.transcript[self._cursor(run)])
            self.app.copy_to_clipboard("\n".join(lines))
            self.post_message(self.Notice("Line copied. Where the terminal refuses, s saves to a file."))

    def action_copy_session(self) -> None:
        """The whole transcript to the clipboard."""
        if self._run is not None:
            self.app.copy_to_clipboard(to_text(self._run.transcript))
            self.post_message(
                self.Notice(f"{len(self._run.transcript):,} events copied. Where the terminal refuses, s saves.")
            )

    def action_save(self) -> None:
        """Ask for a file and write the transcript there."""
        run = self._run
        if run is not None:
            name = f"smtp-{_stamp(run.transcript.started)}.txt"

            async def write(path: Path, overwrite: bool) -> None:
                write_private(path, render(run.transcript, run.outcome, path.suffix), overwrite=overwrite)

            hint = "Text; .jsonl and .html give these forms."
            self.app.push_screen(SaveDialog("Save transcript", hint, name, write), self._saved)

    def _saved(self, path: str | None) -> None:
        if path is not None:
            self.post_message(self.Notice(f"Saved to {path}"))

    def _cursor(self, run: Run) -> int:
        return min(self.view.cursor, len(run.transcript) - 1)


def _stamp(started: datetime) -> str:
    return started.strftime("%Y%m%d-%H%M%S")
