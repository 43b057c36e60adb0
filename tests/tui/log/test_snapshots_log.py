"""Pictures of the log: every tab in its states, find, filter, wrap, the list of sessions; at both sizes."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App

from smtptui.protocol import Stage
from smtptui.tui.log.past_dialog import PastDialog
from tests.tui.harness import TUI, FixedSandbox, log, opened, painted, said, until, workbench
from tests.tui.log.scenes import EXPIRED, EXPIRES_SOON, ISSUER, NOT_ACCEPTED, Scene

Snap = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


def _app(scene: Scene | None = None, sandbox: FixedSandbox | None = None) -> App[None]:
    script = scene or Scene()
    return workbench(
        lambda work: asyncio.get_running_loop().create_task(work), script, sandbox=sandbox or FixedSandbox()
    )


def _still(act: Callable[[TUI], Awaitable[None]]) -> Callable[[TUI], Awaitable[None]]:
    async def run(pilot: TUI) -> None:
        await opened(pilot)
        await act(pilot)

    return run


async def _sent(pilot: TUI) -> None:
    await pilot.press("f5")
    await until(pilot, lambda: bool(said(pilot)))
    await until(pilot, lambda: "F5 Send" in painted(pilot.app.screen))


async def _tab(pilot: TUI, name: str) -> None:
    log(pilot).action_show_tab(name)
    await until(pilot, lambda: log(pilot).switcher.current == name)
    await pilot.pause(0.2)


@SIZES
@pytest.mark.parametrize(
    ("tab", "says"),
    [("tls", "No session yet"), ("capabilities", "No session yet"), ("timing", "No session yet")],
)
def test_empty(snap_compare: Snap, size: tuple[int, int], tab: str, says: str) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f6")
        await _tab(pilot, tab)
        await until(pilot, lambda: says in painted(log(pilot)))

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
@pytest.mark.parametrize(
    ("tab", "says"),
    [("tls", "so far"), ("capabilities", "STARTTLS"), ("timing", "DNS")],
)
def test_running(snap_compare: Snap, size: tuple[int, int], tab: str, says: str) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f5")
        await until(pilot, lambda: "… STARTTLS" in painted(log(pilot)))
        await _tab(pilot, tab)
        await until(pilot, lambda: says in painted(log(pilot)))

    assert snap_compare(_app(Scene(hang_at=Stage.STARTTLS)), terminal_size=size, run_before=_still(act))


@SIZES
@pytest.mark.parametrize(
    ("tab", "says"),
    [
        ("tls", "61 days left"),
        ("capabilities", "not NTLM"),
        ("timing", "◀ slowest"),
    ],
)
def test_accepted(snap_compare: Snap, size: tuple[int, int], tab: str, says: str) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await _tab(pilot, tab)
        if tab == "capabilities":
            await pilot.press("G")
        await until(pilot, lambda: says in " ".join(painted(log(pilot)).replace("│", " ").split()))

    assert snap_compare(_app(Scene(people=12)), terminal_size=size, run_before=_still(act))


@SIZES
@pytest.mark.parametrize(("tab", "says"), [("tls", "✗ expired"), ("timing", "STARTTLS")])
def test_failed(snap_compare: Snap, size: tuple[int, int], tab: str, says: str) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        assert NOT_ACCEPTED[:40] in said(pilot)
        await _tab(pilot, tab)
        await until(pilot, lambda: says in painted(log(pilot)))

    scene = Scene(fails_at_tls=True, chain=(EXPIRED, ISSUER))
    assert snap_compare(_app(scene), terminal_size=size, run_before=_still(act))


def test_expires_soon(snap_compare: Snap) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await _tab(pilot, "tls")
        await until(pilot, lambda: "! expires soon: 5 days left" in painted(log(pilot)))

    assert snap_compare(_app(Scene(chain=(EXPIRES_SOON,))), terminal_size=(80, 24), run_before=_still(act))


@pytest.mark.parametrize(("tab", "says"), [("tls", "! Not encrypted"), ("capabilities", "offers in the clear")])
def test_in_the_clear(snap_compare: Snap, tab: str, says: str) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await _tab(pilot, tab)
        await until(pilot, lambda: says in painted(log(pilot)))

    assert snap_compare(_app(Scene(clear=True)), terminal_size=(80, 24), run_before=_still(act))


@SIZES
def test_find(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await pilot.press("slash", *"rcpt", "enter", "n")
        await until(pilot, lambda: "2 of 14" in painted(log(pilot)))

    assert snap_compare(_app(Scene(people=12)), terminal_size=size, run_before=_still(act))


@SIZES
def test_filter(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await pilot.press("f", *"rcpt", "space", *"reply", "enter")
        await until(pilot, lambda: "12 of 46 shown" in painted(log(pilot)))

    assert snap_compare(_app(Scene(people=12)), terminal_size=size, run_before=_still(act))


@SIZES
def test_wrap(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await pilot.press("w")
        await until(pilot, lambda: "any screen" in painted(log(pilot)))

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_sessions(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        for _ in range(3):
            await _sent(pilot)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PastDialog))

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


def test_open(snap_compare: Snap, tmp_path: Path) -> None:
    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await pilot.press("o", *"nothing", "enter")
        await until(pilot, lambda: "No such file" in painted(pilot.app.screen))

    assert snap_compare(_app(), terminal_size=(80, 24), run_before=_still(act))


def test_find_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(pilot: TUI) -> None:
        await _sent(pilot)
        await pilot.press("slash", *"person", "enter", "n")
        await until(pilot, lambda: "2 of 12" in painted(log(pilot)))

    assert snap_compare(_app(Scene(people=12)), terminal_size=(80, 24), run_before=_still(act))
