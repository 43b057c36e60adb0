"""What the tests of profiles do again and again, by keyboard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.widget import Widget

from smtptui.tui.app.app import Workbench
from smtptui.tui.connect.field_row import FieldRow
from smtptui.tui.connect.profile_editor import ProfileEditor
from tests.tui.harness import TUI, opened, painted, type_text, until


@asynccontextmanager
async def alone(*, size: tuple[int, int] = (120, 36)) -> AsyncIterator[TUI]:
    """The app with the real engine and no sandbox, as it is opened the first time."""
    async with asyncio.TaskGroup() as tasks:
        app = Workbench(spawn=tasks.create_task)
        async with app.run_test(size=size, notifications=True) as pilot:
            await opened(pilot)
            yield pilot
        await app.sender.close()


async def sees(pilot: TUI, text: str, seconds: float = 30.0) -> None:
    """Wait until the text is on the screen."""
    try:
        await until(pilot, lambda: text in painted(pilot.app.screen), seconds)
    except TimeoutError:
        raise AssertionError(f"{text!r} is not on the screen:\n{painted(pilot.app.screen)}") from None


async def opens(pilot: TUI, screen: type[Widget]) -> None:
    """Wait for a dialog, and for what has its focus."""
    await until(pilot, lambda: isinstance(pilot.app.screen, screen) and pilot.app.screen.focused is not None)
    await pilot.pause()


async def told(pilot: TUI, text: str) -> None:
    """Wait until a notice says so."""
    await until(pilot, lambda: any(text in notice.message for notice in pilot.app._notifications))


async def goes_to(pilot: TUI, key: str) -> None:
    """Tab until a field of the editor has the focus."""
    editor = pilot.app.screen
    assert isinstance(editor, ProfileEditor)
    for _ in range(60):
        row = next(
            (node for node in (editor.focused.ancestors if editor.focused else ()) if isinstance(node, FieldRow)), None
        )
        if row is not None and row.field.key == key:
            return
        await pilot.press("tab")
    raise AssertionError(f"no field {key}")


async def enters(pilot: TUI, key: str, text: str) -> None:
    """Fill in a field of the editor in place of what is there."""
    await goes_to(pilot, key)
    await pilot.press("home", "shift+end", "delete")
    await type_text(pilot, text)
