"""The help: what the pane with the focus is for, its keys, then all other keys; can be searched."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Markdown, Static

from smtptui.tui.commands import owner
from smtptui.tui.key_names import shown, shown_all
from smtptui.tui.keys import Key, Where
from smtptui.tui.line_view import LineView
from smtptui.tui.work_screen import WorkScreen

Line = tuple[str, str]
"""Keys, and what they do."""


@dataclass(frozen=True, slots=True)
class Help:
    """What the help shows: a Markdown text, then keys under headings."""

    text: str
    keys: tuple[tuple[str, tuple[Line, ...]], ...]


class HelpScreen(ModalScreen[None]):
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


def help_for(screen: Screen[object], keys: Sequence[Key], present: frozenset[str]) -> Help:
    """The help for where the focus is. ``present`` are the ids of keys that mean something in this app."""
    focused = screen.focused
    chain = list(focused.ancestors_with_self) if focused is not None else [screen, screen.app]
    texts: list[str] = []
    for node in chain:
        if node.HELP and node.HELP not in texts:
            texts.append(node.HELP)
    sections = [] if isinstance(screen, WorkScreen) else [("This dialog", tuple(_of_dialog(screen)))]
    for where in _order(screen, chain):
        lines = tuple(
            (shown_all(key.keys), key.description)
            for key in keys
            if key.where is where and key.keys and key.id in present
        )
        sections.append((str(where), lines))
    return Help("\n\n".join(texts), tuple((heading, lines) for heading, lines in sections if lines))


def _order(screen: Screen[object], chain: Sequence[DOMNode]) -> list[Where]:
    """The places of this screen: those with the focus first, the innermost before all."""
    owners = {where: node for where in Where if (node := owner(screen, where)) is not None}
    first = sorted(
        (where for where, node in owners.items() if node in chain), key=lambda each: chain.index(owners[each])
    )
    if isinstance(screen.focused, LineView):
        first.insert(1, Where.LIST)
    rest = [where for where in Where if where in owners or (where is Where.LIST and isinstance(screen, WorkScreen))]
    return [*first, *(where for where in rest if where not in first)]


def _of_dialog(dialog: Screen[object]) -> Iterator[Line]:
    found: dict[str, tuple[list[str], str]] = {}
    for key, (node, binding, _, _) in dialog.active_bindings.items():
        if node is dialog and binding.description:
            found.setdefault(binding.action, ([], binding.description))[0].append(shown(key))
    for names, description in found.values():
        yield " ".join(names), description
