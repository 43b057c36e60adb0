"""The screens of the app and what they need; loaded after the first paint, since the engine comes with it."""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from textual.screen import Screen

from smtptui.config import profiles_file
from smtptui.message import Draft
from smtptui.profiles import Keyring, Profile, ProfileStore
from smtptui.protocol import Secret, TlsMode
from smtptui.tui.app.faults_dialog import FaultsDialog
from smtptui.tui.app.settings import Confirm, Settings
from smtptui.tui.app.welcome import Begin, Way, WelcomeScreen
from smtptui.tui.connect import PresetsPicker, Server, SessionState
from smtptui.tui.frame.help_screen import HelpScreen, help_for
from smtptui.tui.frame.jump import JumpOverlay
from smtptui.tui.frame.work_screen import WorkScreen
from smtptui.tui.keys.registry import Key
from smtptui.tui.runs.sender import Sender
from smtptui.tui.sandbox.sandbox_screen import SandboxScreen
from smtptui.tui.sandbox.sandbox_source import SandboxSource
from smtptui.tui.session.session_screen import SessionScreen

SAMPLE = Draft(
    sender="Me <me@example.org>",
    to=("you@example.net",),
    subject="A first message",
    text="Hello,\n\nthis goes no further than the sandbox.\n",
)
"""What the form holds when the app opens on its sandbox, so that one key shows a session."""


class Screens:
    """The screens by the names of their modes, the app's own dialogs, and the sandbox if it comes later."""

    def __init__(self, session: SessionScreen, state: SessionState) -> None:
        self.session = session
        self.by_mode: dict[str, Callable[[], WorkScreen]] = {"session": lambda: session}
        self._state = state

    def apply(self, settings: Settings) -> None:
        """Take what the settings say about the screens."""
        self._state.credentials.ask_always = settings.confirm_send is Confirm.ALWAYS

    # Dialogs

    def help(self, screen: Screen[Any], keys: Sequence[Key], present: frozenset[str]) -> None:
        """Show the help for where the focus is, or close it."""
        if isinstance(screen, HelpScreen | JumpOverlay):
            screen.dismiss(None)
        else:
            screen.app.push_screen(HelpScreen(help_for(screen, keys, present)))

    def jump(self, screen: Screen[Any]) -> None:
        """Put letters on a screen, or take them away."""
        if isinstance(screen, JumpOverlay):
            screen.dismiss(None)
        else:
            screen.app.push_screen(JumpOverlay(screen))

    def faults(self, sentences: Sequence[str]) -> FaultsDialog:
        """What is wrong with the settings."""
        return FaultsDialog("Settings", sentences, "Mend the file and start smtptui again; until then defaults hold.")

    def welcome(self, *, sandbox: bool) -> WelcomeScreen:
        """Ways to begin; ``sandbox`` tells whether there is one to start."""
        return WelcomeScreen(sandbox=sandbox)

    def begin(self, begin: Begin, start_sandbox: Callable[[], object]) -> None:
        """Go the way that was chosen."""
        session, controller = self.session, self.session.controller
        match begin.way:
            case Way.SANDBOX:
                start_sandbox()
            case Way.PRESET:
                session.app.push_screen(
                    PresetsPicker(),
                    lambda picked: controller.begin_with(picked) if picked is not None else None,
                )
            case Way.ADDRESS:
                session.begin_with_address(begin.text)
            case Way.HOST:
                controller.begin_with_host(begin.text, begin.port)

    # The sandbox

    def show_sandbox(self, sandbox: SandboxSource, own: Sequence[Server]) -> None:
        """Make its screen, and know the password that logs in there."""
        self.by_mode["sandbox"] = lambda: SandboxScreen(tuple(self.by_mode), sandbox)
        for server in own:
            if server.profile.user:
                # Everybody may know it: the sandbox shows it on its screen.
                self._state.credentials.keep(server.profile, Secret(sandbox.password))

    async def add_sandbox(self, sandbox: SandboxSource) -> Callable[[], WorkScreen]:
        """A sandbox that was started later: the Session screen learns of it; returns how to make its own screen."""
        own = sandbox_servers(sandbox)
        self.show_sandbox(sandbox, own)
        await self.session.top.show(tuple(self.by_mode))
        self.session.know_own(own, SAMPLE)
        return self.by_mode["sandbox"]


def make_screens(
    sandbox: SandboxSource | None,
    sender: Sender,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    random_token: Callable[[], str] = lambda: secrets.token_hex(8),
    environ: Mapping[str, str] | None = None,
) -> Screens:
    """The screens for an app with this sandbox, or with none. ``environ`` is this process's unless told."""
    environ = os.environ if environ is None else environ
    own = sandbox_servers(sandbox) if sandbox is not None else ()
    state = SessionState(ProfileStore(profiles_file(environ)), Keyring(environ), environ, own)
    session = SessionScreen(
        ("session", "sandbox") if sandbox is not None else ("session",),
        sender,
        state,
        now=now,
        random_token=random_token,
        draft=SAMPLE if sandbox is not None else None,
    )
    made = Screens(session, state)
    if sandbox is not None:
        made.show_sandbox(sandbox, own)
    return made


def sandbox_servers(sandbox: SandboxSource) -> tuple[Server, ...]:
    """The sandbox's listeners; the first is the one to begin with."""
    ports, ca_file = sandbox.ports, sandbox.ca_file

    def server(name: str, port: int, tls: TlsMode, user: str = "") -> Server:
        return Server(Profile(name=name, host="127.0.0.1", port=port, tls=tls, user=user, ca_file=ca_file), own=True)

    return (
        server("sandbox submission", ports.submission, TlsMode.STARTTLS, sandbox.user),
        server("sandbox relay", ports.smtp, TlsMode.OPPORTUNISTIC),
        server("sandbox smtps", ports.smtps, TlsMode.IMPLICIT, sandbox.user),
    )
