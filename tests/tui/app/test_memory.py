"""From one start to the next: the form, the theme and the settings; never a secret, never in the demo."""

import asyncio
import json
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Input

from smtptui.config import Places
from smtptui.tui.app.app import Workbench
from smtptui.tui.app.faults_dialog import FaultsDialog
from smtptui.tui.app.welcome import WelcomeScreen
from smtptui.tui.frame.footer import KeyFooter
from smtptui.tui.frame.help_screen import HelpScreen
from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.fake_run import Script
from tests.tui.harness import TUI, FixedSandbox, by_palette, form, painted, scripted, session, type_text, until
from tests.tui.places import places_in

PROFILES = "profiles:\n  office:\n    host: mail.example.org\n    port: 587\n    user: me@example.org\n"
SECRET = "tr0ub4dor&3"


def _everything_in(places: Places) -> str:
    return "\n".join(path.read_text() for path in places.data.parent.rglob("*") if path.is_file())


async def test_the_form_comes_back_without_its_secret(tmp_path: Path) -> None:
    places = places_in(tmp_path, profiles=PROFILES)
    async with scripted(places=places) as pilot:
        form(pilot).host.value = "relay.example.net"
        form(pilot).user.value = "me"
        session(pilot).message.sender.value = "Me <me@example.org>"
        session(pilot).message.to.value = "you@example.net"
        session(pilot).message.subject.value = "Héllo"
        session(pilot).message.body.text = "one\n\ntwo\n"
        await pilot.press("ctrl+g", "s")
        await until(pilot, lambda: form(pilot).secret.has_focus)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SessionScreen))
        await pilot.press("t")
        await until(pilot, lambda: bool(pilot.app.screen.query(Input)))
        pilot.app.screen.query_one(Input).value = SECRET
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        await pilot.press("ctrl+q")
    assert places.state.exists()
    assert SECRET not in _everything_in(places)
    async with scripted(places=places) as pilot:
        assert form(pilot).host.value == "relay.example.net"
        assert form(pilot).user.value == "me"
        assert session(pilot).message.sender.value == "Me <me@example.org>"
        assert session(pilot).message.to.value == "you@example.net"
        assert session(pilot).message.subject.value == "Héllo"
        assert session(pilot).message.body.text == "one\n\ntwo\n"
        assert "typed" not in painted(form(pilot).secret)


async def test_a_crash_costs_only_what_was_just_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtptui.tui.app.app.RHYTHM", 0.1)
    places = places_in(tmp_path, profiles=PROFILES)
    async with scripted(places=places) as pilot:
        session(pilot).message.subject.value = "Kept while it runs"
        await until(pilot, lambda: places.state.exists() and "Kept while it runs" in places.state.read_text())


@pytest.mark.parametrize("state", ["{", '{"format": 1, "form": {"connection": 7, "message": {"to": [1]}}}'])
async def test_a_state_that_makes_no_sense_keeps_nobody_out(tmp_path: Path, state: str) -> None:
    places = places_in(tmp_path, profiles=PROFILES)
    places.data.mkdir()
    places.state.write_text(state)
    async with scripted(places=places) as pilot:
        assert isinstance(pilot.app.screen, SessionScreen)
        assert session(pilot).message.to.value == ""
        if state == "{":
            await until(pilot, lambda: "the last form is lost" in " ".join(painted(pilot.app.screen).split()))


async def test_the_demo_neither_remembers_nor_recalls(tmp_path: Path) -> None:
    places = places_in(tmp_path, profiles=PROFILES)
    async with scripted(places=places) as pilot:
        session(pilot).message.subject.value = "Mine"
        await pilot.press("ctrl+q")
    async with scripted(places=places, sandbox=FixedSandbox()) as pilot:
        assert session(pilot).message.subject.value == "A first message"
        session(pilot).message.subject.value = "Only a demo"
        await pilot.press("ctrl+q")
    assert "Only a demo" not in _everything_in(places)
    async with scripted(places=places) as pilot:
        assert session(pilot).message.subject.value == "Mine"


