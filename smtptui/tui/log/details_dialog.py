"""One event of the transcript with all its lines and numbers."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from smtptui.protocol import Event
from smtptui.transcript import body_lines, duration, octets
from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import TextRows, fold


class DetailsDialog(Dialog[None]):
    """One event with all its lines and numbers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]

    def __init__(self, event: Event) -> None:
        super().__init__()
        self._event = event
        self._lines = body_lines(event)

    def compose(self) -> ComposeResult:
        """Facts, then the lines."""
        with Vertical(classes="dialog -large") as dialog:
            dialog.border_title = f"{self._event.kind} at {self._event.stage.upper()}"
            dialog.border_subtitle = "y copy · esc close"
            yield Static(" · ".join(event_facts(self._event)), markup=False, classes="facts")
            yield LineView(follow=False, id="details")

    def on_mount(self) -> None:
        """Fold the lines once the width is known."""
        self.call_after_refresh(self._fold)

    def on_resize(self) -> None:
        """Fold anew."""
        self.call_after_refresh(self._fold)

    def _fold(self) -> None:
        view = self.query_one(LineView)
        view.show(TextRows(fold(self._lines, view.scrollable_content_region.width)))
        view.focus()

    def action_copy(self) -> None:
        """All its lines to the clipboard."""
        self.app.copy_to_clipboard("\n".join(self._lines))
        self.notify("Copied.", markup=False)


def event_facts(event: Event) -> list[str]:
    """What is known of an event besides its text."""
    facts = [f"#{event.seq + 1}", f"at {event.at:.3f} s"]
    if event.took is not None:
        facts.append(f"took {duration(event.took)}")
    if event.size:
        facts.append(octets(event.size))
    facts.append("inside TLS" if event.tls else "in the clear")
    return facts
