"""What the palette lists: every action of the registry that can be done now, and in a dialog the dialog's own."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from textual.actions import parse
from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from smtptui.tui.key_names import shown
from smtptui.tui.keys import Key, Where
from smtptui.tui.work_screen import WorkScreen

Act = Callable[[DOMNode, str], object]


def commands(screen: Screen[object], keys: Iterable[Key], act: Act) -> Iterator[SystemCommand]:
    """The actions; ``act`` runs one at a node."""
    for key, node in possible(screen, keys):
        what = " · ".join(filter(None, (key.where, key.display)))
        yield SystemCommand(key.description, what, partial(act, node, key.action))
    if not isinstance(screen, WorkScreen):
        yield from _of_dialog(screen, act)


def possible(screen: Screen[object], keys: Iterable[Key]) -> Iterator[tuple[Key, DOMNode]]:
    """The keys of the registry that do something now, each with the node that does it."""
    for key in keys:
        node = owner(screen, key.where)
        if not key.palette or node is None or key.id == "palette":
            continue
        _, name, parameters = parse(key.action)
        if node.check_action(name, parameters):
            yield key, node


def owner(screen: Screen[object], where: Where) -> DOMNode | None:
    """Whose actions the keys of a place run on this screen; in a dialog only those of the app work."""
    if isinstance(screen, WorkScreen):
        return screen.owner(where)
    return screen.app if where is Where.APP else None


def _of_dialog(dialog: Screen[object], act: Act) -> Iterator[SystemCommand]:
    told: set[str] = set()
    for key, (node, binding, enabled, _) in dialog.active_bindings.items():
        if node is not dialog or not enabled or not binding.description or binding.action in told:
            continue
        told.add(binding.action)
        yield SystemCommand(binding.description, f"This dialog · {shown(key)}", partial(act, node, binding.action))
