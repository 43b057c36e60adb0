"""The Options tab: notifications, encoding, SMTPUTF8 and an early exit."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from smtptui.message import Encoding
from smtptui.protocol import QUITTABLE, Notify, Ret, Stage
from smtptui.tui.message.model import Handling, Leave
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.ticks import Ticks

_SERVERS_WAY = "default"
_AUTO, _ALWAYS = "auto", "always"
_ENCODINGS = {
    Encoding.AUTO: "7-bit text, which every server takes",
    Encoding.SEVEN_BIT: "declares BODY=7BIT",
    Encoding.EIGHT_BIT: "texts as they are, declares BODY=8BITMIME",
}
_UTF8 = {_AUTO: "declared when an address needs it", _ALWAYS: "declared in any case"}


class OptionsPane(VerticalScroll, can_focus=False):
    """One row for each option, with a word on what it does now."""

    HELP = """\
### Options

**Notify** asks for delivery status notifications (DSN): when, how much of the message they return, and the id they
name. Nothing ticked leaves it to the servers. A server must offer DSN.

**Body** decides how texts travel, **SMTPUTF8** whether it is declared though nothing may need it.

**Exit** ends the session early: with QUIT, or by dropping the connection, once a stage is done. A session that ends
before MAIL or RCPT needs no address.
"""

    wanted = query_one("#notify", Ticks)
    ret = query_one("#ret", Choice)
    envid = query_one("#envid", Input)
    encoding = query_one("#encoding", Choice)
    smtputf8 = query_one("#smtputf8", Choice)
    leave = query_one("#leave", Choice)
    leave_after: query_one[Select[str]] = query_one("#leave-after", Select)

    def __init__(self) -> None:
        super().__init__(id="tab-options")

    def compose(self) -> ComposeResult:
        """Six rows."""
        with Horizontal(classes="row"):
            yield Label("Notify    ")
            yield Ticks(*(when.value.lower() for when in _ORDER), alone=[Notify.NEVER.value.lower()], id="notify")
            yield Label("", id="notify-says", classes="says")
        with Horizontal(classes="row"):
            yield Label("Return   ")
            yield Choice(_SERVERS_WAY, "headers", "full", value=_SERVERS_WAY, id="ret")
            yield Label("  ENVID ")
            yield Input(placeholder="none", compact=True, id="envid")
        with Horizontal(classes="row"):
            yield Label("Body     ")
            yield Choice(*Encoding, value=Encoding.AUTO, id="encoding")
            yield Label("", id="encoding-says", classes="says")
        with Horizontal(classes="row"):
            yield Label("SMTPUTF8 ")
            yield Choice(_AUTO, _ALWAYS, value=_AUTO, id="smtputf8")
            yield Label("", id="smtputf8-says", classes="says")
        with Horizontal(classes="row"):
            yield Label("Exit     ")
            yield Choice(*Leave, value=Leave.NO, id="leave")
            with Horizontal(id="leave-stage"):
                yield Label(" after ")
                yield Select(
                    [(stage, stage) for stage in Stage],
                    value=Stage.RCPT,
                    allow_blank=False,
                    compact=True,
                    id="leave-after",
                )
        with Horizontal(classes="row"):
            yield Static("", id="leave-says", markup=False, classes="says")

    @property
    def entry(self) -> Widget:
        """Where the focus goes first."""
        return self.wanted

    def on_mount(self) -> None:
        """Say what the defaults do."""
        self._explain()

    def fill(self, handling: Handling) -> None:
        """Take over all but the envelope's addresses."""
        self.wanted.choose(when.value.lower() for when in handling.notify)
        self.ret.choose(_RETURNS[handling.ret])
        self.envid.value = handling.envid
        self.encoding.choose(handling.encoding)
        self.smtputf8.choose(_ALWAYS if handling.smtputf8 else _AUTO)
        self.leave.choose(handling.leave)
        self.leave_after.value = handling.leave_after
        self._explain()

    def handling(self, envelope_from: str, envelope_to: str) -> Handling:
        """What is set here, with the addresses that are set elsewhere."""
        words = self.wanted.value
        return Handling(
            envelope_from=envelope_from,
            envelope_to=envelope_to,
            notify=tuple(when for when in Notify if when.value.lower() in words),
            ret=next(ret for ret, word in _RETURNS.items() if word == self.ret.value),
            envid=self.envid.value,
            encoding=Encoding(self.encoding.value),
            smtputf8=self.smtputf8.value == _ALWAYS,
            leave=Leave(self.leave.value),
            leave_after=Stage(str(self.leave_after.value)),
        )

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.encoding.focus()

    @on(Choice.Changed)
    @on(Select.Changed)
    @on(Ticks.Changed)
    def _explain(self) -> None:
        leave = self.leave.value
        self.set_class(leave != Leave.NO, "-leaves")
        self.query_one("#notify-says", Label).update("" if self.wanted.value else "  as servers do")
        self.query_one("#encoding-says", Label).update(f"  {_ENCODINGS[Encoding(self.encoding.value)]}")
        self.query_one("#smtputf8-says", Label).update(f"  {_UTF8[self.smtputf8.value]}")
        self.query_one("#leave-says", Static).update(exit_sentence(Leave(leave), Stage(str(self.leave_after.value))))

    def on_key(self, event: events.Key) -> None:
        """Up and down move between the rows."""
        focused = self.screen.focused
        if focused is None or event.key not in ("up", "down") or isinstance(focused, Select):
            return
        rows: list[tuple[Widget, ...]] = [
            (self.wanted,),
            (self.ret, self.envid),
            (self.encoding,),
            (self.smtputf8,),
            (self.leave, self.leave_after),
        ]
        here = next((number for number, row in enumerate(rows) if focused in row), None)
        there = None if here is None else here + (1 if event.key == "down" else -1)
        if there is not None and 0 <= there < len(rows):
            event.stop()
            rows[there][0].focus()


_ORDER = (Notify.SUCCESS, Notify.FAILURE, Notify.DELAY, Notify.NEVER)
_RETURNS: dict[Ret | None, str] = {None: _SERVERS_WAY, Ret.HDRS: "headers", Ret.FULL: "full"}


def exit_sentence(leave: Leave, stage: Stage) -> str:
    """What an early exit does."""
    name = stage.upper()
    if leave is Leave.NO:
        return "The session goes on to its end."
    if leave is Leave.QUIT and stage not in QUITTABLE:
        return f"! QUIT cannot follow {name}; drop can."
    sent = "the message is sent" if stage.order >= Stage.DOT.order else "no message is sent"
    if leave is Leave.QUIT:
        return f"Says QUIT once {name} is done: {sent}."
    if stage is Stage.BODY:
        sent = "the message is sent, but for its dot"
    return f"Drops the connection once {name} is done: {sent}."
