"""The log: four tabs under a row with the badge, of the session that runs or of an earlier one."""

from collections.abc import Callable, Iterable
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
from textual.timer import Timer
from textual.widgets import ContentSwitcher, Static

from smtptui.protocol import visible
from smtptui.transcript import octets, page_lines, render, text_lines
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.log.capabilities_page import CapabilitiesPage
from smtptui.tui.log.details_dialog import DetailsDialog
from smtptui.tui.log.open_dialog import OpenDialog
from smtptui.tui.log.opened import Opened
from smtptui.tui.log.pace import PAUSE
from smtptui.tui.log.page import PageView
from smtptui.tui.log.past_dialog import PastDialog, past_badge
from smtptui.tui.log.timing_page import TimingPage
from smtptui.tui.log.tls_page import TlsPage
from smtptui.tui.log.transcript_tab import TranscriptTab
from smtptui.tui.programs.pager import PagerError, page
from smtptui.tui.runs.history import ObservedSession, Past
from smtptui.tui.runs.outcome_badge import Parts, badge, running_badge
from smtptui.tui.runs.sender import Run, Sender
from smtptui.tui.widgets.line_view import RATE, LineView
from smtptui.tui.widgets.rows import Ink
from smtptui.tui.widgets.save_dialog import SaveDialog, save_file
from smtptui.tui.widgets.tab_row import TabRow

TABS = (
    ("transcript-tab", "Transcript"),
    ("tls", "TLS"),
    ("capabilities", "Capabilities"),
    ("timing", "Timing"),
)

CLIPBOARD_MOST = 4 * 1024 * 1024
"""Characters that are copied; terminals take less rather than more."""
_END_FOLLOWS = " · End follows"


class LogPane(Vertical):
    """Shows the session that runs, or the last one, or one that is reopened."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.LOG)
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"badge--{ink}" for ink in Ink}
    HELP = """\
# Log

What was said and done, of the session that runs, the last one, or an earlier one (`r`).

- **Transcript**: `→ ←` in the clear, `⇒ ⇐` inside TLS, at the right how long a reply took. `/` finds, `f` shows
  only what you name (a stage such as `rcpt`, a kind such as `reply`, `failed`, or any text), `w` folds long lines,
  `enter` shows a whole entry.
- **TLS**: version, cipher and every certificate in words, with what expires soon.
- **Capabilities**: what the server offers before and inside TLS, and what each keyword means.
- **Timing**: where the time went, a bar for every phase.