async def test_whoever_wants_no_form_back_leaves_none_behind(tmp_path: Path) -> None:
    places = places_in(tmp_path, profiles=PROFILES)
    async with scripted(places=places) as pilot:
        session(pilot).message.subject.value = "Mine"
        await pilot.press("ctrl+q")
    places.settings.write_text("restore_form: no\n")
    async with scripted(places=places) as pilot:
        assert session(pilot).message.subject.value == ""
        session(pilot).message.subject.value = "Not this either"
        await pilot.press("ctrl+q")
    assert "Mine" not in _everything_in(places)
    assert "Not this either" not in _everything_in(places)


async def test_a_theme_chosen_in_the_app_holds_until_the_file_names_another(tmp_path: Path) -> None:
    comment = "# mine, with a comment\ntheme: nord\n"
    places = places_in(tmp_path, profiles=PROFILES, settings=comment)

    async def opened_with(choose: str | None = None) -> str:
        async with scripted(places=places) as pilot:
            found = pilot.app.theme
            if choose is not None:
                pilot.app.theme = choose
            await pilot.press("ctrl+q")
            return found

    assert await opened_with(choose="dracula") == "nord"
    assert await opened_with() == "dracula"
    assert places.settings.read_text() == comment, "the user's file is never written"
    places.settings.write_text("theme: gruvbox\n")
    assert await opened_with() == "gruvbox"
    assert await opened_with() == "gruvbox"
    # A theme that is gone is no reason not to start.
    state = json.loads(places.state.read_text())
    state["theme"]["name"] = "no such theme"
    places.state.write_text(json.dumps(state))
    assert await opened_with() in App().available_themes | {"smtptui": None}


async def test_remapped_keys_hold_in_footer_help_and_palette(tmp_path: Path) -> None:
    settings = "keymap:\n  send: f9\n  sandbox: f8\n  start-sandbox: alt+s\n  palette: ctrl+l\n"
    script = Script()
    places = places_in(tmp_path, profiles=PROFILES, settings=settings)
    async with scripted(script, places=places, later=FixedSandbox()) as pilot:
        await until(pilot, lambda: "F9 Send" in painted(session(pilot).query_one(KeyFooter)))
        assert "Send F9" in painted(form(pilot))
        assert "^l All" in painted(session(pilot).query_one(KeyFooter))
        await pilot.press("alt+s")
        await until(pilot, lambda: form(pilot).port.value == "8587")
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        text = str(pilot.app.screen.query_one("#help-keys").render())
        assert "F9                Send the message" in text
        assert "ctrl+r" not in text
        await pilot.press("escape", "f5", "ctrl+r")
        await pilot.pause(0.2)
        assert not script.requests, "the old keys do nothing"
        # In a field, where the old key of this action was a digit.
        assert isinstance(session(pilot).focused, Input)
        await pilot.press("f8")
        await until(pilot, lambda: getattr(pilot.app.screen, "mode", "") == "sandbox")
        await pilot.press("1")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        await pilot.press("f9")
        await until(pilot, lambda: bool(script.requests))


async def test_what_is_wrong_with_the_settings_is_said_first_and_the_app_goes_on(tmp_path: Path) -> None:
    settings = "theme: blau\nkeymap:\n  send: f9\n"
    places = places_in(tmp_path, profiles=PROFILES, settings=settings)
    async with scripted(places=places, size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, FaultsDialog))
        await until(pilot, lambda: "settings.yaml" in painted(pilot.app.screen))
        text = " ".join(painted(pilot.app.screen).split())
        assert "settings.yaml" in text
        assert "line 1: theme: blau is not allowed" in text
        assert "defaults hold" in text
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        assert pilot.app.theme == "smtptui"
        # Once more, by the palette.
        await by_palette(pilot, "wrong with the settings")
        await until(pilot, lambda: isinstance(pilot.app.screen, FaultsDialog))


async def test_many_faults_can_be_read_to_the_last(tmp_path: Path) -> None:
    settings = "keymap:\n" + "".join(f"  nonsense{number}: f9\n" for number in range(40))
    async with scripted(places=places_in(tmp_path, profiles=PROFILES, settings=settings), size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, FaultsDialog))
        await until(pilot, lambda: "defaults hold" in painted(pilot.app.screen))
        await pilot.press("end")
        await until(pilot, lambda: "nonsense39" in painted(pilot.app.screen))


