"""The app in a real terminal that lends it to the pager once and ends: ``python -m tests.tui.programs.lending``."""

import asyncio

from smtptui.tui.session.session_screen import SessionScreen
from tests.tui.harness import FixedSandbox, workbench
from tests.tui.log.scenes import Scene


async def main() -> None:
    """Send, show the transcript in the pager while another session runs, end it, leave."""
    scene = Scene()
    async with asyncio.TaskGroup() as tasks:
        app = workbench(tasks.create_task, scene, sandbox=FixedSandbox())

        async def drive() -> None:
            while not isinstance(app.screen, SessionScreen):
                await asyncio.sleep(0.05)
            screen = app.screen
            screen.call_later(screen.action_send)
            while not (scene.runs and scene.runs[0].outcome):
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.3)
            screen.call_later(screen.transcript.action_pager)
            while not app.workers:
                await asyncio.sleep(0.01)
            await app.workers.wait_for_complete()
            app.exit()

        tasks.create_task(drive())
        await app.run_async()
        await app.sender.close()


if __name__ == "__main__":
    asyncio.run(main())
