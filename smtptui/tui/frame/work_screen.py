"""What all main screens have: the top bar, the footer, and a word when the terminal is too small."""

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from smtptui.tui.frame.footer import KeyFooter
from smtptui.tui.keys.registry import Where
from smtptui.tui.widgets.focus_classes import HERE, mark

MODES: tuple[tuple[str, str], ...] = (("session", "1 Session"), ("sandbox", "2 Sandbox"))
"""The screens and their titles, in the order of the top bar."""


class ModeTab(Static):
    """The name of a screen; a click goes there."""

    def __init__(self, mode: str, title: str, *, current: bool) -> None:
        super().__init__(f" {title} ", classes="mode -current" if current else "mode")
        self._mode = mode
        self.letter = title[:1]
        """What goes to it, with and without jumping."""

    async def on_click(self, event: events.Click) -> None:
        """Go to the screen."""
        event.stop()
        await self.go()

    async def go(self) -> None:
        """Go to the screen."""
        await self.run_action(f"app.mode('{self._mode}')")


class TopBar(Horizontal):
    """The app's name, the screens that exist, and what is aimed at."""

    target = query_one("#target", Static)

    def __init__(self, mode: str, modes: Sequence[str]) -> None:
        super().__init__(id="top")
        self._mode = mode
        self._modes = modes

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static(" smtptui  ", classes="app-name")
        yield from self._tabs()
        yield Static("", id="target", markup=False)

    def _tabs(self) -> Iterator[ModeTab]:
        for mode, title in MODES:
            if mode in self._modes:
                yield ModeTab(mode, title, current=mode == self._mode)

    async def show(self, modes: Sequence[str]) -> None:
        """There are these screens now."""
        self._modes = modes
        await self.query(ModeTab).remove()
        await self.mount_all(self._tabs(), before="#target")


class TooSmall(Static):
    """Covers the screen where there is no room; the stylesheet shows it."""

    def render(self) -> Text:
        """How much there is and how much is wanted."""
        size = self.app.size
        return Text(
            f"Too small: {size.width}x{size.height}.\nsmtptui needs 60x16.\nctrl+q leaves.",
            justify="center",
        )


@runtime_checkable
class Paned(Protocol):
    """A screen of several parts: F6 goes round them."""

    def next_pane(self) -> None:
        """Move the focus to the next part."""
        ...


class WorkScreen(Screen[None]):
    """A main screen: subclasses compose what is between top bar and footer in :meth:`work`."""

    # Each screen says itself where to begin.
    AUTO_FOCUS = ""
    mode = ""
    top = query_one(TopBar)

    def __init__(self, modes: Sequence[str]) -> None:
        super().__init__()
        self._modes = modes
        self._here: Widget | None = None

    def _breakpoints(self) -> dict[str, bool]:
        """The classes that the app's breakpoints give a screen of this size."""
        app, size = self.app, self.app.size
        sides = (app.HORIZONTAL_BREAKPOINTS, size.width), (app.VERTICAL_BREAKPOINTS, size.height)
        fitting = {max((least, name) for least, name in steps if least <= cells)[1] for steps, cells in sides if steps}
        return {name: name in fitting for steps, _ in sides for _, name in steps or ()}

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Nothing of a screen looks otherwise for having been away: another theme is taken over in another way."""
        event.refresh_styles = False

    def watch_focused(self, focused: Widget | None) -> None:
        """The pane with the focus looks so."""
        around = () if focused is None else focused.ancestors_with_self
        here = next((each for each in around if isinstance(each, Widget) and each.has_class("pane")), None)
        if here is not self._here:
            if self._here is not None:
                mark(self._here, HERE, False)
            if here is not None:
                mark(here, HERE, True)
            self._here = here

    def compose(self) -> ComposeResult:
        """Bar, work, footer."""
        # Known before the first widget is styled: found out by the first resize, all would be styled a second time.
        self.update_classes(self._breakpoints(), update=False)
        yield TopBar(self.mode, self._modes)
        yield from self.work()
        yield KeyFooter()
        yield TooSmall(id="too-small")

    def work(self) -> ComposeResult:
        """What the screen is for."""
        yield from ()

    def next_pane(self) -> None:
        """Move the focus to the next pane."""

    def owner(self, where: Where) -> DOMNode | None:
        """The node whose actions the keys of a place run, if this screen has that place."""
        return self.app if where is Where.APP else None
