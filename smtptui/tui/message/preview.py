"""The message as its recipient will see it, and as the octets that go out."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.widgets import Static

from smtptui.message import Message, parts_of
from smtptui.transcript import octets
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.line_view import LineView
from smtptui.tui.widgets.message_lines import Lines, fold_letter, fold_raw
from smtptui.tui.widgets.rows import MARKS, Ink, TextRows, fold

TEXT, HTML, RAW = "text", "html", "raw"


def kinds_of(message: Message) -> tuple[str, ...]:
    """The views there are: HTML has one of its own where there is plain text beside it. Reads the whole message."""
    types = {part.type for part in parts_of(message.content)}
    return (TEXT, HTML, RAW) if {"text/plain", "text/html"} <= types else (TEXT, RAW)


class Preview(Dialog[None]):
    """Text, HTML where there is some, and raw; below, what should be known before sending."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f3", "dismiss", "Close", show=False),
        Binding("v", "view", "Next view", show=False),
    ]

    view = query_one(LineView)
    kind = query_one(Choice)

    def __init__(self, message: Message, kinds: Sequence[str]) -> None:
        """``kinds`` are those that :func:`kinds_of` finds for the message."""
        super().__init__()
        self._message = message
        self._kinds = kinds
        self._shown: tuple[str, int] | None = None

    def compose(self) -> ComposeResult:
        """Size and choice, then the reading."""
        with Vertical(classes="dialog -large -tall") as dialog:
            dialog.border_title = "Preview"
            dialog.border_subtitle = "v next view · esc close"
            with Horizontal(classes="title-row"):
                yield Static(self._facts(), markup=False, id="preview-facts")
                yield Choice(*self._kinds, value=TEXT, id="preview-kind")
            yield LineView(follow=False, id="preview")

    def on_mount(self) -> None:
        """Fold the lines once the width is known."""
        self.view.focus()
        self.call_after_refresh(self._fold)

    def on_resize(self) -> None:
        """Fold anew."""
        self.call_after_refresh(self._fold)

    def action_view(self) -> None:
        """The next of text, HTML and raw."""
        place = self._kinds.index(self.kind.value)
        self.kind.choose(self._kinds[(place + 1) % len(self._kinds)])

    @on(Choice.Changed)
    def _fold(self) -> None:
        width = self.view.scrollable_content_region.width
        wanted = (self.kind.value, width)
        if width <= 0 or wanted == self._shown:
            return
        same = self._shown is not None and self._shown[0] == wanted[0]
        self._shown = wanted
        self.run_worker(self._show(*wanted, keep_place=same), group="fold", exclusive=True)

    async def _show(self, kind: str, width: int, *, keep_place: bool) -> None:
        # A large message takes its time to fold.
        lines = await asyncio.to_thread(self._lines, kind, width)
        self.view.show(TextRows(lines), keep_place=keep_place)

    def _lines(self, kind: str, width: int) -> Lines:
        content = self._message.content
        if kind == RAW:
            return fold_raw(content, width)
        return self._notes(width) + fold_letter(content, width, prefer_html=kind == HTML)

    def _notes(self, width: int) -> Lines:
        lines: Lines = []
        for note in self._message.notes:
            lines += fold([f"{MARKS[Ink.TEMPORARY]} {note}"], width, Ink.TEMPORARY)
        return [*lines, ("", Ink.PLAIN)] if lines else []

    def _facts(self) -> str:
        message = self._message
        facts = [octets(len(message.content))]
        count = len(message.recipients)
        facts.append(f"{count} recipient{'s' * (count != 1)}")
        if message.eight_bit:
            facts.append("8-bit")
        if message.utf8_headers:
            facts.append("UTF-8 headers")
        return " · ".join(facts)
