"""The palette has every action that can be done now, in screens and dialogs."""

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList

from smtptui.protocol import Stage
from smtptui.tui.app.app import Workbench
from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.frame.palette import commands
from smtptui.tui.keys.registry import KEYS
from smtptui.tui.sandbox.sandbox_screen import SandboxScreen
from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.fake_run import Script
from tests.tui.harness import (
    TUI,
    FixedSandbox,
    by_palette,
    form,
    log,
    painted,
    said,
    scripted,
    session,
    type_text,
    until,
)


def _listed(pilot: TUI) -> set[str]:
    app = pilot.app
    assert isinstance(app, Workbench)
    return {command.text for command in commands(app.screen, app.keys)}


async def _palette(pilot: TUI, key: str = "ctrl+p") -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await until(pilot, lambda: pilot.app.screen.query_one(OptionList).option_count > 0)


async def test_every_action_of_the_registry_is_listed_somewhere() -> None:
    listed: set[str] = set()
    async with scripted(Script(hang_at=Stage.MAIL), later=FixedSandbox()) as pilot:
        listed |= _listed(pilot)
        await by_palette(pilot, "start the sandbox")
        await until(pilot, lambda: form(pilot).port.value == "8587")
        listed |= _listed(pilot)
        # With something in every pane there is something to do in every pane.
        await pilot.press("f5")
        await until(pilot, lambda: "Cancel the session that runs" in _listed(pilot))
        listed |= _listed(pilot)
        await until(pilot, lambda: "MAIL" in painted(log(pilot).badge))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "cancelled" in said(pilot))
        listed |= _listed(pilot)
        await pilot.press("2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SandboxScreen))
        listed |= _listed(pilot)
    # What needs a state of its own: a login refused, a profile chosen or changed, faults in a file.
    elsewhere = {
        "mend",
        "settings",
        "faults",
        "profile-edit",
        "profile-copy",
        "profile-remove",
        "profile-password",
        "connection-revert",
        "tls-follow",
        "close-bar",
        "next-hit",
        "previous-hit",
        "header-up",
        "header-down",
        "header-remove",
        "file-edit",
        "file-inline",
        "file-remove",
        "past",
        "palette",
    }
    missing = {key.id for key in KEYS if key.palette and key.description not in listed}
    assert missing <= elsewhere, missing - elsewhere


async def test_descriptions_tell_actions_apart() -> None:
    told = [(key.where, key.description) for key in KEYS if key.palette]
    assert len(set(told)) == len(told)


async def test_an_action_is_found_and_done() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        await by_palette(pilot, "send the message")
        await until(pilot, lambda: bool(script.requests))
        await by_palette(pilot, "go to the sandbox screen")
        await until(pilot, lambda: isinstance(pilot.app.screen, SandboxScreen))
        await by_palette(pilot, "go to the session screen")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))


async def test_those_of_the_pane_with_the_focus_come_first() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form(pilot).host.focus()
        await pilot.pause()
        assert next(iter(commands(session(pilot), KEYS))).hint.startswith("Connection")
        await _palette(pilot)
        assert "Connection" in painted(pilot.app.screen.query_one(OptionList)).splitlines()[0]


async def test_a_dialog_offers_its_own_actions_and_no_others() -> None:
    script = Script()
    async with scripted(script, sandbox=FixedSandbox()) as pilot:
        form(pilot).host.value, form(pilot).user.value = "mail.example.org", ""
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))
        listed = _listed(pilot)
        assert "Send the message" not in listed
        assert "Leave smtptui" in listed
        assert "Yes" in listed
        await by_palette(pilot, "yes")
        await until(pilot, lambda: bool(script.requests))


@pytest.mark.parametrize("key", ["ctrl+p", "colon"])
async def test_a_colon_opens_it_where_nothing_is_typed(key: str) -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f6")
        await _palette(pilot, key)
        # Once more, and there is still one.
        await pilot.press("ctrl+p", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))


async def test_the_theme_is_changed_by_it() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await _palette(pilot)
        await type_text(pilot, "change the theme")
        await until(pilot, lambda: "Change the theme" in painted(pilot.app.screen.query_one(OptionList)))
        await pilot.press("enter")
        await until(pilot, lambda: "Search for themes" in painted(pilot.app.screen))
        await type_text(pilot, "nord")
        await until(pilot, lambda: "nord" in painted(pilot.app.screen.query_one(OptionList)))
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.theme == "nord")
