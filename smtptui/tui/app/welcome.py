"""The first start: three ways to begin, for somebody who knows nothing yet."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from smtptui.protocol import HostPortError, HostPortFault, MailboxError, parse_mailbox, split_host_port
from smtptui.tui.widgets.dialog import Dialog


class Way(Enum):
    """How to begin."""

    SANDBOX = auto()
    PRESET = auto()
    ADDRESS = auto()
    """With the server of a mail address."""
    HOST = auto()
    """With a host, and a port or none."""


@dataclass(frozen=True, slots=True)
class Begin:
    """What was chosen; ``text`` is the address or the host."""

    way: Way
    text: str = ""
    port: str = ""


_WAYS = (
    ("1  The sandbox", "a mail server inside this app; nothing leaves this machine"),
    ("2  A provider", "Gmail, Microsoft 365, Fastmail …; fills in host, port and TLS"),
    ("3  Your own", "a mail address, or HOST:PORT:"),
)


class WelcomeScreen(Dialog[Begin | None]):
    """Dismissed with a way, or None for the empty form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Begin with an empty form", show=False),
        Binding("1", "way(0)", "Start the sandbox", show=False),
        Binding("2", "way(1)", "Choose a provider", show=False),
        Binding("3", "way(2)", "Type an address or a host", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]
    HELP = """\
## Ways to begin

**The sandbox** is a mail server inside this app. It takes every message and delivers none, so everything can be tried.
**A provider** fills in host, port and TLS, and says which password it wants. **Your own**: from a mail address its
provider's server is filled in; a host is taken as it is, as in `mail.example.org:587` or `[2001:db8::25]:25`.

This comes up while there is no profile; later it is in the palette as *Show ways to begin*.
"""

    def __init__(self, *, sandbox: bool = True) -> None:
        super().__init__()
        self._sandbox = sandbox

    def compose(self) -> ComposeResult:
        """A question, three answers, a field for the third."""
        with Vertical(classes="dialog", id="welcome") as dialog:
            dialog.border_title = "Welcome to smtptui"
            dialog.border_subtitle = "F1 help · esc an empty form"
            yield Static("Where shall the first message go?", classes="sentence", id="welcome-asks")
            yield OptionList(
                *(
                    Option(Text.assemble((name, "bold"), f"\n   {what}"), disabled=not (number or self._sandbox))
                    for number, (name, what) in enumerate(_WAYS)
                ),
                compact=True,
                id="welcome-ways",
            )
            yield Input(placeholder="me@example.org or mail.example.org:587", compact=True, id="welcome-address")
            yield Static("", markup=False, classes="sentence", id="welcome-says")

    def on_mount(self) -> None:
        """The first way is the easiest."""
        self.query_one(OptionList).focus()

    def action_move(self, step: int) -> None:
        """Up or down the list."""
        ways = self.query_one(OptionList)
        ways.action_cursor_down() if step > 0 else ways.action_cursor_up()

    def action_way(self, number: int) -> None:
        """Take one of the ways."""
        if number == 2:
            self.query_one(OptionList).highlighted = 2
            self.query_one(Input).focus()
        elif number or self._sandbox:
            self.dismiss(Begin((Way.SANDBOX, Way.PRESET)[number]))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_way(event.option_index)

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one("#welcome-says", Static).update("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            begin = read_place(event.value)
        except ValueError as error:
            self.query_one("#welcome-says", Static).update(f"✗ {error}")
        else:
            self.dismiss(begin)


def read_place(text: str) -> Begin:
    """A mail address, a host, or a host with a port; raises :class:`ValueError` with a sentence."""
    text = text.strip()
    if not text:
        raise ValueError("Type an address or a host, or esc for an empty form.")
    if "@" in text:
        try:
            return Begin(Way.ADDRESS, parse_mailbox(text).address)
        except MailboxError as error:
            raise ValueError(f"{error}.") from error
    try:
        host, port = split_host_port(text)
    except HostPortError as error:
        if error.fault is HostPortFault.NOT_A_PORT:
            what = error.part or "Nothing"
            raise ValueError(f"{what} is no port: a number from 1 to 65535 goes after the colon.") from None
        raise ValueError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    if any(char.isspace() or not char.isprintable() for char in host):
        raise ValueError("A host has no spaces: as in mail.example.org:587.")
    return Begin(Way.HOST, host, "" if port is None else str(port))
