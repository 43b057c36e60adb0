"""Jumping by letters, at both sizes, and that no two things have one letter or one place."""

from itertools import pairwise

import pytest
from textual import events
from textual.widgets import Static

from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.frame.jump import JumpOverlay, lettered, spots
from smtptui.tui.sandbox.sandbox_screen import SandboxScreen
from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.harness import TUI, FixedSandbox, form, log, painted, scripted, session, until


async def _jump(pilot: TUI, letter: str) -> None:
    await pilot.press("ctrl+g")
    await until(pilot, lambda: isinstance(pilot.app.screen, JumpOverlay))
    await pilot.press(letter)
    await until(pilot, lambda: not isinstance(pilot.app.screen, JumpOverlay))
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_letter_goes_to_its_field(size: tuple[int, int]) -> None:
    async with scripted(sandbox=FixedSandbox(), size=size) as pilot:
        for letter, id in (("h", "host"), ("p", "port"), ("a", "auth"), ("j", "subject"), ("x", "body"), ("t", "to")):
            await _jump(pilot, letter)
            await until(pilot, lambda id=id: pilot.app.screen.focused.id == id)  # type: ignore[misc, union-attr]


async def test_a_letter_typed_while_jumping_goes_into_no_field() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        before = session(pilot).message.to.value
        await _jump(pilot, "h")
        assert form(pilot).host.value == "127.0.0.1"
        assert session(pilot).message.to.value == before


async def test_a_tab_is_opened_and_entered() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await _jump(pilot, "d")
        await until(pilot, lambda: session(pilot).message.tabs.current == "headers")
        await _jump(pilot, "z")
        await until(pilot, lambda: log(pilot).tabs.current == "tls")
        await until(pilot, lambda: log(pilot).size.height > 10)


async def test_a_closed_pane_is_opened_by_its_letter() -> None:
    async with scripted(sandbox=FixedSandbox(), size=(80, 24)) as pilot:
        await pilot.press("f6")
        await until(pilot, lambda: log(pilot).size.height > 10)
        await _jump(pilot, "m")
        await until(pilot, lambda: session(pilot).message.size.height > 10)
        assert session(pilot).message in session(pilot).focused.ancestors  # type: ignore[union-attr]


async def test_a_digit_goes_to_a_screen() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await _jump(pilot, "2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SandboxScreen))
        await _jump(pilot, "r")
        screen = pilot.app.screen
        assert isinstance(screen, SandboxScreen)
        assert screen.reading.has_focus


@pytest.mark.parametrize("leave", ["escape", "ctrl+g", "comma"])
async def test_escape_and_what_has_no_meaning_leave(leave: str) -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await _jump(pilot, leave)
        assert isinstance(pilot.app.screen, SessionScreen)
        assert session(pilot).message.to.has_focus


async def test_another_size_ends_it() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, JumpOverlay))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen))


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36), (200, 60)])
async def test_labels_can_be_told_apart_and_are_seen(size: tuple[int, int]) -> None:
    async with scripted(sandbox=FixedSandbox(), size=size) as pilot:
        found = lettered(spots(session(pilot)))
        assert len(found) == len(list(spots(session(pilot))))
        places = sorted((spot.place.y, spot.place.x) for spot in found.values())
        for (row, left), (other, right) in pairwise(places):
            assert row != other or left + 3 <= right, "labels overlap"
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, JumpOverlay))
        labels = list(pilot.app.screen.query(Static).filter(".jump-label"))
        assert {painted(label).strip() for label in labels} == set(found)
        for label in labels:
            assert label.region.right <= size[0]
            assert label.region.bottom <= size[1]


async def test_a_dialog_has_letters_too() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: pilot.app.screen.query("#help-page").first().has_focus)
        await _jump(pilot, "escape")
        assert pilot.app.screen.query("#help-page")


async def test_it_is_asked_before_a_send_whatever_was_jumped_to() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        await _jump(pilot, "h")
        form(pilot).host.value = "mail.example.org"
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmSend))


async def test_a_letter_typed_twice_quickly_jumps_once() -> None:
    async with scripted(sandbox=FixedSandbox()) as pilot:
        host = form(pilot).host
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, JumpOverlay))
        for _ in range(2):
            pilot.app.screen.post_message(events.Key("h", "h"))
        await until(pilot, lambda: pilot.app.screen.focused is host)
        assert isinstance(pilot.app.screen, SessionScreen)
