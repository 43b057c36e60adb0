"""The controller serves any screen: one that is no Session screen asks it for what a session begins with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from smtptui.profiles import Keyring, Profile, ProfileStore
from smtptui.protocol import Credentials, Secret, TlsMode
from smtptui.session import Request
from smtptui.tui.connect import ConnectionController, Server, SessionState
from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.connect.login_flow import Admitted
from smtptui.tui.connect.secret_dialog import SecretDialog
from smtptui.tui.keys.registry import KEYS
from tests.tui.connect.steps import opens
from tests.tui.harness import type_text, until

PRINTER = Profile(name="printer", host="printer.example.org", port=587, tls=TlsMode.NONE, user="me", secret="ask")


class OtherScreen(Screen[None]):
    """Rows, list and bar of the controller, in another order than on the Session screen, and nothing else."""

    def __init__(self, state: SessionState) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tests: list[Request] = []
        self.admitted: list[Admitted | None] = []
        self.controller = ConnectionController(state, busy=lambda: False, begin_test=self.tests.append)

    def compose(self) -> ComposeResult:
        with self.controller as controller:
            yield controller.form
            yield controller.outcome
            yield controller.servers

    @on(ConnectionController.TargetChanged)
    def _target_changed(self, event: ConnectionController.TargetChanged) -> None:
        self.targets.append(event.label)

    def begin(self, recipients: tuple[str, ...] | None) -> None:
        self.controller.prepare(self._begin(recipients))

    async def _begin(self, recipients: tuple[str, ...] | None) -> None:
        self.admitted.append(await self.controller.admit(self.controller.candidate(), recipients))


class OtherApp(App[None]):
    """An app with that screen alone."""

    keys: ClassVar = KEYS

    def __init__(self, screen: OtherScreen) -> None:
        super().__init__()
        self.only = screen

    async def on_mount(self) -> None:
        await self.push_screen(self.only)


@asynccontextmanager
async def other(profiles_file: Path) -> AsyncIterator[tuple[Pilot[None], OtherScreen]]:
    state = SessionState(ProfileStore(profiles_file), Keyring({}), {})
    screen = OtherScreen(state)
    async with OtherApp(screen).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: pilot.app.screen is screen and screen.is_mounted)
        screen.controller.fill(Server(PRINTER))
        yield pilot, screen


async def test_another_screen_gets_connection_and_credentials_after_consent_and_secret(profiles_file: Path) -> None:
    async with other(profiles_file) as (pilot, screen):
        screen.begin(("you@example.net",))
        await opens(pilot, ConfirmSend)
        await pilot.press("y")
        await opens(pilot, SecretDialog)
        assert screen.controller.preparing
        await type_text(pilot, "toner")
        await pilot.press("enter")
        await until(pilot, lambda: bool(screen.admitted))
        (admitted,) = screen.admitted
        assert admitted is not None
        assert admitted.connection.label == "printer.example.org:587"
        assert admitted.connection.allow_clear_auth, "agreed to"
        assert admitted.credentials == Credentials("me", password=Secret("toner"))
        assert screen.controller.form.secret.words == "typed"
        # Consent and secret hold until the app is left: a login without mail asks nothing any more.
        screen.begin(None)
        await until(pilot, lambda: len(screen.admitted) == 2)
        assert screen.admitted[1] == admitted


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_another_screen_gets_nothing_where_consent_is_refused(profiles_file: Path, key: str) -> None:
    async with other(profiles_file) as (pilot, screen):
        screen.begin(None)
        await opens(pilot, ConfirmSend)
        await pilot.press(key)
        await until(pilot, lambda: bool(screen.admitted))
        assert screen.admitted == [None]


async def test_another_screen_begins_login_tests(profiles_file: Path) -> None:
    async with other(profiles_file) as (pilot, screen):
        screen.controller.form.user.focus()
        screen.controller.form.action_test()
        await opens(pilot, ConfirmSend)
        await pilot.press("y")
        await opens(pilot, SecretDialog)
        await type_text(pilot, "toner")
        await pilot.press("enter")
        await until(pilot, lambda: bool(screen.tests))
        assert screen.tests[0].credentials == Credentials("me", password=Secret("toner"))
        assert not screen.tests[0].envelope.recipients


async def test_another_screen_hears_where_the_rows_lead_whoever_filled_them(profiles_file: Path) -> None:
    profiles_file.parent.mkdir()
    profiles_file.write_text("profiles:\n  relay:\n    host: mail.example.org\n    port: 587\n", "utf-8")
    async with other(profiles_file) as (pilot, screen):
        await until(pilot, lambda: bool(screen.targets) and "printer.example.org:587" in screen.targets[-1])
        screen.controller.toggle_servers()
        await pilot.press("enter")
        await until(pilot, lambda: screen.targets[-1] == "relay · mail.example.org:587")


async def test_the_work_of_another_screen_can_be_stopped(profiles_file: Path) -> None:
    async with other(profiles_file) as (pilot, screen):
        started = asyncio.Event()

        async def forever() -> None:
            started.set()
            await asyncio.Event().wait()

        screen.controller.prepare(forever())
        await started.wait()
        assert screen.controller.preparing
        screen.controller.stop_preparing()
        await until(pilot, lambda: not screen.controller.preparing)
        assert "Stopped. Nothing was sent." in str(screen.controller.outcome.content)
