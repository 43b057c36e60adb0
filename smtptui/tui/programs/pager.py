"""A transcript in the user's own pager."""

import os
import shlex
import shutil
from collections.abc import Mapping

from textual.app import App, SuspendNotSupported

from smtptui.config import ScratchFolder, write_scratch
from smtptui.transcript import Transcript, text_lines
from smtptui.tui.programs.lending import lend_terminal

_PAGERS = ("less", "more")
"""What is tried where $PAGER is not set."""


class PagerError(Exception):
    """There is no pager, or it does not work here; the text is a sentence."""


def pager_command(environ: Mapping[str, str]) -> list[str]:
    """The pager and its arguments; raises :class:`PagerError`."""
    wanted = environ.get("PAGER", "").strip()
    if wanted:
        try:
            command = shlex.split(wanted)
        except ValueError as error:
            raise PagerError(f"$PAGER cannot be read ({error}): {wanted}. Set it to the name of a program.") from error
        if shutil.which(command[0]) is None:
            raise PagerError(f"$PAGER names {command[0]}, which is not installed. Set it to another, or save with s.")
        return command
    found = next((name for name in _PAGERS if shutil.which(name)), None)
    if found is None:
        raise PagerError("There is no pager: set $PAGER, install less, or save with s.")
    return [found]


async def page(app: App[None], transcript: Transcript) -> None:
    """Leave the terminal to the pager until it ends; a session goes on meanwhile. Raises :class:`PagerError`."""
    command = pager_command(os.environ)
    try:
        folder = ScratchFolder("pager")
    except OSError as error:
        raise PagerError(f"No temporary file can be made: {error.strerror}. Save with s instead.") from error
    with folder:
        path = folder.path / "transcript.txt"
        try:
            write_scratch(path, (f"{line}\n".encode() for line in text_lines(transcript)))
        except OSError as error:
            raise PagerError(f"The transcript cannot be written to {folder.path}: {error.strerror}.") from error
        try:
            await lend_terminal(app, [*command, str(path)], os.environ)
        except SuspendNotSupported as error:
            raise PagerError("This terminal cannot be lent to a pager. Save with s, and look at the file.") from error
        except OSError as error:
            raise PagerError(f"{command[0]} does not start: {error.strerror}. Set $PAGER to another.") from error
