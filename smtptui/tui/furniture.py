"""The screens of the app and what they need; loaded after the first paint, since the engine comes with it."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from smtptui.config import profiles_file
from smtptui.message import Draft
from smtptui.profiles import Keyring, Profile, ProfileStore
from smtptui.protocol import Secret, TlsMode
from smtptui.tui.dialogs import HelpScreen
from smtptui.tui.profiles import Desk, Server
from smtptui.tui.sandbox_screen import SandboxScreen
from smtptui.tui.sandbox_source import SandboxSource
from smtptui.tui.sender import Sender
from smtptui.tui.session_screen import SessionScreen
from smtptui.tui.work_screen import WorkScreen

SAMPLE = Draft(
    sender="Me <me@example.org>",
    to=("you@example.net",),
    subject="A first message",
    text="Hello,\n\nthis goes no further than the sandbox.\n",
)
"""What the form holds when the app opens on its sandbox, so that one key shows a session."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """How to make each screen, by the name of its mode, and the help."""

    screens: dict[str, Callable[[], WorkScreen]]
    help: Callable[[frozenset[str]], HelpScreen]


def furniture(
    sandbox: SandboxSource | None,
    sender: Sender,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    random_token: Callable[[], str] = lambda: secrets.token_hex(8),
    environ: Mapping[str, str] | None = None,
) -> Furniture:
    """The screens for an app with this sandbox, or with none. ``environ`` is this process's unless told."""
    environ = os.environ if environ is None else environ
    own = sandbox_servers(sandbox) if sandbox is not None else ()
    desk = Desk(ProfileStore(profiles_file(environ)), Keyring(environ), environ, own)
    for server in own:
        if sandbox is not None and server.profile.user:
            # Everybody may know it: the sandbox shows it on its screen.
            desk.sitting.keep(server.profile, Secret(sandbox.password))
    modes = ("session", "sandbox") if sandbox is not None else ("session",)

    def session() -> WorkScreen:
        return SessionScreen(
            modes,
            sender,
            desk,
            now=now,
            random_token=random_token,
            draft=SAMPLE if sandbox is not None else None,
        )

    screens: dict[str, Callable[[], WorkScreen]] = {"session": session}
    if sandbox is not None:
        screens["sandbox"] = lambda: SandboxScreen(modes, sandbox)
    return Furniture(screens, HelpScreen)


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
