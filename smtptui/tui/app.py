"""The app: themes, the screens it opens, and the actions that work everywhere."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.actions import parse
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from smtptui.tui.keys import KEYS, Where, bindings
from smtptui.tui.sender import MakeRun, Sender, Spawn
from smtptui.tui.theme import DARK, LIGHT, outcome_colours
from smtptui.tui.work_screen import WorkScreen

if TYPE_CHECKING:
    from smtptui.session import Request, SessionRun
    from smtptui.tui.furniture import Furniture
    from smtptui.tui.sandbox_source import SandboxSource

MakeFurniture = Callable[["SandboxSource | None", Sender], "Furniture"]


class NotOpened(Exception):
    """Something the app needs cannot be had; the text is a sentence."""


class Workbench(App[None]):
    """The workbench.

    ``spawn`` starts the engine's tasks in a group that outlives the screens. ``open_sandbox`` starts the sandbox
    the app shall show, if any; it may raise :class:`NotOpened`. ``on_furnished`` is called when the first screen has
    been painted. The first frame is painted before the engine and
    the screens are even loaded, so the app answers at once.
    """

    TITLE = "smtptui"
    CSS_PATH = ["styles.tcss", "message/message.tcss", "log/log.tcss"]  # noqa: RUF012 - as Textual types it
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.APP)
    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (60, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (16, "-low"), (30, "-high")]  # noqa: RUF012

    def __init__(
        self,
        *,
        spawn: Spawn,
        open_sandbox: Callable[[], Awaitable["SandboxSource"]] | None = None,
        make_run: MakeRun | None = None,
        make_furniture: MakeFurniture | None = None,
        on_furnished: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self.sender = Sender(spawn, make_run or _real_run)
        self._open_sandbox = open_sandbox
        self._make_furniture = make_furniture or _real_furniture
        self._on_furnished = on_furnished
        self._furniture: Furniture | None = None
        self._modes_present: tuple[str, ...] = ()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        # Set before the first stylesheet is read, or it would be read twice.
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of outcomes for themes that are not ours."""
        return outcome_colours(dark=self.current_theme.dark)

    def compose(self) -> ComposeResult:
        """The frame that shows while the screens are made."""
        yield Static(" smtptui", id="opening")

    def on_ready(self) -> None:
        """The first frame is on the terminal: now the rest."""
        self.run_worker(self._furnish(), name="furnish")

    async def _furnish(self) -> None:
        sandbox = None
        if self._open_sandbox is not None:
            try:
                sandbox = await self._open_sandbox()
            except NotOpened as error:
                self.exit(return_code=EX_IOERR, message=f"smtptui: {error}")
                return
        self._furniture = furniture = self._make_furniture(sandbox, self.sender)
        self._modes_present = tuple(furniture.screens)
        for mode, screen in furniture.screens.items():
            self.add_mode(mode, screen)
        await self.switch_mode("session")
        if self._on_furnished is not None:
            self.screen.call_after_refresh(self._on_furnished)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Screens that do not exist, and those one is on already, are no places to go to."""
        if action == "mode":
            return len(self._modes_present) > 1 and parameters[0] != self.current_mode
        return True

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every action of the registry that can be done now."""
        for key in KEYS:
            node = screen.owner(key.where) if isinstance(screen, WorkScreen) and key.palette else None
            if node is None or key.id == "palette":
                continue
            _, name, parameters = parse(key.action)
            if node.check_action(name, parameters):
                what = " · ".join(filter(None, (key.where, key.display)))
                yield SystemCommand(key.description, what, partial(self._act, node, key.action))
        yield SystemCommand("Change the theme", "Everywhere", self.action_change_theme)

    async def action_mode(self, mode: str) -> None:
        """Go to another screen."""
        if mode in self._modes_present:
            await self.switch_mode(mode)

    def action_next_pane(self) -> None:
        """Focus goes to the next pane, in a dialog to the next field."""
        if isinstance(self.screen, WorkScreen):
            self.screen.next_pane()
        else:
            self.screen.focus_next()

    def action_interrupt(self) -> None:
        """Copy what is selected; else cancel; else tell how to leave."""
        selected = self.screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
        elif not self.sender.cancel():
            self.notify("Nothing runs. ctrl+q leaves smtptui.", markup=False)

    def action_help(self) -> None:
        """Every key that exists here."""
        screen = self.screen
        if not isinstance(screen, WorkScreen) or self._furniture is None:
            return
        places = {where for where in Where if where is Where.LIST or screen.owner(where) is not None}
        present = frozenset(
            key.id
            for key in KEYS
            if key.where in places and (len(self._modes_present) > 1 or not key.action.startswith("mode"))
        )
        self.push_screen(self._furniture.help(present))

    async def _act(self, node: DOMNode, action: str) -> None:
        await self.run_action(action, default_namespace=node)


EX_IOERR = 74
"""The exit code for trouble with the machine's own input and output (sysexits.h)."""


def _real_run(request: "Request") -> "SessionRun":
    # Imported only now: the first paint does not wait for the engine.
    from smtptui.session import SessionRun

    return SessionRun(request)


def _real_furniture(sandbox: "SandboxSource | None", sender: Sender) -> "Furniture":
    # Imported only now: the first paint does not wait for the screens.
    from smtptui.tui.furniture import furniture

    return furniture(sandbox, sender)
