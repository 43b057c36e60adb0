"""The file of profiles in the user's editor, and a look at it afterwards. What the user wrote is never touched."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click

from smtptui.cli.errors import CommandError, reason, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.cli.profiles.filing import named_profile, report
from smtptui.config import child_environment, profiles_file
from smtptui.profiles import ProfilesError, ProfileStore, UnknownProfile

_TAKE_LINE = frozenset(
    (
        *("vi", "vim", "nvim", "view", "vim.basic", "vim.tiny", "nano", "pico", "micro", "joe", "jed", "ne", "mg"),
        *("emacs", "emacs-nox", "emacsclient", "kak"),
    )
)
"""Editors that open a file at a line with ``+LINE``."""


def edit_by_hand(name: str, *, as_json: bool) -> ExitCode:
    """Open the file where a profile begins, or where it is broken; raises :class:`CommandError`."""
    store = ProfileStore(profiles_file(os.environ))
    line = _line(store, name)
    while True:
        _edit(store.path, line)
        before = store.image.data
        try:
            store.load()
        except ProfilesError as error:
            faults = error
        else:
            return report(store, name, "edited" if store.image.data != before else "unchanged", None, as_json=as_json)
        if as_json or not _again(faults):
            kept = "What you wrote is in the file."
            raise CommandError(ExitCode.CONFIGURATION, "profiles", *faults.sentences, kept)
        line = faults.faults[0].line or line


def _line(store: ProfileStore, name: str) -> int:
    try:
        store.load()
    except ProfilesError as error:
        if not store.exists or name not in store.names:
            return error.faults[0].line or 1
    try:
        return store.line(name)
    except UnknownProfile:
        named_profile(store, name)
        raise


def _edit(path: Path, line: int) -> None:
    words = _editor()
    if Path(words[0]).name in _TAKE_LINE:
        words.append(f"+{line}")
    try:
        done = subprocess.run(  # noqa: S603 - the user's own choice
            [*words, str(path)], check=False, env=child_environment(os.environ)
        )
    except OSError as error:
        message = f"The editor {words[0]} cannot be started: {reason(error)}. Set VISUAL or EDITOR to one that can."
        raise CommandError(ExitCode.CONFIGURATION, "editor", message) from error
    if done.returncode != 0:
        message = f"The editor {words[0]} ended with {done.returncode}; {path} is as it left it."
        raise CommandError(ExitCode.TEMPORARY, "cancelled", message)


def _editor() -> list[str]:
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError as error:
            raise CommandError(
                ExitCode.CONFIGURATION, "editor", f"{variable} cannot be read: {error}; look at its quotes."
            ) from error
        if words:
            return words
    if not sys.stdin.isatty():
        raise usage(
            "Say what to change, as with --note TEXT; there is no terminal for an editor, and no EDITOR is set."
        )
    return ["vi"]


def _again(faults: ProfilesError) -> bool:
    """Say what is wrong, and ask whether to go back to the editor; never where nobody could answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    stderr = Printer(sys.stderr)
    for sentence in faults.sentences:
        stderr.line(f"smtptui: {sentence}")
    return click.confirm("Edit again?", default=True, err=True)
