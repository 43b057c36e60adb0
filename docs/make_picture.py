"""Makes the picture in the README from the real app: ``python docs/make_picture.py``.

The app runs on its real sandbox, sends a message, and is photographed.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from smtptui.sandbox import Sandbox
from smtptui.tui.app.app import Workbench
from smtptui.tui.sandbox.sandbox_source import SandboxSource
from smtptui.tui.session.session_screen import SessionScreen

PICTURE = Path(__file__).with_name("session.svg")
PATIENCE = 10.0
"""Seconds the message may take."""


async def photograph() -> str:
    """The Session screen after an accepted message, as SVG."""
    async with Sandbox(clock=lambda: datetime.now(UTC)) as sandbox, asyncio.TaskGroup() as tasks:

        async def open_sandbox() -> SandboxSource:
            return sandbox

        app = Workbench(spawn=tasks.create_task, open_sandbox=open_sandbox)
        async with app.run_test(size=(120, 36)) as pilot, asyncio.timeout(PATIENCE):
            while not (isinstance(app.screen, SessionScreen) and app.screen.focused is not None):
                await pilot.pause(0.05)
            await pilot.press("f5")
            while not len(sandbox.store) or app.sender.busy:
                await pilot.pause(0.05)
            # The log is painted twelve times a second.
            await pilot.pause(0.3)
            picture = app.export_screenshot(title="smtptui")
        await app.sender.close()
    return picture


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(asyncio.run(photograph()), encoding="utf-8")
    print(PICTURE.name, file=sys.stderr)


if __name__ == "__main__":
    main()
