"""What the palette lists: every action of the registry that can be done now, and in a dialog the dialog's own."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from textual.actions import parse
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen

from smtptui.tui.frame.work_screen import WorkScreen
from smtptui.tui.keys.names import shown
from smtptui.tui.keys.registry import Key, Where, is_sent, keys_of
from smtptui.tui.widgets.line_view import LineView

_COLUMN = 50
"""Cells from where the palette tells place and key."""
_OF_ANY = frozenset({"app.focus_next", "app.focus_previous", "screen.copy_text"})
"""What Textual lets every dialog do; not worth a line."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be done now, and the node that does it."""

    text: str
    hint: str
    """Its place and its key."""
    node: DOMNode
    action: str


def commands(screen: Screen[Any], keys: Sequence[Key]) -> Iterator[Command]:
    """All of them; those of the pane with the focus first."""
    if not isinstance(screen, WorkScreen):
        yield from _of_dialog(screen)
    for where in places(screen):
        node = owner(screen, where)
        for key in keys if node is not None else ():
            if (
                key.where is where
                and (key.palette or key.at_times)
                and key.id != "palette"
                and _possible(node, key.action)
            ):
                assert node is not None
                yield Command(key.description, " · ".join(filter(None, (where, key.display))), node, key.action)


def owner(screen: Screen[Any], where: Where) -> DOMNode | None:
    """Whose actions the keys of a place run on this screen; in a dialog only those of the app work."""
    if isinstance(screen, WorkScreen):
        return screen.owner(where)
    return screen.app if where is Where.APP else None


def places(screen: Screen[Any]) -> list[Where]:
    """The places of this screen: those with the focus first, the innermost before all."""
    chain = list(screen.focused.ancestors_with_self) if screen.focused is not None else [screen, screen.app]
    owners = {where: node for where in Where if (node := owner(screen, where)) is not None}
    first = sorted((where for where in owners if owners[where] in chain), key=lambda each: chain.index(owners[each]))
    if isinstance(screen.focused, LineView):
        first.insert(1, Where.LIST)
    rest = [where for where in Where if where in owners or (where is Where.LIST and isinstance(screen, WorkScreen))]
    return [*first, *(where for where in rest if where not in first)]


def dialog_keys(dialog: Screen[Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Keys of a dialog's own: their names, what they do, and the action."""
    found: dict[str, tuple[list[str], str]] = {}
    for key, (node, binding, enabled, _) in dialog.active_bindings.items():
        if node is dialog and enabled and binding.description and binding.action not in _OF_ANY and is_sent(key):
            found.setdefault(binding.action, ([], binding.description))[0].append(shown(key))
    for action, (names, description) in found.items():
        yield tuple(names), description, action


def _of_dialog(dialog: Screen[Any]) -> Iterator[Command]:
    for names, description, action in dialog_keys(dialog):
        yield Command(description, f"This dialog · {names[0]}", dialog, action)


def _possible(node: DOMNode | None, action: str) -> bool:
    _, name, parameters = parse(action)
    return node is not None and bool(node.check_action(name, parameters))


class Commands(Provider):
    """The commands in the palette, one a line."""

    async def discover(self) -> Hits:
        """All, while nothing is typed."""
        for command in self._commands():
            yield DiscoveryHit(_line(Content(command.text), command), self._run(command), text=command.text)

    async def search(self, query: str) -> Hits:
        """Those that fit what is typed."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.text)
            if score > 0:
                yield Hit(score, _line(matcher.highlight(command.text), command), self._run(command), text=command.text)

    def _commands(self) -> Iterable[Command]:
        return commands(self.screen, keys_of(self.app))

    def _run(self, command: Command) -> Callable[[], Awaitable[bool]]:
        return partial(self.app.run_action, command.action, default_namespace=command.node)


def _line(text: Content, command: Command) -> Content:
    gap = " " * max(2, _COLUMN - text.cell_length)
    return Content.assemble(text, gap, (command.hint, "not bold not underline $muted"))
