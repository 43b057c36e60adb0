"""The message: sender, recipients, subject and text."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.widgets import Input, Label, Static, TextArea

from smtptui.message import Draft
from smtptui.protocol import MailboxError, parse_mailbox, parse_mailboxes
from smtptui.tui.forms import FormError


class MessageForm(Vertical):
    """The fields of a message, under a title row that tells the gist when the form is closed."""

    sender = query_one("#from", Input)
    to = query_one("#to", Input)
    subject = query_one("#subject", Input)
    body = query_one("#body", TextArea)
    gist = query_one("#gist", Static)

    def __init__(self) -> None:
        super().__init__(id="message", classes="pane")

    def compose(self) -> ComposeResult:
        """Title row, three fields, text."""
        with Horizontal(classes="title-row"):
            yield Label("Message", classes="title")
            yield Static("", id="gist", markup=False)
        with Horizontal(classes="row"):
            yield Label("From    ")
            yield Input(placeholder="you@example.org", compact=True, id="from")
            yield Label("  To ")
            yield Input(placeholder="one or more, with commas", compact=True, id="to")
        with Horizontal(classes="row"):
            yield Label("Subject ")
            yield Input(compact=True, id="subject")
        yield TextArea(compact=True, tab_behavior="focus", id="body")

    def fill(self, draft: Draft) -> None:
        """Take over a draft."""
        self.sender.value = draft.sender
        self.to.value = ", ".join(draft.to)
        self.subject.value = draft.subject
        self.body.text = draft.text

    def draft(self) -> Draft:
        """The message as filled in; raises :class:`FormError` for an address that cannot be used."""
        sender, to = self.sender.value.strip(), self.to.value.strip()
        if not sender:
            raise FormError("From is empty: type the sender's address.", self.sender)
        if not to:
            raise FormError("To is empty: type at least one address.", self.to)
        try:
            parse_mailbox(sender)
        except MailboxError as error:
            raise FormError(f"From: {error}.", self.sender) from error
        try:
            boxes = parse_mailboxes(to)
        except MailboxError as error:
            raise FormError(f"To: {error}.", self.to) from error
        if not boxes:
            raise FormError("To is empty: type at least one address.", self.to)
        return Draft(sender=sender, to=(to,), subject=self.subject.value, text=self.body.text)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.gist.update(" · ".join(filter(None, (self.to.value, self.subject.value))))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()
