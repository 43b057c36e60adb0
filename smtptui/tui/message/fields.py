"""The fields of a message, in tabs under a row of their names."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input, Label, Select, Static, TextArea

from smtptui.tui.message.envelope_pane import EnvelopePane
from smtptui.tui.message.files_pane import FilesPane
from smtptui.tui.message.headers_pane import HeadersPane
from smtptui.tui.message.message_pane import MessagePane
from smtptui.tui.message.model import Filled, Format, Handling, Letter, Whole
from smtptui.tui.message.options_pane import OptionsPane
from smtptui.tui.message.spoken import spoken_rows
from smtptui.tui.message.whole_pane import WholePane
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.tab_row import TabRow
from smtptui.tui.widgets.ticks import Ticks

TABS = (
    ("message", "Message"),
    ("envelope", "Envelope"),
    ("headers", "Headers"),
    ("files", "Attachments"),
    ("options", "Options"),
)
_SOON = 0.1
"""Seconds of quiet after which what follows from the fields is worked out."""


class MessageFields(Vertical):
    """Five tabs, or a title row that tells the gist when the form is closed. What is sent as it is has no fields."""

    tabs = query_one("#message-tabs", TabRow)
    pane = query_one(MessagePane)
    envelope = query_one(EnvelopePane)
    headers = query_one(HeadersPane)
    files = query_one(FilesPane)
    options = query_one(OptionsPane)
    whole = query_one(WholePane)
    gist = query_one("#gist", Static)

    def __init__(self) -> None:
        super().__init__(id="message", classes="pane")
        self._soon: Timer | None = None
        self._whole: Whole | None = None

    def compose(self) -> ComposeResult:
        """Title row, tabs, the tab's fields."""
        with Horizontal(classes="title-row"):
            yield Label("Message", classes="title")
            yield Static("", id="gist", markup=False)
            yield TabRow(TABS, id="message-tabs")
            yield Static("", id="draft-name", markup=False)
        with ContentSwitcher(initial="tab-message"):
            yield MessagePane()
            yield EnvelopePane()
            yield HeadersPane()
            yield FilesPane()
            yield OptionsPane()
            yield WholePane()

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
        panes = (self.pane, self.envelope, self.headers, self.files, self.options, self.whole)
        return next((pane.entry for pane in panes if pane is shown), self.tabs)

    # What it holds

    def take_letter(self, letter: Letter) -> None:
        """Write this; envelope and options stay."""
        self._take_whole(None)
        self.pane.fill(letter)
        self.headers.fill(letter.headers)
        self.files.fill(letter.files)
        self.work_out()

    def take_whole(self, whole: Whole) -> None:
        """Send this as it is; envelope and options stay."""
        self.take_letter(Letter())
        self._take_whole(whole)
        self.work_out()

    def _take_whole(self, whole: Whole | None) -> None:
        self._whole = whole
        self.whole.fill(whole)
        self._show(self.tabs.current)

    def filled(self) -> Filled:
        """All that is filled in."""
        handling = self.options.handling(self.envelope.sender.value.strip(), self.envelope.recipients.value.strip())
        return Filled(self.letter(), handling, self._whole)

    def letter(self) -> Letter:
        """What is written."""
        pane = self.pane
        return Letter(
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

    def reveal(self, field: Widget) -> None:
        """Show the tab that has a field of this form."""
        for name, _ in TABS:
            if self.query_one(f"#tab-{name}") in field.ancestors_with_self:
                self.tabs.current = name
                self._show(name)

    def field(self, name: str) -> Widget:
        """The widget of the field that an error is about."""
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
        fields = self._whole is None or name in ("envelope", "options")
        self.query_one(ContentSwitcher).current = f"tab-{name}" if fields else "tab-whole"

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
            self._soon = self.set_timer(_SOON, self.work_out)

    def work_out(self) -> None:
        """Show what follows from the fields: gist, counts, envelope."""
        if self._soon is not None:
            self._soon.stop()
            self._soon = None
        filled = self.filled()
        letter, whole = filled.letter, filled.whole
        gist = (letter.to, letter.subject) if whole is None else (f"{whole.name}, as it is",)
        self.gist.update(" · ".join(filter(None, gist)))
        self.query_one("#draft-name", Static).update(self.file_name(letter))
        self.tabs.count(counts(filled))
        self.envelope.say(spoken_rows(filled))

    def file_name(self, letter: Letter) -> str:
        """What to call the file that this is from."""
        return ""


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
