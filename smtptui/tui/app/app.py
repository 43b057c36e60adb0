"""The app: themes, the screens it opens, and the actions that work everywhere."""

import os
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.filter import LineFilter
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from smtptui.config import Places
from smtptui.tui.app.memory import RHYTHM, Memory
from smtptui.tui.app.state import StateFile
from smtptui.tui.app.stylesheet import LazyStylesheet
from smtptui.tui.app.theme import DARK, OWN_THEMES, outcome_colours
from smtptui.tui.crash import DEBUG, EX_SOFTWARE, bug_sentence, crash_sentence, save_report
from smtptui.tui.frame.work_screen import Paned
from smtptui.tui.keys.registry import KEYS, Where, bindings, shares
from smtptui.tui.runs.sender import MakeRun, Sender, Spawn
from smtptui.tui.widgets.control_character_filter import ControlCharacterFilter

if TYPE_CHECKING:
    from smtptui.session import Request, SessionRun
    from smtptui.tui.app.screens import Screens
    from smtptui.tui.app.settings import LoadedSettings
    from smtptui.tui.app.welcome import Begin
    from smtptui.tui.sandbox.sandbox_source import SandboxSource
    from smtptui.tui.session.session_screen import SessionScreen

MakeScreens = Callable[["SandboxSource | None", Sender], "Screens"]
OpenSandbox = Callable[[], Awaitable["SandboxSource"]]


STYLES = ("app/styles.tcss", "message/message.tcss", "log/log.tcss", "connect/connect.tcss", "app/app.tcss")
"""The stylesheets of the screens."""


class NotOpened(Exception):
    """Something the app needs cannot be had; the text is a sentence."""


