"""The Message tab: author, recipients, subject and text."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from smtptui.tui.message.model import Format, Letter
from smtptui.tui.widgets.choice import Choice

_ENTER_LEADS = {"from": "to", "to": "subject", "cc": "bcc", "bcc": "reply-to", "reply-to": "subject", "subject": "body"}


class MessagePane(Vertical):
    """From and To; Cc, Bcc and Reply-To when one is filled or they are asked for; subject, format, text."""

    HELP = """\
### Message

Several addresses are separated by commas. **Cc**, **Bcc** and **Reply-To** stand in rows of their own, which show
when one of them is filled or the palette is asked for them; Bcc is named in no header.

The text is plain, **Markdown** (the recipient gets it as HTML and as it is) or **HTML** (a plain text is made from
it). F4 opens it in your editor, F3 shows the message as its recipient will see it.
"""

    sender = query_one("#from", Input)
    to = query_one("#to", Input)
    cc = query_one("#cc", Input)
    bcc = query_one("#bcc", Input)
    reply_to = query_one("#reply-to", Input)
    subject = query_one("#subject", Input)
    format = query_one("#format", Choice)
    body = query_one("#body", TextArea)

    def __init__(self) -> None:
        super().__init__(id="tab-message")
        self._alternative = ("", "")

    def compose(self) -> ComposeResult:
        """Rows of fields, then the text."""
        with Horizontal(classes="row"):
            yield Label("From    ")
            yield Input(placeholder="you@example.org", compact=True, id="from")
            yield Label("  To ")
            yield Input(placeholder="one or more, with commas", compact=True, id="to")
        with Horizontal(classes="row more-row"):
            yield Label("Cc      ")
            yield Input(compact=True, id="cc")
            yield Label(" Bcc ")
            yield Input(compact=True, id="bcc")
        with Horizontal(classes="row more-row"):
            yield Label("Reply-To")
            yield Input(compact=True, id="reply-to")
        with Horizontal(classes="row"):
            yield Label("Subject ")
            yield Input(compact=True, id="subject")
            yield Label(" ")
            yield Choice(*Format, value=Format.TEXT, id="format")
        yield TextArea(compact=True, tab_behavior="focus", id="body")

    @property
    def entry(self) -> Widget:
        """Where the focus goes first."""
        return self.to

    def fill(self, letter: Letter) -> None:
        """Take over what is written."""
        self.sender.value = letter.sender
        self.to.value = letter.to
        self.cc.value = letter.cc
        self.bcc.value = letter.bcc
        self.reply_to.value = letter.reply_to
        self.subject.value = letter.subject
        self.format.choose(letter.format)
        self.body.text = letter.body
        self._alternative = (letter.body, letter.alternative)
        self.show_more(self._more_filled)

    def alternative(self) -> str:
        """The plain text that came beside the HTML, while the HTML is as it came; else it is made anew."""
        html, text = self._alternative
        return text if self.format.value == Format.HTML and self.body.text == html else ""

    def show_more(self, shown: bool) -> None:
        """Show the row with Cc, Bcc and Reply-To, or hide it; what is filled is never hidden."""
        self.set_class(shown or self._more_filled, "-more")

    def action_more(self) -> None:
        """To Cc, Bcc and Reply-To, or away from them."""
        if self.has_class("-more") and any(field.has_focus for field in (self.cc, self.bcc, self.reply_to)):
            self.show_more(False)
            self.to.focus()
        else:
            self.show_more(True)
            self.cc.focus()

    @property
    def _more_filled(self) -> bool:
        return bool(self.cc.value or self.bcc.value or self.reply_to.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        following = _ENTER_LEADS.get(event.input.id or "")
        if event.input is self.to and self.has_class("-more"):
            following = "cc"
        if following is not None:
            self.query_one(f"#{following}").focus()

    def on_key(self, event: events.Key) -> None:
        """Up and down move between the rows of fields, as in any form."""
        focused = self.screen.focused
        if not isinstance(focused, Input) or event.key not in ("up", "down"):
            return
        more = [["cc", "bcc"], ["reply-to"]] if self.has_class("-more") else []
        rows = [["from", "to"], *more, ["subject"], ["body"]]
        here = next((number for number, row in enumerate(rows) if focused.id in row), None)
        if here is None:
            return
        there = here + (1 if event.key == "down" else -1)
        if 0 <= there < len(rows):
            event.stop()
            self.query_one(f"#{rows[there][0]}").focus()