async def test_a_send_to_the_sandbox_is_asked_about_if_the_settings_say_so(tmp_path: Path) -> None:
    script = Script()
    places = places_in(tmp_path, profiles=PROFILES, settings="confirm_send: always\n")
    async with scripted(script, places=places, sandbox=FixedSandbox()) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: "Send for real?" in painted(pilot.app.screen))
        assert not script.requests
        await pilot.press("y")
        await until(pilot, lambda: bool(script.requests))


# The first start


async def _welcomed(pilot: TUI) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, WelcomeScreen))
    await pilot.pause()


async def test_who_was_never_here_is_led_to_the_sandbox(tmp_path: Path) -> None:
    script = Script()
    async with scripted(script, places=places_in(tmp_path), later=FixedSandbox(), size=(80, 24)) as pilot:
        await _welcomed(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen) and form(pilot).port.value == "8587")
        await until(pilot, lambda: "2 Sandbox" in painted(session(pilot).top))
        assert session(pilot).message.subject.value == "A first message"
        await pilot.press("f5")
        await until(pilot, lambda: bool(script.requests))
        await pilot.press("2")
        await until(pilot, lambda: getattr(pilot.app.screen, "mode", "") == "sandbox")
        assert "1 Session" in painted(pilot.app.screen)


async def test_a_provider_fills_the_connection(tmp_path: Path) -> None:
    async with scripted(places=places_in(tmp_path), later=FixedSandbox(), size=(80, 24)) as pilot:
        await _welcomed(pilot)
        await pilot.press("2")
        await until(pilot, lambda: bool(pilot.app.screen.query("#preset-filter")))
        await until(pilot, lambda: pilot.app.screen.query("#preset-filter").first().has_focus)
        await type_text(pilot, "fastmail")
        await until(pilot, lambda: "smtp.fastmail.com" in painted(pilot.app.screen.query_one("#preset-list")))
        await until(pilot, lambda: "smtp.gmail.com" not in painted(pilot.app.screen.query_one("#preset-list")))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        await until(pilot, lambda: form(pilot).host.value == "smtp.fastmail.com")


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("me@gmail.com", "smtp.gmail.com", "587"),
        ("me@example.org", "mail.example.org", "587"),
        ("mail.example.org:2525", "mail.example.org", "2525"),
        ("mail.example.org", "mail.example.org", "587"),
    ],
)
async def test_an_address_or_a_host_fills_the_connection(tmp_path: Path, typed: str, host: str, port: str) -> None:
    async with scripted(places=places_in(tmp_path), later=FixedSandbox()) as pilot:
        await _welcomed(pilot)
        await pilot.press("3")
        pilot.app.screen.query_one(Input).value = "not a@@"
        await pilot.press("enter")
        await until(pilot, lambda: "✗" in painted(pilot.app.screen))
        pilot.app.screen.query_one(Input).value = typed
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        await until(pilot, lambda: form(pilot).host.value == host)
        assert form(pilot).port.value in (port, "465")


async def test_it_is_not_asked_twice_nor_of_those_who_have_profiles(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    async with scripted(places=places, later=FixedSandbox()) as pilot:
        await _welcomed(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        await pilot.press("ctrl+q")
    async with scripted(places=places, later=FixedSandbox()) as pilot:
        assert isinstance(pilot.app.screen, SessionScreen)
    async with scripted(places=places_in(tmp_path / "other", profiles=PROFILES)) as pilot:
        assert isinstance(pilot.app.screen, SessionScreen)


async def test_a_sandbox_that_cannot_start_is_told(tmp_path: Path) -> None:
    from smtptui.tui.app.app import NotOpened

    async def cannot() -> FixedSandbox:
        raise NotOpened("The sandbox cannot start: no ports are left.")

    async with scripted(later=FixedSandbox()) as pilot:
        app = pilot.app
        assert isinstance(app, Workbench)
        app._sandbox_on_demand = cannot
        app.action_start_sandbox()
        await until(pilot, lambda: "no ports are left" in painted(pilot.app.screen))
        assert isinstance(pilot.app.screen, SessionScreen)
        await asyncio.sleep(0)