`y` copies the line, `Y` all that is shown, `s` saves, `o` opens a saved transcript, `F3` shows it in your `$PAGER`.
Secrets were masked before anything came here.
"""

    tabs = query_one(TabRow)
    switcher = query_one(ContentSwitcher)
    lines = query_one(TranscriptTab)
    view = query_one("#log", LineView)
    badge = query_one("#badge", Static)
    tail = query_one("#tail", Static)

    class Finished(Message):
        """The session that ran has ended."""

        def __init__(self, run: Run, crash: str | None) -> None:
            super().__init__()
            self.run = run
            self.crash = crash

    @dataclass
    class Reopened(Message):
        """Another session than the last one is shown, or the last one again."""

        observed: ObservedSession

    @dataclass
    class Notice(Message):
        """Something to tell the user in passing."""

        text: str
        failed: bool = False

    def __init__(self, sender: Sender, *, now: Callable[[], datetime]) -> None:
        super().__init__(id="transcript", classes="pane")
        self._sender = sender
        self._now = now
        self._awaited: Run | None = None
        """The session whose end is waited for."""
        self._observed: ObservedSession | None = None
        self._shown: Parts = ()
        self._badge_width = 0
        self._more: Timer | None = None

    def compose(self) -> ComposeResult:
        """Tab row and tabs."""
        with Horizontal(classes="title-row"):
            tabs = TabRow(TABS, id="log-tabs")
            # Arrows and brackets switch the tabs from the lines, so the row needs no stop of its own.
            tabs.can_focus = False
            yield tabs
            yield Static("", id="tail")
            yield Static("", id="badge")
        with ContentSwitcher(initial=TABS[0][0], id="log-switcher"):
            yield TranscriptTab()
            yield PageView(TlsPage(self._now), id="tls")
            yield PageView(CapabilitiesPage(), id="capabilities")
            yield PageView(TimingPage(), id="timing")

    def on_mount(self) -> None:
        """Badge and lines are looked at in the same rhythm."""
        self.set_interval(1 / RATE, self._tick)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._repaint_badge())

    def _repaint_badge(self) -> None:
        # The same words in other colours.
        parts, self._shown = self._shown, ()
        self._show_badge(parts)

    @property
    def front(self) -> LineView:
        """The lines of the tab in front."""
        shown = self.switcher.visible_content
        return shown if isinstance(shown, PageView) else self.view

    def watch_run(self, run: Run) -> None:
        """Show a session that has just begun."""
        self._awaited = run
        self._show(run)

    def _show(self, observed: ObservedSession) -> None:
        self._observed = observed
        self.lines.watch_transcript(observed.transcript)
        for view in self.query(PageView):
            view.observe(observed)
        self._tick()

    # Looking

    def _tick(self) -> None:
        self._look()
        running = self._awaited
        observed = self._observed
        if observed is not None:
            self._show_badge(self._badge(observed))
        if running is not None and not self._sender.busy:
            self._awaited = None
            self.post_message(self.Finished(running, self._sender.crash))
        self._show_tail()

    def _look(self) -> None:
        front = self.switcher.visible_content
        if isinstance(front, TranscriptTab):
            front.look()
        elif isinstance(front, PageView) and not front.look() and self._more is None:
            self._more = self.set_timer(PAUSE, self._go_on)

    def _go_on(self) -> None:
        self._more = None
        if self.screen.is_active:
            self._look()

    def _badge(self, observed: ObservedSession) -> Parts:
        if observed is not self._sender.run:
            return past_badge(self._past(observed))
        if observed.outcome is not None:
            return badge(observed.outcome)
        if self._sender.busy:
            return running_badge(observed.progress())
        return (("✗ stopped", Ink.PERMANENT),)

    def _past(self, observed: ObservedSession) -> Past:
        entries = self._sender.history.entries
        return next((past for past in entries if past.observed is observed), Past(observed, ""))

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
        hint = ""
        if self.lines.display and below > 0 and not self.view.following:
            hint = f" {below:,} below"
            if len(hint) + len(_END_FOLLOWS) < self.tail.size.width:
                hint += _END_FOLLOWS
        if str(self.tail.content) != hint:
            self.tail.update(hint, layout=False)

    # Tabs

    def action_tab(self, step: int) -> None:
        """The tab at the left (-1) or at the right (1)."""
        self.tabs.action_move(step)

    def action_show_tab(self, tab: str) -> None:
        """One tab by its name."""
        self.tabs.current = tab

    @on(TabRow.Changed)
    def _tab_changed(self, event: TabRow.Changed) -> None:
        event.stop()
        focused = self.has_focus_within
        self.switcher.current = event.tab
        if focused:
            self.front.focus()
        self._show_tail()
        self.call_after_refresh(self._look)
        self.app.refresh_bindings()

    # What keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be done with a line while there is none; some keys are for the transcript alone."""
        observed, on_lines = self._observed, self.lines.display
        match action:
            case "details" | "find" | "filter" | "wrap":
                return observed is not None and on_lines
            case "step":
                return on_lines and self.lines.searching
            case "close_bar":
                return on_lines and (self.lines.find.is_open or self.lines.filter.is_open)
            case "copy_line" | "copy_all" | "save" | "pager":
                return observed is not None
            case "past":
                return bool(self._sender.history.entries)
            case _:
                return True

    def action_details(self) -> None:
        """All of the event under the cursor."""
        observed, current = self._observed, self.lines.current
        if observed is not None and current is not None:
            self.app.push_screen(DetailsDialog(observed.transcript[current]))

    def action_find(self) -> None:
        """Type what to find."""
        self.lines.open_find()

    def action_step(self, direction: int) -> None:
        """To the next hit, or the one before."""
        self.lines.step(direction)

    def action_filter(self) -> None:
        """Type what to show; show all again where something is hidden."""
        if self.lines.filter.is_open:
            self.lines.close_filter()
        else:
            self.lines.open_filter()

    def action_close_bar(self) -> None:
        """No search, then no filter."""
        self.lines.close_bar()

    def action_wrap(self) -> None:
        """Fold long lines, or cut them."""
        self.lines.wrap()

    def action_copy_line(self) -> None:
        """The line under the cursor to the clipboard; of the transcript the whole event."""
        observed = self._observed
        if observed is None:
            return
        if self.lines.display:
            current = self.lines.current
            lines = page_lines(observed.transcript[current]) if current is not None else []
        else:
            lines = self._texts(self.front.cursor, self.front.cursor + 1)
        if lines:
            self.app.copy_to_clipboard("\n".join(line.strip() if len(lines) == 1 else line for line in lines))
            self.post_message(self.Notice("Line copied. Where the terminal refuses, s saves to a file."))

    def action_copy_all(self) -> None:
        """All that the tab shows to the clipboard."""
        observed = self._observed
        if observed is None:
            return
        if self.lines.display:
            lines = _no_more_than(text_lines(observed.transcript, self.lines.shown()), CLIPBOARD_MOST)
        else:
            lines = self._texts(0, len(self.front.rows))
        if lines is None:
            much = f"more than {octets(CLIPBOARD_MOST)}, too much for a clipboard"
            self.post_message(self.Notice(f"Not copied: {much}. Save with s, or show less with f.", failed=True))
            return
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        self.post_message(self.Notice(f"{len(lines):,} lines copied. Where the terminal refuses, s saves."))

    def _texts(self, start: int, stop: int) -> list[str]:
        rows = self.front.rows
        return [rows.row(index).text for index in range(start, min(stop, len(rows)))]

    def action_save(self) -> None:
        """Ask for a file and write the transcript there."""
        observed = self._observed
        if observed is not None:
            name = f"smtp-{observed.transcript.started:%Y%m%d-%H%M%S}.txt"

            async def write(path: Path, overwrite: bool) -> None:
                # Not in the thread: the session may go on meanwhile.
                data = render(observed.transcript, observed.outcome, path.suffix).encode("utf-8", "backslashreplace")
                await save_file(path, lambda: data, overwrite)

            hint = "Text; .jsonl and .html give these forms."
            self.app.push_screen(SaveDialog("Save transcript", hint, name, write), self._saved)

    def _saved(self, path: str | None) -> None:
        if path is not None:
            self.post_message(self.Notice(f"Saved to {path}"))

    def action_pager(self) -> None:
        """The transcript in the user's own pager."""
        if self._observed is not None:
            # Beside the pane, which goes on to look after the session.
            self.run_worker(self._page(self._observed), name="pager", group="pager", exclusive=True)

    async def _page(self, observed: ObservedSession) -> None:
        try:
            await page(self.app, observed.transcript)
        except PagerError as error:
            self.post_message(self.Notice(str(error), failed=True))

    # Earlier sessions, and files

    def action_past(self) -> None:
        """Choose an earlier session."""
        history = self._sender.history
        live = self._sender.run if self._sender.busy else None
        self.app.push_screen(PastDialog(history.entries, self._observed, live), self._reopen)

    def action_open(self) -> None:
        """Open a saved transcript."""
        self.app.push_screen(OpenDialog(), self._opened)

    def _opened(self, opened: Opened | None) -> None:
        if opened is not None:
            self._sender.history.add(Past(opened, visible(opened.path.name), file=True), self._awaited)
            self._reopen(opened)

    def _reopen(self, observed: ObservedSession | None) -> None:
        if observed is not None and observed is not self._observed:
            self._show(observed)
            self.post_message(self.Reopened(observed))
            self.app.refresh_bindings()

    @on(TranscriptTab.Narrowed)
    def _narrowed(self) -> None:
        self.app.refresh_bindings()


def _no_more_than(lines: Iterable[str], most: int) -> list[str] | None:
    """The lines, or None where they have more characters."""
    kept, size = [], 0
    for line in lines:
        kept.append(line)
        size += len(line) + 1
        if size > most:
            return None
    return kept
