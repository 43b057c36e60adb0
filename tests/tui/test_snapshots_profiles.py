"""Pictures of the list, the editor, the presets, the connection rows and the dialogs around a login."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Input, TextArea

from smtptui.tui.connect.confirm_send import ConfirmSend
from smtptui.tui.connect.presets_picker import PresetsPicker
from smtptui.tui.connect.profile_editor import ProfileEditor
from smtptui.tui.connect.secret_dialog import SecretDialog
from smtptui.tui.widgets.question import Question
from tests.tui.connect.steps import enters, opens, sees
from tests.tui.fake_run import Script
from tests.tui.harness import TUI, FixedSandbox, form, opened, painted, said, session, type_text, until, workbench

Snap = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
PROFILES = """\
profiles:
  office relay:
    host: mail.example.org
    port: 587
    user: me@example.org
    from: Me <me@example.org>
    color: blue
    limits: {per_minute: 30}
  ses eu-west-1:
    host: email-smtp.eu-west-1.amazonaws.com
    port: 587
    user: AKIAEXAMPLE
    secret: ask
    color: pink
  postfix local:
    host: localhost
    port: 25
    color: cyan
  old printer:
    host: printer.example.org
    port: 587
    tls: none
    user: printer
    secret: ask
    color: grey
"""
BROKEN = """\
profiles:
  office relay:
    host: mail.example.org
  broken:
    host: mail.example.org
    port: 66000
    tls: sometimes
    password: hunter2
"""


@pytest.fixture(autouse=True)
def _dark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def kept(profiles_file: Path) -> Path:
    """A file with four profiles."""
    profiles_file.parent.mkdir()
    profiles_file.write_text(PROFILES, "utf-8")
    return profiles_file


def _app(script: Script | None = None, *, sandbox: bool = False) -> App[None]:
    return workbench(
        lambda work: asyncio.get_running_loop().create_task(work),
        script,
        sandbox=FixedSandbox() if sandbox else None,
    )


def _still(act: Callable[[TUI], Awaitable[None]]) -> Callable[[TUI], Awaitable[None]]:
    async def run(pilot: TUI) -> None:
        await opened(pilot)
        await act(pilot)
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False
        for area in pilot.app.screen.query(TextArea):
            area.cursor_blink = False
        pilot.app.clear_notifications()
        await pilot.pause()

    return run


@SIZES
def test_list(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "end", "up", "up", "up")
        await sees(pilot, "mail.example.org:587")
        await sees(pilot, "e Edit")

    assert snap_compare(_app(sandbox=True), terminal_size=size, run_before=_still(act))


def test_list_without_colour(snap_compare: Snap, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "end")
        await sees(pilot, "▌old printer")

    assert snap_compare(_app(), terminal_size=(120, 36), run_before=_still(act))


@SIZES
def test_list_empty(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2")
        await sees(pilot, "No profiles yet")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_faults(snap_compare: Snap, profiles_file: Path, size: tuple[int, int]) -> None:
    profiles_file.parent.mkdir()
    profiles_file.write_text(BROKEN, "utf-8")

    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "x")
        await opens(pilot, Question)
        # The path differs from run to run.
        text = painted(pilot.app.screen)
        assert "allowed: a whole number from 1 to 65535" in " ".join(text.replace("│", " ").split())
        assert "hunter2" not in text
        await pilot.press("escape")
        await sees(pilot, "3 faults in")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
@pytest.mark.parametrize("section", ["server", "tls", "login", "message", "limits", "other"])
def test_editor(snap_compare: Snap, kept: Path, size: tuple[int, int], section: str) -> None:
    steps = ["server", "tls", "login", "message", "limits", "other"].index(section)

    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await pilot.press(*["f6"] * steps)
        await sees(pilot, {"tls": "TLS", "other": "Note"}.get(section, section.title()))

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_editor_faults(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await enters(pilot, "host", "two words")
        await enters(pilot, "port", "66000")
        await enters(pilot, "name", "postfix local")
        await pilot.press("ctrl+s")
        await sees(pilot, "allowed: a whole number from 1 to 65535")
        await sees(pilot, "another profile has this name")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_unsaved(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "e")
        await opens(pilot, ProfileEditor)
        await type_text(pilot, "other")
        await pilot.press("escape")
        await sees(pilot, "Changes are not saved")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_presets(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "n")
        await opens(pilot, PresetsPicker)
        await type_text(pilot, "office365")
        await sees(pilot, "587 starttls")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_presets_not_verified(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "n")
        await opens(pilot, PresetsPicker)
        await type_text(pilot, "sarbacane")
        await sees(pilot, "Not verified: no document")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_preset_taken(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "n")
        await opens(pilot, PresetsPicker)
        await type_text(pilot, "gmail")
        await pilot.press("enter")
        await until(pilot, lambda: form(pilot).host.value == "smtp.gmail.com")
        assert "app password" in said(pilot)

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_rows_differ(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "home", "enter")
        await until(pilot, lambda: form(pilot).host.value == "mail.example.org")
        form(pilot).port.focus()
        await pilot.press("home", "right", "tab", "home")
        await sees(pilot, "hangs: 465 waits for TLS")
        await sees(pilot, "office relay •")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_details(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("ctrl+t")
        await opens(pilot, ProfileEditor)
        await sees(pilot, "Connection details")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_where_the_secret_comes_from(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "home", "enter")
        await until(pilot, lambda: form(pilot).secret.words == "keyring")
        form(pilot).secret.focus()
        await pilot.press("enter")
        await opens(pilot, Question)
        await sees(pilot, "Keyring k")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


async def _sends(pilot: TUI, *, down: int) -> None:
    await pilot.press("f2", "home", *["down"] * down, "enter")
    await until(pilot, lambda: session(pilot).message.to.has_focus)
    session(pilot).message.sender.value = "me@example.org"
    await type_text(pilot, "you@example.net")
    await pilot.press("f5")
    await opens(pilot, ConfirmSend)


@SIZES
def test_asking(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await _sends(pilot, down=1)
        await pilot.press("y")
        await opens(pilot, SecretDialog)
        await type_text(pilot, "secret")
        assert "secret" not in painted(pilot.app.screen.query_one("#secret-typed"))

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_consent(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await _sends(pilot, down=3)
        await sees(pilot, "Logs in without TLS")
        await sees(pilot, "Always a")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_password_in_the_keyring(snap_compare: Snap, kept: Path, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2", "home", "p")
        await opens(pilot, Question)
        await sees(pilot, "Forget f")

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))
