"""The help: what the pane with the focus is for, its keys, then all other keys; can be searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Markdown, Static

from smtptui.tui.frame.palette import dialog_keys, places
from smtptui.tui.frame.work_screen import WorkScreen
from smtptui.tui.keys.names import shown_all
from smtptui.tui.keys.registry import Key
from smtptui.tui.widgets.dialog import Dialog

Line = tuple[str, str]
"""Keys, and what they do."""


@dataclass(frozen=True, slots=True)
class Help:
    """What the help shows: a Markdown text, then keys under headings."""

    text: str
    keys: tuple[tuple[str, tuple[Line, ...]], ...]


class HelpScreen(Dialog[None]):
    """One long page; ``/`` and then typing leaves only the keys that have these words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Close the help", show=False),
        Binding("q", "dismiss", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
        Binding("slash,ctrl+f", "find", "Find a key", show=False),
    ]

    def __init__(self, help: Help) -> None:
        super().__init__()
        self._help = help

    def compose(self) -> ComposeResult:
        """Field, text, keys."""
        with Vertical(classes="dialog -large", id="help") as dialog:
            dialog.border_title = "Help"
            dialog.border_subtitle = "/ find · esc close"
            yield Input(placeholder="words of a key or an action", compact=True, id="help-find")
            with VerticalScroll(id="help-page"):
                yield Markdown(self._help.text, open_links=False, id="help-about")
                yield Static(keys_text(self._help), id="help-keys")

    def on_mount(self) -> None:
        """The page has the focus, so that arrows scroll."""
        self.query_one("#help-about").display = bool(self._help.text)
        self.query_one("#help-page").focus()

    def action_scroll(self, step: int) -> None:
        """One line up or down."""
        self.query_one("#help-page").scroll_relative(y=step, animate=False)

    def action_find(self) -> None:
        """To the field."""
        self.add_class("-finding")
        self.query_one(Input).focus()

    def action_back(self) -> None:
        """End the search, else close."""
        if self.has_class("-finding"):
            self.query_one(Input).value = ""
            self.remove_class("-finding")
            self.query_one("#help-page").focus()
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.query_one("#help-page").focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        words = event.value.casefold().split()
        self.query_one("#help-about").display = bool(self._help.text) and not words
        self.query_one("#help-keys", Static).update(keys_text(self._help, words))


def keys_text(help: Help, words: Sequence[str] = ()) -> Text:
    """The keys under their headings, only those that have all the words."""
    text = Text(end="")
    for heading, lines in help.keys:
        found = [line for line in lines if all(word in f"{heading} {line[0]} {line[1]}".casefold() for word in words)]
        if not found:
            continue
        if text:
            text.append("\n")
        text.append(f"{heading}\n", "bold")
        for names, description in found:
            text.append(f"  {names:<18}", "bold")
            text.append(f"{description}\n")
    text.rstrip()
    return text if text else Text("No key has these words. Erase some, or esc shows all.")


def help_for(screen: Screen[Any], keys: Sequence[Key], present: frozenset[str]) -> Help:
    """The help for where the focus is. ``present`` are the ids of keys that mean something in this app."""
    focused = screen.focused
    chain = list(focused.ancestors_with_self) if focused is not None else [screen, screen.app]
    about = next((node.HELP for node in chain if node.HELP), "")
    dialog = tuple((" ".join(names), description) for names, description, _ in dialog_keys(screen))
    sections = [("This dialog", dialog)] if not isinstance(screen, WorkScreen) else []
    for where in places(screen):
        lines = tuple(
            (shown_all(key.keys), key.description)
            for key in keys
            if key.where is where and key.keys and key.id in present
        )
        sections.append((str(where), lines))
    return Help(about, tuple((heading, lines) for heading, lines in sections if lines))
