"""``smtptui profiles edit``: single fields by options, or the file in an editor."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.errors import CommandError, reason, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.options import typed
from smtptui.cli.profiles.field_options import JSON, field_options, profile_option, read_fields, unset
from smtptui.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from smtptui.profiles import Profile, ProfilesError, ProfileStore

_TAKE_LINE = frozenset(
    (
        *("vi", "vim", "nvim", "view", "vim.basic", "vim.tiny", "nano", "pico", "micro", "joe", "jed", "ne", "mg"),
        *("emacs", "emacs-nox", "emacsclient", "kak"),
    )
)
"""Editors that open a file at a line with ``+LINE``."""


@click.command(cls=SectionedCommand)
@click.argument("name")
@profile_option(
    "--unset", "unset_", metavar="FIELD", multiple=True, help="Take a field out, as in limits.per_day; repeatable."
)
@profile_option("--rename", metavar="NAME", help="Give the profile another name.")
@field_options
@JSON
@click.pass_context
def edit(ctx: click.Context, /, name: str, unset_: tuple[str, ...], rename: str | None, as_json: bool, **_: Any) -> int:
    """Change fields of a profile, and nothing else in the file.

    Without an option the file is opened in $VISUAL or $EDITOR where the profile begins, and looked at afterwards.
    """
    given = read_fields(ctx)
    asked = [parameter.name for parameter in ctx.command.params if parameter.name not in ("name", "as_json", None)]
    if not any(typed(ctx, each) for each in asked if each is not None):
        return edit_by_hand(name, as_json=as_json)
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.profiles.choosing import checked
    from smtptui.cli.profiles.filing import filing_troubles, named_profile, opened_store, report
    from smtptui.profiles import as_data, fields_of

    store = opened_store()
    profile = named_profile(store, name)
    fields: dict[str, Any] = as_data(fields_of(profile))
    limits = {**(fields.get("limits") or {}), **(given.pop("limits", None) or {})}
    fields = unset({**fields, **given, "limits": limits}, unset_)
    wanted = checked(
        name if rename is None else rename, {key: value for key, value in fields.items() if value is not None}
    )
    with filing_troubles():
        result = store.replace(name, wanted)
    done = "changed" if wanted != profile else "unchanged"
    return report(store, wanted.name, done, result, as_json=as_json, hint=_hint(profile, wanted))


def _hint(before: "Profile", after: "Profile") -> str:
    from smtptui.profiles import SecretOrigin, service_of

    if after.secret_origin is not SecretOrigin.KEYRING:
        return ""
    same = before.user == after.user and service_of(before) == service_of(after)
    if same and before.secret_origin is SecretOrigin.KEYRING:
        return ""
    return f"Next: `smtptui profiles password {after.name}` keeps its secret, which goes by server and user."


def edit_by_hand(name: str, *, as_json: bool) -> ExitCode:
    """Open the file where a profile begins, or where it is broken, and look at it; raises :class:`CommandError`."""
    from smtptui.cli.profiles.filing import report
    from smtptui.config import profiles_file
    from smtptui.profiles import ProfilesError, ProfileStore

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


def _line(store: "ProfileStore", name: str) -> int:
    from smtptui.cli.profiles.filing import named_profile
    from smtptui.profiles import ProfilesError, UnknownProfile

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
    import subprocess

    from smtptui.config import child_environment

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


def _again(faults: "ProfilesError") -> bool:
    """Say what is wrong, and ask whether to go back to the editor; never where nobody could answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    from smtptui.cli.output import Printer

    stderr = Printer(sys.stderr)
    for sentence in faults.sentences:
        stderr.line(f"smtptui: {sentence}")
    return click.confirm("Edit again?", default=True, err=True)
