"""The screens of the app and what they need; loaded after the first paint, since the engine comes with it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from smtptui.message import Draft
from smtptui.protocol import Secret, TlsMode
from smtptui.tui.dialogs import HelpScreen
from smtptui.tui.sandbox_screen import SandboxScreen
from smtptui.tui.sandbox_source import SandboxSource
from smtptui.tui.sender import Sender
from smtptui.tui.servers import Server
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
) -> Furniture:
    """The screens for an app with this sandbox, or with none."""
    modes = ("session", "sandbox") if sandbox is not None else ("session",)

    def session() -> WorkScreen:
        return SessionScreen(
            modes,
            sender,
            sandbox_servers(sandbox) if sandbox is not None else (),
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
