"""What is asked before a session begins: consent and the secret, once, and never by itself."""

from pathlib import Path

import pytest

from smtptui.protocol import Credentials, Secret
from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.connect.secret_dialog import SecretDialog
from tests.servers.secret_service import SecretService
from tests.tui.connect.steps import opens, sees, told
from tests.tui.fake_run import Script
from tests.tui.harness import TUI, form, painted, said, scripted, session, type_text, until

PROFILES = """\
profiles:
  printer:
    host: printer.example.org
    port: 587
    tls: none
    user: printer
    password_env: PRINTER_PASSWORD
  relay:
    host: mail.example.org
    port: 587
    user: me
  trusting:
    host: mail.example.org
    port: 465
    verify: false
    user: me
    secret: ask
"""


@pytest.fixture
def kept(profiles_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRINTER_PASSWORD", "toner")
    profiles_file.parent.mkdir()
    profiles_file.write_text(PROFILES, "utf-8")
    return profiles_file


async def _ready(pilot: TUI, down: int) -> None:
    await pilot.press("f2", "home", *["down"] * down, "enter")
    await until(pilot, lambda: session(pilot).message.to.has_focus)
    session(pilot).message.sender.value = "me@example.org"
    session(pilot).message.to.value = "you@example.net"


async def _asks(pilot: TUI) -> str:
    await pilot.press("f5")
    await opens(pilot, ConfirmSend)
    await sees(pilot, "By  ")
    return " ".join(painted(pilot.app.screen.query_one(".dialog")).replace("│", " ").split())


async def test_a_login_in_the_clear_is_agreed_to_once_and_not_by_enter(kept: Path) -> None:
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 0)
        await sees(pilot, "! asks: login in the clear")
        assert "Logs in without TLS" in await _asks(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is session(pilot))
        await pilot.pause()
        assert not script.requests, "enter goes back"
        assert "Logs in without TLS" in await _asks(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "Accepted" in said(pilot))
        assert script.requests[0].connection.allow_clear_auth
        assert script.requests[0].credentials == Credentials("printer", password=Secret("toner"))
        # Agreed to for this sitting; that mail leaves is asked each time.
        assert "Logs in without TLS" not in await _asks(pilot)
        await pilot.press("y")
        await until(pilot, lambda: len(script.requests) == 2)
        assert script.requests[1].connection.allow_clear_auth
    assert kept.read_text() == PROFILES, "nothing is kept of that"


async def test_always_is_kept_in_the_profile(kept: Path) -> None:
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 0)
        await _asks(pilot)
        await pilot.press("a")
        await until(pilot, lambda: bool(script.requests))
        await told(pilot, "printer is kept")
    added = "    allow_clear_auth: true\n"
    assert kept.read_text().replace(added, "") == PROFILES
    async with scripted(script) as pilot:
        await _ready(pilot, 0)
        assert "Logs in without TLS" not in await _asks(pilot)


async def test_a_certificate_that_nobody_checks_needs_consent_for_a_login(kept: Path) -> None:
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 2)
        await sees(pilot, "! login, certificate unchecked")
        assert "goes to whoever answers as mail.example.org:465" in await _asks(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ConfirmSend), "no field of a profile says so"
        await pilot.press("n")
        await until(pilot, lambda: pilot.app.screen is session(pilot))
        assert not script.requests


async def test_the_secret_of_a_profile_goes_elsewhere_only_by_consent(kept: Path) -> None:
    async with scripted() as pilot:
        await _ready(pilot, 0)
        form(pilot).host.value = "elsewhere.example.org"
        question = await _asks(pilot)
        assert "The secret of printer goes to another server than its own: elsewhere.example.org:587" in question


async def test_a_keyring_that_is_absent_leads_to_the_question_and_says_why(kept: Path) -> None:
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 1)
        await _asks(pilot)
        await pilot.press("y")
        await opens(pilot, SecretDialog)
        await sees(pilot, "There is no keyring here")
        await type_text(pilot, "typed")
        await pilot.press("enter")
        await until(pilot, lambda: bool(script.requests))
        assert script.requests[0].credentials == Credentials("me", password=Secret("typed"))


async def test_who_types_nothing_sends_nothing(kept: Path) -> None:
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 1)
        await _asks(pilot)
        await pilot.press("y")
        await opens(pilot, SecretDialog)
        await pilot.press("enter")
        await sees(pilot, "Type the password")
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing was sent" in said(pilot))
        assert not script.requests


async def test_the_keyring_gives_the_secret(kept: Path, secret_service: SecretService, use_keyring: None) -> None:
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 1)
        await session(pilot).state.keyring.set(form(pilot).profile(), Secret("kept"))
        await _asks(pilot)
        await pilot.press("y")
        await until(pilot, lambda: bool(script.requests))
        assert script.requests[0].credentials == Credentials("me", password=Secret("kept"))


async def test_what_was_typed_can_go_into_the_keyring_and_is_taken_from_there(
    secret_service: SecretService, use_keyring: None
) -> None:
    script = Script()
    async with scripted(script) as pilot:
        form(pilot).fill_values({"host": "mail.example.org", "port": "587", "user": "me", "secret": "ask"})
        session(pilot).message.sender.value = "me@example.org"
        session(pilot).message.to.value = "you@example.net"
        await _asks(pilot)
        await pilot.press("y")
        await opens(pilot, SecretDialog)
        await type_text(pilot, "typed")
        await pilot.press("tab", "end", "shift+tab", "enter")
        await until(pilot, lambda: bool(script.requests))
        assert list(secret_service.entries().values()) == ["typed"]
        await until(pilot, lambda: form(pilot).secret.words == "keyring")
        await _asks(pilot)
        await pilot.press("y")
        await until(pilot, lambda: len(script.requests) == 2)
        assert script.requests[1].credentials == Credentials("me", password=Secret("typed"))


async def test_waiting_for_a_secret_is_seen_and_can_be_stopped(kept: Path) -> None:
    kept.write_text(PROFILES.replace("password_env: PRINTER_PASSWORD", "password_command: sleep 60", 1))
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 0)
        await _asks(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "Waiting for the command that prints the password of printer" in said(pilot))
        await until(pilot, lambda: "^c Stop" in painted(pilot.app.screen).splitlines()[-1])
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "Stopped. Nothing was sent" in said(pilot))
        assert not script.requests
        await until(pilot, lambda: "F5 Send" in painted(pilot.app.screen).splitlines()[-1])


async def test_a_variable_that_is_not_set_is_a_sentence(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRINTER_PASSWORD")
    script = Script()
    async with scripted(script) as pilot:
        await _ready(pilot, 0)
        await _asks(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "PRINTER_PASSWORD" in said(pilot))
        assert "is not set" in said(pilot)
        assert not script.requests
