"""The app: themes, screens, and the actions that work everywhere."""

import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from textual.actions import parse
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from smtptui.message import Draft
from smtptui.protocol import Secret, TlsMode
from smtptui.session import SessionRun
from smtptui.tui.dialogs import HelpScreen
from smtptui.tui.keys import KEYS, Where, bindings
from smtptui.tui.sandbox_screen import SandboxScreen
from smtptui.tui.sandbox_source import SandboxSource
from smtptui.tui.sender import MakeRun, Sender, Spawn
from smtptui.tui.servers import Server
from smtptui.tui.session_screen import SessionScreen
from smtptui.tui.theme import DARK, LIGHT, outcome_colours
from smtptui.tui.work_screen import WorkScreen

SAMPLE = Draft(
    sender="Me <me@example.org>",
    to=("you@example.net",),
    subject="A first message",
    text="Hello,\n\nthis goes no further than the sandbox.\n",
)
"""What the form holds when the app opens on its sandbox, so that one key shows a session."""


class Workbench(App[None]):
    """The workbench. ``spawn`` starts the engine's tasks in a group that outlives the screens."""

    TITLE = "smtptui"
    CSS_PATH = "styles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.APP)
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - declared by Textual
        (0, "-too-narrow"),
        (60, "-narrow"),
        (100, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (16, "-low"), (30, "-high")]  # noqa: RUF012

    def __init__(
        self,
        *,
        spawn: Spawn,
        sandbox: SandboxSource | None = None,
        make_run: MakeRun = SessionRun,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        random_token: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        super().__init__()
        self.sender = Sender(spawn, make_run)
        self._sandbox = sandbox
        self._now = now
        self._random_token = random_token
        self._modes_present = ("session", "sandbox") if sandbox is not None else ("session",)
        self.add_mode("session", self._session_screen)
        if sandbox is not None:
            self.add_mode("sandbox", partial(SandboxScreen, self._modes_present, sandbox))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of outcomes for themes that are not ours."""
        return outcome_colours(dark=self.current_theme.dark)

    def on_mount(self) -> None:
        """Put on the theme and open the first screen."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.switch_mode("session")

    def _session_screen(self) -> SessionScreen:
        return SessionScreen(
            self._modes_present,
            self.sender,
            sandbox_servers(self._sandbox) if self._sandbox is not None else (),
            now=self._now,
            random_token=self._random_token,
            draft=SAMPLE if self._sandbox is not None else None,
        )

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
                yield SystemCommand(
                    key.description, f"{key.where} · {key.display}", partial(_act, self, node, key.action)
                )
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
            self.notify("Nothing runs. ctrl+q leaves smtptui.")

    def action_help(self) -> None:
        """Every key that exists here."""
        screen = self.screen
        if isinstance(screen, WorkScreen):
            places = {where for where in Where if where is Where.LIST or screen.owner(where) is not None}
            present = frozenset(
                key.id
                for key in KEYS
                if key.where in places and not (key.action.startswith("mode") and len(self._modes_present) < 2)
            )
            self.push_screen(HelpScreen(present))


async def _act(app: Workbench, node: object, action: str) -> None:
    await app.run_action(action, default_namespace=node)  # type: ignore[arg-type]


def sandbox_servers(sandbox: SandboxSource) -> tuple[Server, ...]:
    """The sandbox's listeners; the first is the one to begin with."""
    password = Secret(sandbox.password)
    ports = sandbox.ports
    return (
        Server(
            "sandbox submission",
            "127.0.0.1",
            ports.submission,
            TlsMode.STARTTLS,
            user=sandbox.user,
            password=password,
            ca_file=sandbox.ca_file,
            own=True,
        ),
        Server("sandbox relay", "127.0.0.1", ports.smtp, TlsMode.OPPORTUNISTIC, ca_file=sandbox.ca_file, own=True),
        Server(
            "sandbox smtps",
            "127.0.0.1",
            ports.smtps,
            TlsMode.IMPLICIT,
            user=sandbox.user,
            password=password,
            ca_file=sandbox.ca_file,
            own=True,
        ),
    )
