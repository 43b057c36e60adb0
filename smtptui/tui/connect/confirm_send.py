"""Asks before a message leaves, and before a login that others can read."""

from enum import StrEnum
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Label, Static

from smtptui.tui.widgets.dialog import Dialog


class Answer(StrEnum):
    """What somebody says to a question before a session."""

    NO = "no"
    YES = "yes"
    ALWAYS = "always"
    """Yes, and the profile shall remember it."""


class ConfirmSend(Dialog[Answer]):
    """Asks before a message leaves for anything but the own sandbox, and before a login that others can read.

    ``recipients`` is None where no mail is sent. ``warnings`` are what is agreed to as well; with ``always`` the
    profile can remember that.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # ctrl+c as well: whoever thinks that the session runs already means to stop it.
        Binding("escape,n,ctrl+c", "answer('no')", "No", show=False),
        Binding("y", "answer('yes')", "Yes", show=False),
        Binding("a", "answer('always')", "Always", show=False),
        Binding("right", "app.focus_next", show=False),
        Binding("left", "app.focus_previous", show=False),
    ]

    def __init__(
        self,
        target: str,
        recipients: tuple[str, ...] | None,
        how: str,
        *,
        warnings: tuple[str, ...] = (),
        always: bool = False,
    ) -> None:
        super().__init__()
        self._target = target
        self._recipients = recipients
        self._how = how
        self._warnings = warnings
        self._always = always

    def compose(self) -> ComposeResult:
        """The question, the facts, the buttons."""
        verb = "Send" if self._recipients is not None else "Log in"
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Send for real?" if self._recipients is not None else "Log in like this?"
            yield from self._people()
            yield Label(Text.assemble("By  ", (self._target, "bold"), no_wrap=True))
            yield Label(f"    {self._how}", markup=False, classes="muted")
            for warning in self._warnings:
                with Horizontal(classes="warning"):
                    yield Label("!")
                    yield Static(warning, markup=False, classes="sentence")
            with Horizontal(classes="buttons"):
                yield Button(f"{verb} y", compact=True, id="yes")
                if self._always:
                    yield Button("Always a", compact=True, id="always")
                yield Button("Back esc", compact=True, id="no")

    def _people(self) -> ComposeResult:
        if self._recipients is None:
            return
        count = len(self._recipients)
        yield Label(Text.assemble("To  ", (f"{count} recipient{'s' * (count != 1)}", "bold"), no_wrap=True))
        shown = self._recipients[:_NAMED]
        for address in shown:
            yield Label(f"    {address}", markup=False, classes="muted")
        if count > len(shown):
            yield Label(f"    and {count - len(shown)} more", classes="muted")

    def on_mount(self) -> None:
        """What warns is not agreed to by a slip of enter."""
        if self._warnings:
            self.query_one("#no", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(Answer(event.button.id or "no"))

    def action_answer(self, answer: str) -> None:
        """Close with an answer."""
        if answer != Answer.ALWAYS or self._always:
            self.dismiss(Answer(answer))


_NAMED = 4
"""Recipients a confirmation lists by name."""
