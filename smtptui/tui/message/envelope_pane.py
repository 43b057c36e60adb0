"""The Envelope tab: what MAIL and RCPT say, where that is not what the header says."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Input, Label

from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.rows import FixedRows, Row


class EnvelopePane(Vertical):
    """Two fields, and below them in words what will be said."""

    HELP = """\
### Envelope

A server delivers by the envelope, not by the header. Leave the fields empty, and MAIL names the address of Sender,
else of From; RCPT names those of To, Cc and Bcc. `<>` in MAIL FROM is the null sender, as bounces have it.

Below stands what will be said. SIZE is added where the server offers it.
"""

    sender = query_one("#envelope-from", Input)
    recipients = query_one("#envelope-to", Input)
    words = query_one("#envelope-words", LineView)

    def __init__(self) -> None:
        super().__init__(id="tab-envelope")
        self._shown: tuple[Row, ...] = ()

    def compose(self) -> ComposeResult:
        """Fields, then words."""
        with Horizontal(classes="row"):
            yield Label("MAIL FROM ")
            yield Input(placeholder="the header's; <> is the null sender", compact=True, id="envelope-from")
        with Horizontal(classes="row"):
            yield Label("RCPT TO   ")
            yield Input(placeholder="To, Cc and Bcc", compact=True, id="envelope-to")
        yield LineView(follow=False, id="envelope-words")

    @property
    def entry(self) -> Widget:
        """Where the focus goes first."""
        return self.sender

    def fill(self, sender: str, recipients: str) -> None:
        """Take over what is overridden."""
        self.sender.value = sender
        self.recipients.value = recipients

    def say(self, rows: tuple[Row, ...]) -> None:
        """Show what MAIL and RCPT say now."""
        if rows != self._shown:
            self._shown = rows
            self.words.show(FixedRows(rows), keep_place=True)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        (self.recipients if event.input is self.sender else self.words).focus()

    def on_key(self, event: events.Key) -> None:
        """Up and down move between the two fields."""
        focused = self.screen.focused
        if event.key == "down" and focused is self.sender:
            event.stop()
            self.recipients.focus()
        elif event.key == "down" and focused is self.recipients:
            event.stop()
            self.words.focus()
        elif event.key == "up" and focused is self.recipients:
            event.stop()
            self.sender.focus()
