"""The message form: a row of tabs, and the tab that is shown."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input, Label, Select, Static, TextArea

from smtptui.message import Draft
from smtptui.tui.choice import Choice
from smtptui.tui.forms import FormError
from smtptui.tui.keys import Where, bindings
from smtptui.tui.message.envelope_pane import EnvelopePane
from smtptui.tui.message.files_pane import FilesPane
from smtptui.tui.message.headers_pane import HeadersPane
from smtptui.tui.message.letters import letter_of
from smtptui.tui.message.message_pane import MessagePane
from smtptui.tui.message.model import FieldError, Filled, Format, Handling, Letter
from smtptui.tui.message.options_pane import OptionsPane
from smtptui.tui.message.outgoing import Outgoing, outgoing
from smtptui.tui.message.spoken import spoken_rows
from smtptui.tui.tab_row import TabRow
from smtptui.tui.ticks import Ticks

TABS = (
    ("message", "Message"),
    ("envelope", "Envelope"),
    ("headers", "Headers"),
    ("files", "Attachments"),
    ("options", "Options"),
)
_SOON = 0.1
"""Seconds of quiet after which what follows from the fields is worked out."""
_TAB_OF = {
    "envelope-from": "envelope",
    "envelope-to": "envelope",
    "headers": "headers",
    "files": "files",
    "envid": "options",
    "encoding": "options",
    "leave-after": "options",
}


class MessageForm(Vertical):
    """Five tabs under a row of their names, or a title row that tells the gist when the form is closed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.MESSAGE)

    tabs = query_one("#message-tabs", TabRow)
    pane = query_one(MessagePane)
    envelope = query_one(EnvelopePane)
    headers = query_one(HeadersPane)
    files = query_one(FilesPane)
    options = query_one(OptionsPane)
    gist = query_one("#gist", Static)

    def __init__(self) -> None:
        super().__init__(id="message", classes="pane")
        self._soon: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title row, tabs, the tab's fields."""
        with Horizontal(classes="title-row"):
            yield Label("Message", classes="title")
            yield Static("", id="gist", markup=False)
            yield TabRow(TABS, id="message-tabs")
        with ContentSwitcher(initial="tab-message"):
            yield MessagePane()
            yield EnvelopePane()
            yield HeadersPane()
            yield FilesPane()
            yield OptionsPane()

    # Fields that others ask for

    @property
    def sender(self) -> Input:
        """The field From."""
        return self.pane.sender

    @property
    def to(self) -> Input:
        """The field To."""
        return self.pane.to

    @property
    def subject(self) -> Input:
        """The field Subject."""
        return self.pane.subject

    @property
    def body(self) -> TextArea:
        """The text."""
        return self.pane.body

    @property
    def entry(self) -> Widget:
        """Where the focus goes that comes to this form."""
        shown = self.query_one(ContentSwitcher).visible_content
        panes = (self.pane, self.envelope, self.headers, self.files, self.options)
        return next((pane.entry for pane in panes if pane is shown), self.tabs)

    # What it holds

    def fill(self, draft: Draft) -> None:
        """Take over a draft."""
        self.take(Filled(letter_of(draft)))

    def take(self, filled: Filled) -> None:
        """Hold this and nothing else."""
        letter, handling = filled.letter, filled.handling
        self.pane.fill(letter)
        self.headers.fill(letter.headers)
        self.files.fill(letter.files)
        self.envelope.fill(handling.envelope_from, handling.envelope_to)
        self.options.fill(handling)
        self._work_out()

    def filled(self) -> Filled:
        """All that is filled in."""
        pane = self.pane
        letter = Letter(
            sender=pane.sender.value,
            to=pane.to.value,
            cc=pane.cc.value,
            bcc=pane.bcc.value,
            reply_to=pane.reply_to.value,
            subject=pane.subject.value,
            body=pane.body.text,
            format=Format(pane.format.value),
            alternative=pane.alternative(),
            headers=self.headers.headers,
            files=self.files.files,
        )
        return Filled(
            letter, self.options.handling(self.envelope.sender.value.strip(), self.envelope.recipients.value.strip())
        )

    async def outgoing(self, now: datetime, random_token: Callable[[], str]) -> Outgoing:
        """What a session needs, made in a thread of its own; raises :class:`FormError`."""
        filled = self.filled()
        try:
            return await asyncio.to_thread(outgoing, filled, now=now, random_token=random_token)
        except FieldError as error:
            raise FormError(str(error), self._field(error.field)) from error

    def reveal(self, field: Widget) -> None:
        """Show the tab that has a field of this form."""
        for name, _ in TABS:
            if self.query_one(f"#tab-{name}") in field.ancestors_with_self:
                self.tabs.current = name
                self._show(name)

    def _field(self, name: str) -> Widget:
        match name:
            case "headers":
                return self.headers.entry
            case "files":
                return self.files.view
            case _:
                if name in ("cc", "bcc", "reply-to"):
                    self.pane.show_more(True)
                return self.query_one(f"#{name}")

    # Tabs

    @on(TabRow.Changed)
    def _tab_changed(self, event: TabRow.Changed) -> None:
        event.stop()
        self._show(event.tab)

    @on(TabRow.Entered)
    def _entered(self, event: TabRow.Entered) -> None:
        event.stop()
        self.entry.focus()

    def _show(self, name: str) -> None:
        self.query_one(ContentSwitcher).current = f"tab-{name}"

    def action_tab(self, name: str) -> None:
        """Show a tab and go into it."""
        self.tabs.current = name
        self._show(name)
        self.entry.focus()

    def action_more(self) -> None:
        """To Cc, Bcc and Reply-To."""
        self.tabs.current = "message"
        self._show("message")
        self.pane.action_more()

    # What follows from the fields

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Choice.Changed)
    @on(Select.Changed)
    @on(Ticks.Changed)
    @on(FilesPane.Changed)
    def _changed(self) -> None:
        if self._soon is None:
            self._soon = self.set_timer(_SOON, self._work_out)

    def _work_out(self) -> None:
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        filled = self.filled()
        self.gist.update(" · ".join(filter(None, (filled.letter.to, filled.letter.subject))))
        self.tabs.count(counts(filled))
        self.envelope.say(spoken_rows(filled))


def counts(filled: Filled) -> dict[str, str]:
    """What the names of the tabs say of their contents."""
    letter, handling = filled.letter, filled.handling
    plain = Handling(envelope_from=handling.envelope_from, envelope_to=handling.envelope_to)
    return {
        "envelope": "•" if handling.envelope_from or handling.envelope_to else "",
        "headers": str(len(letter.headers) or ""),
        "files": str(len(letter.files) or ""),
        "options": "•" if handling != plain else "",
    }
