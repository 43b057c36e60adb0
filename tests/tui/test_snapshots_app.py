"""Pictures of what belongs to the whole app: help, jumping, palette, first start, settings, themes."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList, TextArea

from smtptui.tui.app.app import Workbench
from smtptui.tui.app.faults_dialog import FaultsDialog
from smtptui.tui.app.welcome import WelcomeScreen
from smtptui.tui.frame.help_screen import HelpScreen
from smtptui.tui.frame.jump import JumpOverlay
from tests.tui.fake_run import REFUSED, Script
from tests.tui.harness import TUI, FixedSandbox, form, furnished, log, opened, painted, said, until, workbench
from tests.tui.places import places_in

Snap = Callable[..., bool]
Act = Callable[[TUI], Awaitable[None]]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
SETTINGS = """\
theme: blau
confirm_send: sometimes
keymap: [f9]
"""


@pytest.fixture(autouse=True)
def _in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def _app(script: Script | None = None) -> Workbench:
    return workbench(lambda work: asyncio.get_running_loop().create_task(work), script, sandbox=FixedSandbox())


def _first_start(directory: Path, settings: str | None = None) -> Workbench:
    return workbench(
        lambda work: asyncio.get_running_loop().create_task(work),
        later=FixedSandbox(),
        places=places_in(directory, settings=settings),
    )


def _still(act: Act, begin: Act = opened) -> Act:
    async def run(pilot: TUI) -> None:
        await begin(pilot)
        _stop_blinking(pilot)
        await act(pilot)
        _stop_blinking(pilot)
        await pilot.pause()

    return run


def _stop_blinking(pilot: TUI) -> None:
    for screen in pilot.app.screen_stack:
        for field in screen.query(Input):
            field.cursor_blink = False
        for area in screen.query(TextArea):
            area.cursor_blink = False


async def _help(pilot: TUI, says: str) -> None:
    await pilot.press("f1")
    await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen) and says in painted(pilot.app.screen))


@SIZES
def test_help_of_the_log(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        view = log(pilot).view
        view.focus()
        # What is below the help is in the picture, too: the log has opened by then.
        await until(pilot, lambda: view.has_focus and view.size.height > 3)
        await pilot.pause()
        await _help(pilot, "What was said and done")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_help_of_the_connection(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        form(pilot).host.focus()
        await _help(pilot, "Where the session goes")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_help_of_the_profiles(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2")
        await _help(pilot, "Servers one knows")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


def test_help_searched(snap_compare: Snap) -> None:
    async def act(pilot: TUI) -> None:
        await _help(pilot, "Several addresses")
        await pilot.press("slash", *"copy")
        await until(pilot, lambda: "Copy the current line" in painted(pilot.app.screen))

    assert snap_compare(_app(), terminal_size=(80, 24), run_before=_still(act))


@pytest.mark.parametrize("colour", [True, False], ids=["dark", "nocolor"])
@SIZES
def test_jump(snap_compare: Snap, size: tuple[int, int], colour: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")

    async def act(pilot: TUI) -> None:
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, JumpOverlay))
        await until(pilot, lambda: "Type a letter" in painted(pilot.app.screen))

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_palette(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await until(pilot, lambda: pilot.app.screen.query_one(OptionList).option_count > 5)
        assert "Go to the header fields" in painted(pilot.app.screen)

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_first_start(snap_compare: Snap, size: tuple[int, int], tmp_path: Path) -> None:
    async def act(pilot: TUI) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, WelcomeScreen))
        assert "The sandbox" in painted(pilot.app.screen)

    assert snap_compare(_first_start(tmp_path), terminal_size=size, run_before=_still(act, furnished))


def test_first_start_with_a_place_that_cannot_be(snap_compare: Snap, tmp_path: Path) -> None:
    async def act(pilot: TUI) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, WelcomeScreen))
        await pilot.press("3", *"host", "colon", *"99999", "enter")
        await until(pilot, lambda: "99999 is no port" in painted(pilot.app.screen))

    assert snap_compare(_first_start(tmp_path), terminal_size=(80, 24), run_before=_still(act, furnished))


@SIZES
def test_faults_in_the_settings(
    snap_compare: Snap, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The picture is not to show where the test ran.
    monkeypatch.chdir(tmp_path)

    async def act(pilot: TUI) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, FaultsDialog))
        await until(pilot, lambda: "line 2: confirm_send: sometimes" in painted(pilot.app.screen))

    app = _first_start(Path(), SETTINGS)
    assert snap_compare(app, terminal_size=size, run_before=_still(act, furnished))


@pytest.mark.parametrize("theme", ["smtptui-light", "ansi-dark", "ansi-light", "nord"])
def test_themes(snap_compare: Snap, theme: str) -> None:
    async def act(pilot: TUI) -> None:
        pilot.app.theme = theme
        await pilot.press("f5")
        await until(pilot, lambda: "refused" in said(pilot))
        await until(pilot, lambda: "F5 Send" in painted(pilot.app.screen))
        assert "✗ 550 5.1.1" in painted(log(pilot))

    assert snap_compare(_app(Script(rcpt=REFUSED)), terminal_size=(120, 36), run_before=_still(act))


def test_too_small_for_a_dialog(snap_compare: Snap) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await until(pilot, lambda: "Too small: 50x12" in painted(pilot.app.screen))

    assert snap_compare(_app(), terminal_size=(50, 12), run_before=_still(act))
