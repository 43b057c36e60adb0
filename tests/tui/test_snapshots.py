"""Pictures of the screens at both sizes, in colour and without; each beside what it must say."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from textual.app import App
from textual.widgets import Input, TextArea

from smtptui.protocol import Stage
from smtptui.sandbox import Caught
from smtptui.tui.frame.help_screen import HelpScreen
from smtptui.tui.sandbox.sandbox_screen import SandboxScreen
from tests.tui.fake_run import REFUSED, STARTED, Script
from tests.tui.harness import TUI, FixedSandbox, log, opened, painted, said, session, until, workbench

Snap = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
MESSAGE = (
    b"Date: Sun, 22 Nov 2026 09:12:00 +0000\r\nFrom: Me <me@example.org>\r\nTo: you@example.net\r\n"
    b"Subject: A first message\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
    b"Hello,\r\n\r\nthis goes no further than the sandbox.\r\n"
)


@pytest.fixture(params=["dark", "nocolor"], autouse=True)
def _colours(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "nocolor":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)


def _app(script: Script | None = None, sandbox: FixedSandbox | None = None) -> App[None]:
    return workbench(lambda work: asyncio.get_running_loop().create_task(work), script, sandbox=sandbox)


def _still(act: Callable[[TUI], Awaitable[None]]) -> Callable[[TUI], Awaitable[None]]:
    async def run(pilot: TUI) -> None:
        await opened(pilot)
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False
        for area in pilot.app.screen.query(TextArea):
            area.cursor_blink = False
        await act(pilot)
        await pilot.pause()

    return run


@SIZES
def test_at_start(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        assert "you@example.net" in painted(session(pilot).message)
        assert said(pilot) == ""

    assert snap_compare(_app(sandbox=FixedSandbox()), terminal_size=size, run_before=_still(act))


@SIZES
def test_empty(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        assert session(pilot).connection.host.has_focus

    assert snap_compare(_app(), terminal_size=size, run_before=_still(act))


@SIZES
def test_running(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f5")
        await until(pilot, lambda: "… MAIL" in painted(log(pilot)))
        await until(pilot, lambda: "^c Stop" in painted(pilot.app.screen))

    app = _app(Script(hang_at=Stage.MAIL), FixedSandbox())
    assert snap_compare(app, terminal_size=size, run_before=_still(act))


@SIZES
def test_accepted(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f5")
        await until(pilot, lambda: "queued as 4XYZ12" in said(pilot))
        await until(pilot, lambda: "F5 Send" in painted(pilot.app.screen))

    assert snap_compare(_app(sandbox=FixedSandbox()), terminal_size=size, run_before=_still(act))


@SIZES
def test_refused(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f5")
        await until(pilot, lambda: "refused" in said(pilot))
        await until(pilot, lambda: "F5 Send" in painted(pilot.app.screen))

    assert snap_compare(_app(Script(rcpt=REFUSED), FixedSandbox()), terminal_size=size, run_before=_still(act))


@SIZES
def test_sandbox(snap_compare: Snap, size: tuple[int, int]) -> None:
    sandbox = FixedSandbox()
    for number, listener in enumerate(("smtp", "submission", "smtps")):
        sandbox.store.append(
            Caught(
                seq=number,
                queue_id=f"6703{number:04X}",
                at=STARTED + timedelta(seconds=number),
                listener=listener,
                peer="127.0.0.1:50000",
                helo="laptop.example",
                tls=listener != "smtp",
                user=None if listener == "smtp" else "demo",
                sender="me@example.org",
                recipients=("you@example.net",),
                content=MESSAGE,
            )
        )

    async def act(pilot: TUI) -> None:
        await pilot.press("f6", "2")
        await until(pilot, lambda: isinstance(pilot.app.screen, SandboxScreen))
        await until(pilot, lambda: "this goes no further" in painted(pilot.app.screen))
        await until(pilot, lambda: "1 Session" in painted(pilot.app.screen))

    assert snap_compare(_app(sandbox=sandbox), terminal_size=size, run_before=_still(act))


@SIZES
def test_question(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        session(pilot).connection.host.value = "mail.example.org"
        await pilot.press("f5")
        await until(pilot, lambda: "Send for real?" in painted(pilot.app.screen))

    assert snap_compare(_app(sandbox=FixedSandbox()), terminal_size=size, run_before=_still(act))


@SIZES
def test_help(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await until(pilot, lambda: "esc" in painted(pilot.app.screen.query_one("#help")))

    assert snap_compare(_app(sandbox=FixedSandbox()), terminal_size=size, run_before=_still(act))


def test_servers_over_the_rest(snap_compare: Snap) -> None:
    async def act(pilot: TUI) -> None:
        await pilot.press("f2")
        await until(pilot, lambda: "sandbox relay" in painted(pilot.app.screen))

    assert snap_compare(_app(sandbox=FixedSandbox()), terminal_size=(80, 24), run_before=_still(act))


def test_too_small(snap_compare: Snap) -> None:
    async def act(pilot: TUI) -> None:
        await until(pilot, lambda: "Too small: 50x12" in painted(pilot.app.screen))

    assert snap_compare(_app(), terminal_size=(50, 12), run_before=_still(act))
