"""The footer: a fixed order, no more entries than fit, the same words whatever has the focus."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from smtptui.tui.keys.names import shown
from smtptui.tui.keys.registry import FOOTER_LIMIT, Key, key_id, keys_of

_KEEP = ("palette", "help")
"""What stays to the last: with these everything else is found."""


@dataclass(frozen=True)
class _Entry:
    # What the screen shows of a key; as long as it stays the same, so do the widgets.
    name: str
    display: str
    label: str
    action: str
    classes: str


class KeyFooter(Footer):
    """Shows those keys of the registry that do something now."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._width = 0
        self._shown: list[_Entry] = []

    def compose(self) -> ComposeResult:
        """One entry per key that is active, in the registry's order."""
        self._width = self.app.size.width
        self._shown = self._entries()
        for entry in self._shown:
            yield FooterKey(entry.name, entry.display, entry.label, entry.action, classes=entry.classes)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Other keys may do something now: it happens with every move of the focus, and mostly they do not."""
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self.call_after_refresh(self._renew)

    async def _renew(self) -> None:
        # The screen may have been closed since.
        if self.is_attached and self._entries() != self._shown:
            await self.recompose()

    def _entries(self) -> list[_Entry]:
        active = {key_id(entry.binding) for entry in self.screen.active_bindings.values() if entry.enabled}
        keys = [
            (key, name)
            for key in keys_of(self.app)
            if key.footer and key.id in active and (name := self._pressable(key))
        ]
        return [
            _Entry(
                name,
                key.display if name == key.keys[0] else shown(name),
                key.label,
                key.action,
                "-last" if key.id == "palette" else "",
            )
            for key, name in fitting(keys, self.app.size.width)
        ]

    def on_resize(self) -> None:
        """Another width may have room for more."""
        if self.app.size.width != self._width:
            self.refresh(recompose=True)

    def _pressable(self, key: Key) -> str:
        """The first of its keys that the field with the focus does not take for itself; empty if it takes all."""
        focused = self.screen.focused
        for name in key.keys:
            if focused is None or not focused.check_consume_key(name, key_to_character(name)):
                return name
        return ""


def fitting(keys: Sequence[tuple[Key, str]], width: int) -> list[tuple[Key, str]]:
    """As many of the keys as a footer has room for; the last of the least wanted go first."""
    left = list(keys)
    wanted = sorted(keys, key=lambda each: (each[0].id in _KEEP, each[0].footer == 1, -keys.index(each)))
    for each in wanted:
        if len(left) <= FOOTER_LIMIT and sum(_cells(key) for key, _ in left) <= width:
            break
        left.remove(each)
    return left


def _cells(key: Key) -> int:
    # A blank between key and label, and two after them.
    return cell_len(key.display) + cell_len(key.label) + 3
