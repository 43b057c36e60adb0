"""The user's own editor: a text goes there in a private file and comes back; a file of the user goes as it is."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from textual.app import App, SuspendNotSupported

from smtptui.config import Intake, TooLargeError, child_environment, make_directory, write_scratch
from smtptui.tui.programs.lending import lend_terminal

_FALLBACKS = ("sensible-editor", "nano", "vi")


class EditorError(Exception):
    """The editor failed or is not there; a text is as it was. The reason in sentences."""


def editor_command(environ: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> tuple[str, ...]:
    """The words of $VISUAL, else of $EDITOR, else of an editor that is there; raises :class:`EditorError`."""
    for variable in ("VISUAL", "EDITOR"):
        text = environ.get(variable, "").strip()
        if not text:
            continue
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise EditorError(f"${variable} cannot be read as a command ({error}): {text}") from error
        if which(words[0]) is None:
            raise EditorError(f"${variable} names {words[0]}, and there is no such program. Set it to your editor.")
        return words
    for name in _FALLBACKS:
        if which(name) is not None:
            return (name,)
    raise EditorError("No editor is set: set $VISUAL or $EDITOR to your editor.")


def edit(text: str, suffix: str, command: Sequence[str]) -> str:
    """Let the user edit ``text``; returns it as it was saved, with LF line ends. Blocks until the editor ends.

    The end of the file's name, ``suffix``, tells the editor what kind of text it is.

    Raises :class:`EditorError` when the editor fails or writes what is no UTF-8; then a file that it has changed is
    kept, and named.
    """
    # No folder that a later start sweeps away: after a crash it has the only copy of what the user wrote.
    folder = Path(tempfile.mkdtemp(prefix="smtptui-message-"))
    path = folder / f"message{suffix}"
    keep = False
    try:
        before = text.encode("utf-8", "surrogateescape")
        write_scratch(path, [before])
        failure = _run([*command, str(path)])
        try:
            after = _read(path)
        except TooLargeError as error:
            keep = True
            raise EditorError(f"{error}. The text is as it was." + _kept(path, keep)) from error
        keep = after not in (None, before)
        if failure:
            raise EditorError(f"{failure} The text is as it was." + _kept(path, keep))
        if after is None:
            raise EditorError("The editor left no file behind. The text is as it was.")
        try:
            edited = after.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = after.count(b"\n", 0, error.start) + 1
            raise EditorError(
                f"What the editor wrote is no UTF-8 in line {line}. The text is as it was." + _kept(path, keep)
            ) from error
        keep = False
        edited = edited.replace("\r\n", "\n").replace("\r", "\n")
        # Editors end the last line, also where it had no end.
        return edited.removesuffix("\n") if edited == f"{text}\n" else edited
    except OSError as error:
        raise EditorError(f"The text could not be handed to an editor: {error}. It is as it was.") from error
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


async def edit_file(app: App[None], path: Path, environ: Mapping[str, str]) -> None:
    """Leave the terminal to the editor until it ends; a session goes on meanwhile. Raises :class:`EditorError`."""
    command = editor_command(environ)
    try:
        make_directory(path.parent)
        code = await lend_terminal(app, [*command, str(path)], environ)
    except SuspendNotSupported as error:
        raise EditorError(f"This terminal cannot be lent to an editor. Edit {path} in another one.") from error
    except OSError as error:
        raise EditorError(f"{path} could not be handed to {command[0]}: {error.strerror or error}.") from error
    if code:
        raise EditorError(f"{command[0]} ended with exit code {code}.")


def _run(command: Sequence[str]) -> str:
    """Run the editor on the terminal; returns what went wrong, in a sentence."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own editor
            command, check=False, env=child_environment(os.environ)
        )
    except OSError as error:
        return f"{command[0]} could not be started: {error.strerror or error}."
    if done.returncode < 0:
        return f"{command[0]} was ended by signal {-done.returncode}."
    return f"{command[0]} failed with exit code {done.returncode}." if done.returncode else ""


def _read(path: Path) -> bytes | None:
    try:
        return Intake().file(path, regular=True)
    except FileNotFoundError:
        return None


def _kept(path: Path, keep: bool) -> str:
    return f" What the editor wrote is kept in {path}." if keep else ""
