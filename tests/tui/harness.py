"""Opens the app without a terminal: on a scripted server and a fixed sandbox, or on the real ones."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import OptionList

from smtptui.config import Places
from smtptui.sandbox import CaughtStore, Sandbox, SandboxPorts
from smtptui.tui.app.app import Workbench
from smtptui.tui.app.screens import make_screens
from smtptui.tui.connect import ConnectionForm
from smtptui.tui.log.log_pane import LogPane
from smtptui.tui.runs.outcome_bar import OutcomeBar
from smtptui.tui.sandbox.sandbox_source import SandboxSource
from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.fake_run import STARTED, Script

TUI = Pilot[None]


@dataclass
class FixedSandbox:
    """A sandbox that listens nowhere, always at the same ports."""

    ports: SandboxPorts = field(default_factory=lambda: SandboxPorts(8025, 8587, 8465))
    ca_file: Path = Path("/nonexistent/ca.pem")
    user: str = "demo"
    password: str = "not-so-secret"
    store: CaughtStore = field(default_factory=CaughtStore)


@asynccontextmanager
async def scripted(
    script: Script | None = None,
    *,
    size: tuple[int, int] = (120, 36),
    sandbox: SandboxSource | None = None,
    later: SandboxSource | None = None,
    places: Places | None = None,
) -> AsyncIterator[TUI]:
    """The app on a scripted session. With ``places`` it has files, and may begin with a dialog."""
    async with asyncio.TaskGroup() as tasks:
        app = workbench(tasks.create_task, script, sandbox=sandbox, later=later, places=places)
        async with app.run_test(size=size, notifications=True) as pilot:
            await (opened(pilot) if places is None else furnished(pilot))
            yield pilot
        await app.sender.close()
        if app.memory is not None:
            app.memory.close()


@asynccontextmanager
async def real(*, size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[TUI, Sandbox]]:
    """The app with the real engine on a real sandbox."""
    async with Sandbox(clock=lambda: datetime.now(UTC)) as sandbox, asyncio.TaskGroup() as tasks:

        async def open_sandbox() -> SandboxSource:
            return sandbox

        app = Workbench(spawn=tasks.create_task, open_sandbox=open_sandbox)
        async with app.run_test(size=size, notifications=True) as pilot:
            await opened(pilot)
            yield pilot, sandbox
        await app.sender.close()


def workbench(
    spawn: Callable[[Coroutine[None, None, None]], asyncio.Task[None]],
    script: Script | None = None,
    *,
    sandbox: SandboxSource | None = None,
    later: SandboxSource | None = None,
    places: Places | None = None,
) -> Workbench:
    """The app with fixed time and chance. ``later`` is the sandbox that a user may start."""

    async def open_sandbox() -> SandboxSource:
        opened = sandbox or later
        assert opened is not None
        return opened

    return Workbench(
        spawn=spawn,
        open_sandbox=open_sandbox if sandbox is not None else None,
        sandbox_on_demand=open_sandbox if later is not None else None,
        places=places,
        environ={},
        make_run=(script or Script()).make,
        make_screens=partial(make_screens, now=lambda: STARTED, random_token=lambda: "0123456789abcdef"),
    )


async def opened(pilot: TUI) -> None:
    """Wait until the first screen is there."""
    await until(pilot, lambda: isinstance(pilot.app.screen, SessionScreen) and pilot.app.screen.focused is not None)
    await pilot.pause()


async def furnished(pilot: TUI) -> None:
    """Wait until the first screen is there, or what is said in front of it."""
    app = pilot.app
    assert isinstance(app, Workbench)
    await until(pilot, lambda: app.current_mode == "session" and app.screen.focused is not None)
    await pilot.pause(0.1)


def session(pilot: TUI) -> SessionScreen:
    """The Session screen, which is the one in front."""
    screen = pilot.app.screen
    assert isinstance(screen, SessionScreen)
    return screen


def form(pilot: TUI) -> ConnectionForm:
    """Its connection rows."""
    return session(pilot).connection


def log(pilot: TUI) -> LogPane:
    """Its log."""
    return session(pilot).transcript


def said(pilot: TUI) -> str:
    """What the outcome bar says; empty while it is hidden."""
    bar = session(pilot).query_one(OutcomeBar)
    return str(bar.content) if bar.display else ""


def painted(widget: Widget) -> str:
    """The text that a widget shows on the screen."""
    lines = widget.screen._compositor.render_strips()
    region = widget.region
    rows = lines[region.y : region.bottom]
    return "\n".join(strip.crop(region.x, region.right).text.rstrip() for strip in rows)


async def until(pilot: TUI, condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until the screen has caught up."""
    async with asyncio.timeout(seconds):
        while not condition():
            await pilot.pause(0.02)


async def by_palette(pilot: TUI, words: str) -> None:
    """Do what the palette finds first for these words, which its name has in it."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await type_text(pilot, words)
    found = pilot.app.screen.query_one(OptionList)
    await until(pilot, lambda: words in painted(found).strip().partition("\n")[0].lower())
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))


async def type_text(pilot: TUI, text: str) -> None:
    """Type as a user would, key by key."""
    names = {" ": "space", "@": "at", ".": "full_stop", ",": "comma", "<": "less_than_sign", ">": "greater_than_sign"}
    await pilot.press(*(names.get(char, char) for char in text))
