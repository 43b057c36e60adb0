"""What stands in place of the fields while a finished message is sent as it is."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Static

from smtptui.transcript import octets
from smtptui.tui.message.model import Whole
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.message_lines import fold_raw
from smtptui.tui.widgets.rows import Ink, TextRows

_SHOWN = 64 * 1024
"""Octets that are shown here."""


class WholePane(Vertical):
    """Says what is sent, and shows its octets."""

    HELP = """\
### A message as it is

The file goes out octet for octet; only envelope and options can be set. What had to be changed all the same (line
ends, Bcc) stands in the transcript. **Edit instead** begins a new message.
"""

    class Left(Message):
        """The user wants to write a message again."""

    def __init__(self) -> None:
        super().__init__(id="tab-whole")
        self._whole: Whole | None = None

    def compose(self) -> ComposeResult:
        """A sentence, a button, the octets."""
        with Horizontal(classes="row"):
            yield Static("", markup=False, id="whole-says")
            yield Button("New message", compact=True, id="whole-leave")
        yield LineView(follow=False, id="whole-octets")

    @property
    def entry(self) -> Widget:
        """Where the focus goes first."""
        return self.query_one(LineView)

    def fill(self, whole: Whole | None) -> None:
        """Show this message."""
        self._whole = whole
        if whole is not None:
            size = octets(len(whole.message.content))
            self.query_one("#whole-says", Static).update(f"{whole.name}, {size}, goes out as it is.")
            self.call_after_refresh(self._fold)

    def on_resize(self) -> None:
        """Fold anew."""
        self._fold()

    def _fold(self) -> None:
        view = self.query_one(LineView)
        width = view.scrollable_content_region.width
        if self._whole is not None and width > 0:
            content = self._whole.message.content
            lines = fold_raw(content[:_SHOWN], width)
            if len(content) > _SHOWN:
                lines.append((f"… and {octets(len(content) - _SHOWN)} more; the preview shows all.", Ink.MUTED))
            view.show(TextRows(lines))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Left())
