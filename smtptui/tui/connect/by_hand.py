"""The file of profiles in the user's own editor."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from textual.app import App, SuspendNotSupported

from smtptui.config import child_environment, make_directory
from smtptui.tui.programs.editor import EditorError, editor_command


async def edit_by_hand(app: App[None], path: Path, environ: Mapping[str, str]) -> None:
    """Leave the terminal to the editor until it ends; a session goes on meanwhile. Raises :class:`EditorError`."""
    command = editor_command(environ)
    try:
        make_directory(path.parent)
        # Nothing may be painted while the terminal is the editor's.
        with app.suspend(), app.batch_update():
            process = await asyncio.create_subprocess_exec(*command, str(path), env=child_environment(environ))
            try:
                code = await process.wait()
            finally:
                # The app may have been told to end meanwhile.
                if process.returncode is None:
                    process.terminate()
    except SuspendNotSupported as error:
        raise EditorError(f"This terminal cannot be lent to an editor. Edit {path} in another one.") from error
    except OSError as error:
        raise EditorError(f"{path} could not be handed to {command[0]}: {error.strerror or error}.") from error
    if code:
        raise EditorError(f"{command[0]} ended with exit code {code}.")
