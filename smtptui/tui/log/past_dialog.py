"""The sessions since the app was opened in a list, the newest first; enter shows one."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from smtptui.tui.runs.history import ObservedSession, Past
from smtptui.tui.runs.outcome_badge import Parts, badge, running_badge
from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import FixedRows, Ink, Row


class PastDialog(Dialog[ObservedSession | None]):
    """Dismissed with the session to show, or None. ``live`` is the one that runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", show=False),
        Binding("enter", "take", "Show", show=False),
    ]

    def __init__(self, entries: Sequence[Past], shown: ObservedSession | None, live: ObservedSession | None) -> None:
        super().__init__()
        self._entries = tuple(reversed(entries))
        self._shown = shown
        self._live = live

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(classes="dialog -large") as dialog:
            dialog.border_title = "Sessions of this sitting"
            dialog.border_subtitle = "enter show · esc back"
            yield Static("The newest first. What is in front now has a “›”.", classes="facts")
            yield LineView(follow=False, keep_cursor=True, id="past")

    def on_mount(self) -> None:
        """Begin at the session that is shown."""
        view = self.query_one(LineView)
        view.show(FixedRows([self._row(entry) for entry in self._entries]))
        view.cursor = next((at for at, entry in enumerate(self._entries) if entry.observed is self._shown), 0)
        view.focus()

    def action_take(self) -> None:
        """Show the one under the cursor."""
        self.dismiss(self._entries[self.query_one(LineView).cursor].observed)

    def _row(self, entry: Past) -> Row:
        mark = "›" if entry.observed is self._shown else " "
        when = f"{entry.observed.transcript.started:%H:%M:%S}"
        count = f"{len(entry.observed.transcript):,} events"
        return Row(
            (
                (f"{mark} {when}  ", Ink.MUTED),
                (f"{entry.label}  ", Ink.STRONG),
                *self._badge(entry),
            ),
            count,
        )

    def _badge(self, entry: Past) -> Parts:
        if entry.observed is self._live and entry.observed.outcome is None:
            return running_badge(entry.observed.progress())
        return end_of(entry)


def end_of(entry: Past) -> Parts:
    """How a session of the past ended, as far as it is known."""
    if entry.file:
        return (("from a file", Ink.MUTED),)
    if entry.observed.outcome is None:
        return (("✗ stopped", Ink.PERMANENT),)
    return badge(entry.observed.outcome)


def past_badge(entry: Past) -> Parts:
    """The badge of a session that is not the last one: it says first which it is."""
    when = entry.label if entry.file else f"{entry.observed.transcript.started:%H:%M:%S}"
    return ((f"{when} · ", Ink.MUTED), *end_of(entry))
