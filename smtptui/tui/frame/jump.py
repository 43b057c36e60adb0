"""Jumping: a letter on every field, tab, pane and screen that can be seen; the letter goes there."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from string import ascii_letters
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Static

from smtptui.tui.frame.work_screen import ModeTab
from smtptui.tui.widgets.dialog import Dialog
from smtptui.tui.widgets.tab_row import TabRow

LETTERS = {
    "server-list": "v",
    "host": "h",
    "port": "p",
    "tls": "l",
    "auth": "a",
    "user": "u",
    "secret": "s",
    "from": "f",
    "to": "t",
    "cc": "c",
    "bcc": "b",
    "reply-to": "r",
    "subject": "j",
    "body": "x",
    "message-tabs:message": "m",
    "message-tabs:envelope": "e",
    "message-tabs:headers": "d",
    "message-tabs:files": "k",
    "message-tabs:options": "o",
    "message": "m",
    "transcript": "g",
    "log-tabs:transcript-tab": "g",
    "log-tabs:tls": "z",
    "log-tabs:capabilities": "y",
    "log-tabs:timing": "i",
    "caught": "c",
    "reading": "r",
    "view": "v",
}
"""Letters that fingers can learn, by the id of the widget, or of the row and its tab; others take what is free."""
_LABEL = 3
"""Cells of a label."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Something to jump to: where its label goes, and what jumping does."""

    name: str
    place: Offset
    go: Callable[[], object]


class JumpOverlay(Dialog[None]):
    """The labels, over the screen as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Stay here", show=False)]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__(classes="-no-palette")
        self._under = screen
        self._size = screen.size
        self._spots: dict[str, Spot] = {}

    def compose(self) -> ComposeResult:
        """One label for each spot, and a word how to leave."""
        self._spots = lettered(spots(self._under))
        for letter, spot in self._spots.items():
            label = Static(f" {letter} ", markup=False, classes="jump-label")
            label.styles.offset = spot.place
            yield label
        yield Static(" Type a letter to go there · esc stays ", markup=False, id="jump-says")

    def on_key(self, event: events.Key) -> None:
        """A letter goes; any other key leaves."""
        event.stop()
        event.prevent_default()
        spot = self._spots.get(event.character or "")
        self.dismiss(None)
        if spot is not None:
            # Once the screen is in front again.
            self._under.call_later(spot.go)

    def on_resize(self, event: events.Resize) -> None:
        """What is where has changed: nothing to jump to."""
        if event.size != self._size:
            self.dismiss(None)


def lettered(spots: Iterable[Spot]) -> dict[str, Spot]:
    """A letter for each spot: its own, else the next that no other has."""
    found = list(spots)
    taken: dict[str, Spot] = {}
    for spot in found:
        letter = spot.name if len(spot.name) == 1 else LETTERS.get(spot.name, "")
        if letter and letter not in taken:
            taken[letter] = spot
    own = list(taken.values())
    free = (letter for letter in ascii_letters if letter not in taken)
    for spot, letter in zip((spot for spot in found if spot not in own), free, strict=False):
        taken[letter] = spot
    return taken


def spots(screen: Screen[Any]) -> Iterator[Spot]:
    """What can be jumped to, in the order of the screen; no two labels in one place."""
    used: set[tuple[int, int]] = set()
    for name, place, go in _found(screen):
        x = max(0, min(place.x, screen.size.width - _LABEL))
        while any((x + cell, place.y) in used for cell in range(_LABEL)) and x + _LABEL < screen.size.width:
            x += 1
        used.update((x + cell, place.y) for cell in range(_LABEL))
        yield Spot(name, Offset(x, place.y), go)


def _found(screen: Screen[Any]) -> Iterator[tuple[str, Offset, Callable[[], object]]]:
    for widget in screen.walk_children(Widget):
        place = _place(screen, widget)
        if place is None:
            continue
        if isinstance(widget, ModeTab):
            yield widget.letter, place, widget.go
        elif isinstance(widget, TabRow):
            for tab, offset in widget.places():
                yield f"{widget.id}:{tab}", place + Offset(offset, 0), _into(widget, tab)
        elif widget.focusable and not isinstance(widget, Button):
            yield widget.id or "", place, widget.focus
        elif widget.has_class("pane") and not any(map(partial(_place, screen), _goals(widget))):
            # A closed pane: only its title can be seen.
            yield widget.id or "", place, partial(_enter, widget)


def _goals(pane: Widget) -> list[Widget]:
    return [inside for inside in pane.walk_children(Widget) if inside.focusable or isinstance(inside, TabRow)]


def _into(row: TabRow, tab: str) -> Callable[[], None]:
    def go() -> None:
        row.current = tab
        row.action_enter()
        pane = next((each for each in row.ancestors if isinstance(each, Widget) and each.has_class("pane")), None)
        if pane is not None:
            # Once the tab is there; not every row has somebody who takes the focus into it.
            row.call_after_refresh(_enter, pane)

    return go


def _enter(pane: Widget) -> None:
    """Focus what comes first in a pane, unless the focus is in it."""
    screen = pane.screen
    if screen.focused is None or pane not in screen.focused.ancestors:
        inside = (goal for goal in screen.focus_chain if pane in goal.ancestors and not isinstance(goal, TabRow))
        next(inside, pane).focus()


def _place(screen: Screen[Any], widget: Widget) -> Offset | None:
    """Where the widget can be seen; None where it cannot."""
    try:
        geometry = screen.find_widget(widget)
    except NoWidget:
        return None
    visible = geometry.visible_region
    # What is scrolled or cut off at its beginning is no place for a label.
    return visible.offset if visible and visible.offset == geometry.region.offset else None
