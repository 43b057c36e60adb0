"""The Sandbox screen: the messages it caught, and the reading of the one under the cursor."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.getters import query_one
from textual.widgets import Label, Static

from smtptui.protocol import visible
from smtptui.sandbox import Caught, envelope_text
from smtptui.transcript import octets
from smtptui.tui.frame.work_screen import WorkScreen
from smtptui.tui.keys.registry import Where, bindings
from smtptui.tui.sandbox.sandbox_source import CaughtStore, SandboxSource
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.message_lines import Lines, fold_parsed, fold_raw, lines_of
from smtptui.tui.widgets.rows import Ink, Row, TextRows, fold

PARSED, RAW = "parsed", "raw"


class CaughtRows:
    """Caught messages as rows: number, time, listener, from, to, size."""

    def __init__(self, store: CaughtStore) -> None:
        self._store = store

    @property
    def version(self) -> int:
        """The store's own."""
        return self._store.version

    @property
    def dropped(self) -> int:
        """Messages that have given way to the store's limits."""
        return self._store.dropped

    def __len__(self) -> int:
        return len(self._store)

    def row(self, index: int) -> Row:
        """The message at ``index`` in one line."""
        caught = self._store[index]
        to = visible(", ".join(caught.recipients))
        return Row(
            (
                (f"{caught.seq + 1:>4}  ", Ink.MUTED),
                (f"{caught.at:%H:%M:%S}  ", Ink.MUTED),
                (f"{caught.listener:<11}", Ink.PLAIN),
                (f"{visible(caught.sender) or '<>'} → {to}", Ink.STRONG),
            ),
            octets(len(caught.content)),
        )


class SandboxScreen(WorkScreen):
    """Above what was caught, below the message under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CAUGHT)
    HELP = """\
## Sandbox

A mail server inside this app, on three ports of this machine: a relay that offers STARTTLS, a submission port that
wants STARTTLS and a login, and one with TLS from the start. It takes every message and delivers none.

What it caught is listed above, the message under the cursor is shown below: *parsed*, or *raw* as it came. All of it
is gone when the app ends.
"""
    mode = "sandbox"

    caught = query_one("#caught", LineView)
    reading = query_one("#reading", LineView)
    view = query_one("#view", Choice)
    envelope = query_one("#envelope", Static)
    count = query_one("#count", Static)

    def __init__(self, modes: Sequence[str], sandbox: SandboxSource) -> None:
        super().__init__(modes)
        self._sandbox = sandbox
        self._shown: tuple[int, str, int] | None = None

    def work(self) -> ComposeResult:
        """List above, reading below."""
        with Vertical(id="caught-pane", classes="pane"):
            with Horizontal(classes="title-row"):
                yield Label("Caught", classes="title")
                yield Static("", id="ports")
                yield Static("", id="count")
            yield LineView(
                empty="No message yet. What is sent to the sandbox is kept here until it ends.",
                keep_cursor=True,
                id="caught",
            )
        with Vertical(id="reading-pane", classes="pane"):
            with Horizontal(classes="title-row"):
                yield Label("Message", classes="title")
                yield Static("", id="envelope", markup=False)
                yield Choice(PARSED, RAW, value=PARSED, id="view")
            yield LineView(follow=False, id="reading")

    def on_mount(self) -> None:
        """Show what there is."""
        ports = self._sandbox.ports
        self.top.target.update("sandbox · 127.0.0.1 ")
        self.query_one("#ports", Static).update(
            f"relay {ports.smtp} · submission {ports.submission} · smtps {ports.smtps}"
        )
        self.caught.show(CaughtRows(self._sandbox.store))
        self.caught.focus()
        self.set_interval(0.25, self._refresh)

    def owner(self, where: Where) -> DOMNode | None:
        """Keys of this screen."""
        return self if where is Where.CAUGHT else super().owner(where)

    def next_pane(self) -> None:
        """Focus goes from the list to the reading and back."""
        (self.reading if self.caught.has_focus else self.caught).focus()

    def action_view(self) -> None:
        """The other of parsed and raw."""
        self.view.choose(RAW if self.view.value == PARSED else PARSED)

    def on_resize(self) -> None:
        """Fold anew."""
        self.call_after_refresh(self._refresh)

    @on(Choice.Changed)
    @on(LineView.CursorMoved, "#caught")
    def _refresh(self) -> None:
        store = self._sandbox.store
        total = len(store)
        self.count.update(f"{total:,} message{'s' * (total != 1)}")
        if not total:
            return
        index = min(self.caught.cursor, total - 1)
        width = self.reading.scrollable_content_region.width
        message = store[index]
        wanted = (message.seq, self.view.value, width)
        if wanted == self._shown or width <= 0:
            return
        same = self._shown is not None and self._shown[:2] == wanted[:2]
        self._shown = wanted
        self.envelope.update(_envelope(message))
        lines = fold_raw(message.content, width) if self.view.value == RAW else _parsed(message, width)
        self.reading.show(TextRows(lines), keep_place=same)


def _envelope(caught: Caught) -> str:
    facts = [f"HELO {visible(caught.helo)}" if caught.helo else "", "inside TLS" if caught.tls else "in the clear"]
    facts.append(f"as {visible(caught.user)}" if caught.user else "no log-in")
    return " · ".join(filter(None, facts))


def _parsed(caught: Caught, width: int) -> Lines:
    """Envelope, headers, text, and the list of parts."""
    lines = fold(lines_of(envelope_text(caught)), width)
    lines.append(("", Ink.PLAIN))
    return lines + fold_parsed(caught.content, width)
