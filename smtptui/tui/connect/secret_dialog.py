"""Asks for a user's secret, unseen, and how long it shall be kept."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from smtptui.profiles import Profile
from smtptui.protocol import Secret
from smtptui.tui.connect.values import place
from smtptui.tui.widgets.choice import Choice
from smtptui.tui.widgets.dialog import Dialog


class Keep(StrEnum):
    """How long a secret that was typed is kept."""

    ONCE = "once"
    UNTIL_QUIT = "this sitting"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed."""

    user: str
    secret: Secret
    keep: Keep


class SecretDialog(Dialog[Typed | None]):
    """Dismissed with what was typed, or None.

    ``why`` is a sentence above the field; ``keeps`` what one may choose, the first is suggested. With ``user`` the
    user can be changed, too.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", show=False)]

    def __init__(
        self, profile: Profile, *, why: str = "", keeps: tuple[Keep, ...] = (Keep.ONCE,), user: bool = False, done: str
    ) -> None:
        super().__init__()
        self._profile = profile
        self._why = why
        self._keeps = keeps
        self._user = user
        self._done = done

    def compose(self) -> ComposeResult:
        """The question, the field, how long, two buttons."""
        profile = self._profile
        word = "Token" if profile.bearer else "Password"
        with Vertical(classes="dialog -secret") as dialog:
            dialog.border_title = Text(f"{word} for {place(profile)}")
            if self._why:
                yield Static(self._why, markup=False, classes="sentence")
            with Horizontal(classes="row"):
                yield Label("User     ")
                if self._user:
                    yield Input(profile.user, compact=True, id="secret-user")
                else:
                    yield Static(profile.user, markup=False, id="secret-user-fixed")
            with Horizontal(classes="row"):
                yield Label(f"{word:<9}")
                yield Input(password=True, compact=True, id="secret-typed")
            if len(self._keeps) > 1:
                with Horizontal(classes="row"):
                    yield Label("Keep     ")
                    yield Choice(*self._keeps, value=self._keeps[0], id="secret-keep")
            yield Static("", markup=False, id="secret-says")
            with Horizontal(classes="buttons"):
                yield Button(self._done, compact=True, id="yes")
                yield Button("Back esc", compact=True, id="no")

    def on_mount(self) -> None:
        """The secret first: the user is mostly right."""
        self.query_one("#secret-typed", Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "secret-user":
            self.focus_next()
        else:
            self._answer()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "yes":
            self._answer()
        else:
            self.dismiss(None)

    def _answer(self) -> None:
        typed = self.query_one("#secret-typed", Input).value
        users = self.query("#secret-user").results(Input)
        user = next((field.value.strip() for field in users), self._profile.user)
        if not typed or not user:
            missing = "user" if not user else "token" if self._profile.bearer else "password"
            self.query_one("#secret-says", Static).update(f"✗ Type the {missing}; or esc goes back.")
            return
        choices = self.query(Choice)
        keep = Keep(choices.first().value) if choices else self._keeps[0]
        self.dismiss(Typed(user, Secret(typed), keep))