class Workbench(App[None]):
    """The workbench.

    ``spawn`` starts the engine's tasks in a group that outlives the screens. ``open_sandbox`` starts the sandbox
    the app shall show, if any; ``sandbox_on_demand`` the one a user may start later; both may raise
    :class:`NotOpened`. ``places`` are the user's files: without them nothing is read or remembered. With a sandbox
    from the start the form always begins fresh. ``on_opened`` is called when the first screen has been painted.
    The first frame is painted before the engine and the screens are even loaded, so the app answers at once.
    """

    TITLE = "smtptui"
    # No more than the first frame needs; the rest is read with the screens.
    CSS_PATH = "opening.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {lambda: _commands()}
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.APP)
    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (60, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (16, "-low"), (30, "-high")]  # noqa: RUF012

    def __init__(
        self,
        *,
        spawn: Spawn,
        open_sandbox: OpenSandbox | None = None,
        sandbox_on_demand: OpenSandbox | None = None,
        make_run: MakeRun | None = None,
        make_screens: MakeScreens | None = None,
        places: Places | None = None,
        environ: Mapping[str, str] | None = None,
        on_opened: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self.sender = Sender(spawn, make_run or _real_run)
        self.keys = KEYS
        """The registry with the user's keys."""
        self.memory = Memory(StateFile(places.state)) if places is not None else None
        self._places = places
        self._environ = os.environ if environ is None else environ
        self._open_sandbox = open_sandbox
        self._sandbox_on_demand = sandbox_on_demand
        self._make_screens = make_screens or _real_screens
        self._on_opened = on_opened
        self._screens: Screens | None = None
        self._session: SessionScreen | None = None
        self._loaded: LoadedSettings | None = None
        self._remembers_form = False
        self._modes_present: tuple[str, ...] = ()
        self._control_characters = ControlCharacterFilter()
        for theme in OWN_THEMES:
            self.register_theme(theme)
        # Set before the first stylesheet is read, or it would be read twice.
        remembered = self.memory.recall("theme").get("name") if self.memory is not None else None
        self.theme = remembered if isinstance(remembered, str) and remembered in self.available_themes else DARK.name
        self.stylesheet = LazyStylesheet(variables=self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of outcomes for themes that are not ours."""
        return outcome_colours(self.current_theme)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, and what keeps control characters from the terminal."""
        return [self._control_characters, *super().get_line_filters()]

    def compose(self) -> ComposeResult:
        """The frame that shows while the screens are made."""
        yield Static(" smtptui", id="opening")

    def on_ready(self) -> None:
        """The first frame is on the terminal: now the rest."""
        self.run_worker(self._open_screens(), name="open-screens")

    # The beginning

    async def _open_screens(self) -> None:
        sandbox = None
        if self._open_sandbox is not None:
            try:
                sandbox = await self._open_sandbox()
            except NotOpened as error:
                self.exit(return_code=EX_IOERR, message=f"smtptui: {error}")
                return
        self._settle()
        for name in STYLES:
            self.stylesheet.read(Path(__file__).parents[1] / name)
        self._screens = screens = self._make_screens(sandbox, self.sender)
        self._session = screens.session
        self._modes_present = tuple(screens.by_mode)
        for mode, screen in screens.by_mode.items():
            self.add_mode(mode, screen)
        if self._loaded is not None:
            screens.apply(self._loaded.settings)
        await self.switch_mode("session")
        self._recall(demo=sandbox is not None)
        if self._on_opened is not None:
            self.screen.call_after_refresh(self._on_opened)

    def _settle(self) -> None:
        """Take the settings as they are in the file."""
        if self._places is None or self.memory is None:
            return
        # Imported only now: the first paint does not wait for pydantic and yaml.
        from smtptui.tui.app.settings import load_settings
        from smtptui.tui.keys.keymap import remapped

        self._loaded = loaded = load_settings(self._places.settings)
        self.keys = remapped(loaded.keymap)
        self.set_keymap({name: keys for id, own in loaded.keymap.items() for name, keys in shares(id, own).items()})
        # What was chosen in the app holds as long as the file names the theme it named then.
        if self.memory.recall("theme").get("instead_of") != loaded.settings.theme:
            self.theme = loaded.settings.theme
        self._note_theme()

    def _recall(self, *, demo: bool) -> None:
        """Bring the form back, and say what there is to say at the beginning."""
        if self.memory is None or self._loaded is None or self._session is None or self._places is None:
            return
        self._remembers_form = self._loaded.settings.restore_form and not demo
        if self._remembers_form:
            self._session.recall(self.memory.recall("form"))
        elif not demo:
            self.memory.note("form", {})
        self.set_interval(RHYTHM, self._remember)
        if self.memory.lost:
            self.notify(self.memory.lost, severity="warning", timeout=10, markup=False)
        if self._loaded.faults:
            self.action_settings()
        elif self.memory.fresh and not demo and not self._places.profiles.exists():
            self.action_welcome()

    # What is remembered

    def watch_theme(self) -> None:
        """Remember a theme that was chosen."""
        self._note_theme()

    def _note_theme(self) -> None:
        if self.memory is not None and self._loaded is not None:
            self.memory.note("theme", {"name": self.theme, "instead_of": self._loaded.settings.theme})

    def _note_form(self) -> None:
        if self.memory is None or not self._remembers_form or self._session is None:
            return
        # On a slow machine the first look may come before there are fields.
        if self._session.has_fields:
            self.memory.note("form", self._session.snapshot())

    async def _remember(self) -> None:
        self._note_form()
        if self.memory is not None and (trouble := await self.memory.write()):
            self.notify(trouble, severity="warning", timeout=10, markup=False)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; the form is looked at a last time."""
        self._note_form()
        super().exit(result, return_code, message)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What does not exist and where one is already are no places to go to."""
        match action:
            case "mode":
                return len(self._modes_present) > 1 and parameters[0] != self.current_mode
            case "start_sandbox":
                return self._sandbox_on_demand is not None and "sandbox" not in self._modes_present
            case "welcome":
                return self._session is not None and self.current_mode == self._session.mode
            case "settings":
                return self._loaded is not None and bool(self._loaded.faults)
            case _:
                return True

    async def action_mode(self, mode: str) -> None:
        """Go to another screen."""
        if mode in self._modes_present:
            await self.switch_mode(mode)

    def action_next_pane(self) -> None:
        """Focus goes to the next pane, in a simple dialog to the next field."""
        if isinstance(self.screen, Paned):
            self.screen.next_pane()
        else:
            self.screen.focus_next()

    def action_command_palette(self) -> None:
        """Every action by its name; not over another list of that kind."""
        if not isinstance(self.screen, CommandPalette) and not self.screen.has_class("-no-palette"):
            self.push_screen(CommandPalette(id="--command-palette", placeholder="What shall be done?"))

    def action_interrupt(self) -> None:
        """Copy what is selected; else cancel; else tell how to leave."""
        selected = self.screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
        elif not self.sender.cancel():
            leave = next(key.display for key in self.keys if key.id == "quit")
            self.notify(f"Nothing runs. {leave.replace('^', 'ctrl+')} leaves smtptui.", markup=False)

    def action_help(self) -> None:
        """What this pane is for, and every key that exists here."""
        if self._screens is not None and not isinstance(self.screen, CommandPalette):
            self._screens.help(self.screen, self.keys, self._present())

    def _present(self) -> frozenset[str]:
        """The keys that mean something in this app."""
        several = len(self._modes_present) > 1
        return frozenset(key.id for key in self.keys if several or not key.action.startswith("mode"))

    def action_jump(self) -> None:
        """A letter on everything one can go to."""
        if self._screens is not None and not isinstance(self.screen, CommandPalette):
            self._screens.jump(self.screen)

    def action_settings(self) -> None:
        """What is wrong with the settings file."""
        if self._screens is not None and self._loaded is not None and self._loaded.faults:
            self.push_screen(self._screens.faults(self._loaded.faults))

    def action_welcome(self) -> None:
        """Ways to begin."""
        if self._screens is not None:
            sandbox = self.check_action("start_sandbox", ())
            self.push_screen(self._screens.welcome(sandbox=bool(sandbox)), self._begin)

    def _begin(self, begin: "Begin | None") -> None:
        if begin is not None and self._screens is not None:
            self._screens.begin(begin, self.action_start_sandbox)

    def action_start_sandbox(self) -> None:
        """Start the sandbox in the app that runs."""
        if self.check_action("start_sandbox", ()):
            self.run_worker(self._start_sandbox(), name="sandbox", group="sandbox", exclusive=True, exit_on_error=False)

    async def _start_sandbox(self) -> None:
        if self._sandbox_on_demand is None or self._screens is None:
            return
        try:
            sandbox = await self._sandbox_on_demand()
        except NotOpened as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        self._modes_present = (*self._modes_present, "sandbox")
        self.add_mode("sandbox", await self._screens.add_sandbox(sandbox))
        self.notify("The sandbox runs. Screen 2 shows what it catches.", markup=False)

    # Faults

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A chore that failed is told; the app goes on."""
        if event.state is WorkerState.ERROR and event.worker.name != "open-screens":
            sentence = bug_sentence(event.worker.error, where=event.worker.name)
            self.notify(sentence, severity="error", timeout=10, markup=False)

    def _handle_exception(self, error: Exception) -> None:
        # In the place of Textual's, whose traceback shows local variables: passwords and messages.
        self._return_code = EX_SOFTWARE
        if self._exception is None:
            self._exit_renderables.append(Text(self._told(error)))
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _told(self, error: Exception) -> str:
        if self._environ.get(DEBUG) == "1":
            return "".join(traceback.format_exception(error)).rstrip()
        report = save_report(error, self._places.reports, datetime.now(UTC)) if self._places is not None else None
        return crash_sentence(error, report)


EX_IOERR = 74
"""The exit code for trouble with the machine's own input and output (sysexits.h)."""


def _commands() -> type[Provider]:
    # Imported only now, as all that comes with the screens.
    from smtptui.tui.frame.palette import Commands

    return Commands


def _real_run(request: "Request") -> "SessionRun":
    # Imported only now: the first paint does not wait for the engine.
    from smtptui.session import SessionRun

    return SessionRun(request)


def _real_screens(sandbox: "SandboxSource | None", sender: Sender) -> "Screens":
    # Imported only now: the first paint does not wait for the screens.
    from smtptui.tui.app.screens import make_screens

    return make_screens(sandbox, sender)
