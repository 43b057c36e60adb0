"""The help: about the pane with the focus, then all keys; searched and left by keyboard."""

import pytest

from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.connect.profile_editor import ProfileEditor
from smtptui.tui.frame.help_screen import HelpScreen
from smtptui.tui.frame.work_screen import WorkScreen
from smtptui.tui.keys.registry import KEYS
from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.harness import TUI, FixedSandbox, form, log, painted, scripted, session, type_text, until


async def _opened(pilot: TUI) -> str:
    await pilot.press("f1")
    await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
    await until(pilot, lambda: "Everywhere" in str(pilot.app.screen.query_one("#help-keys").render()))
    await pilot.pause(0.1)
    return painted(pilot.app.screen)


async def test_it_begins_with_the_pane_that_has_the_focus() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        log(pilot).view.focus()
        text = await _opened(pilot)
        assert "What was said and done" in text
        assert (
            text.index("Copy the current line") < text.index("Go to the list of profiles") if "Go to" in text else True
        )
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))
        assert log(pilot).view.has_focus
        form(pilot).host.focus()
        assert "Where the session goes" in await _opened(pilot)
        # The key that opened it closes it.
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))


async def test_every_pane_has_a_help_of_its_own() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        screen = session(pilot)
        for field in (screen.servers.list, screen.connection.host, screen.message.to, log(pilot).view):
            around = [node for node in field.ancestors_with_self if node not in (screen, pilot.app)]
            assert any(node.HELP for node in around), field
        await pilot.press("f6", "2")
        await until(pilot, lambda: getattr(pilot.app.screen, "mode", "") == "sandbox")
        assert pilot.app.screen.HELP


async def test_it_lists_every_key_that_exists_here() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await _opened(pilot)
        text = str(pilot.app.screen.query_one("#help-keys").render())
        for key in KEYS:
            if key.keys and key.where.name not in ("CAUGHT", "EDITOR"):
                assert key.description in text, key.id
        assert "Switch between parsed and raw" not in text


async def test_a_key_is_found_by_its_words() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await _opened(pilot)
        await pilot.press("slash")
        await type_text(pilot, "copy line")
        await until(pilot, lambda: "Send the message" not in painted(pilot.app.screen))
        assert "Copy the current line" in painted(pilot.app.screen)
        await type_text(pilot, "zzz")
        await until(pilot, lambda: "No key has these words" in painted(pilot.app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: "Several addresses" in painted(pilot.app.screen))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))


async def test_a_dialog_has_help_too() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        form(pilot).host.value = "mail.example.org"
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))
        text = await _opened(pilot)
        assert "This dialog" in text
        assert "Send the message" not in text, "it cannot be done from here"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))


async def test_in_a_dialog_its_own_keys_are_listed_and_found() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        session(pilot).servers.list.focus()
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProfileEditor))
        await _opened(pilot)
        text = str(pilot.app.screen.query_one("#help-keys").render())
        for line in ("ctrl+s F5", "Save the profile", "Leave the editor"):
            assert line in text
        assert "Focus Next" not in text
        await pilot.press("escape", "ctrl+p", *"preset")
        await until(pilot, lambda: "Start from a provider's preset" in painted(pilot.app.screen))


@pytest.mark.parametrize("key", ["question_mark"])
async def test_the_question_mark_is_typed_in_a_field_and_helps_elsewhere(key: str) -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("end", key)
        assert session(pilot).message.to.value.endswith("?")
        log(pilot).view.focus()
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        assert not isinstance(pilot.app.screen, WorkScreen)
