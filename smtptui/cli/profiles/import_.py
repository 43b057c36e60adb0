"""``smtptui profiles import``: accounts of msmtp and calls of swaks become profiles."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smtptui.cli.errors import CommandError, bad_input, unreadable, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.options import PATH
from smtptui.cli.profiles.filing import filing_troubles, opened_store

if TYPE_CHECKING:
    from smtptui.cli.output import Printer
    from smtptui.profiles import Imported, Profile, ProfileStore

_MOST = 1_000_000
"""Octets of a file that is read; one of settings has a few thousand."""
_STDIN = "-"
_NOTHING = "No profile could be made of it."
_SAYS = {
    "added": "added",
    "would be added": "would be added",
    "exists": "exists already; left as it is",
}


@click.command("import")
@click.argument("file", type=PATH, metavar="FILE|-")
@click.option(
    "--format",
    "form",
    type=click.Choice(["msmtp", "swaks"]),
    help="What the file is: an msmtprc; or a .swaksrc or swaks command lines.  [default: as it looks]",
)
@click.option(
    "--name", metavar="NAME", help="Name of the profile, where the file makes one.  [default: account or host]"
)
@click.option("--dry-run", is_flag=True, help="Only say what would be added and what would be left.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def import_(file: Path, form: str | None, name: str | None, dry_run: bool, as_json: bool) -> int:
    """Add profiles made from msmtp accounts, a .swaksrc or swaks command lines.

    What could not be carried over is listed with its line. Passwords are never carried over, and never shown:
    `smtptui profiles password NAME` keeps one in the keyring. A profile that exists is left as it is.
    """
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.output import Printer
    from smtptui.profiles import Format, guess_format, import_text

    if name is not None:
        _check_name(name)
    text, folder = _read(file)
    kind = Format(form) if form is not None else guess_format(text, None if str(file) == _STDIN else file.absolute())
    if kind is None:
        raise bad_input(
            f"{_shown(file)} looks like no msmtprc, .swaksrc or swaks command; say which it is with --format."
        )
    imported = import_text(text, kind, folder, name or "")
    if name is not None and len(imported.profiles) > 1:
        raise usage(f"--name {name!r}: {_shown(file)} makes {len(imported.profiles)} profiles; leave --name out.")
    states = _file(imported, opened_store(), dry_run=dry_run) if imported.profiles else []
    code = ExitCode.OK if imported.profiles else ExitCode.DATA
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(_document(file, kind.value, imported, states, code))
    else:
        _print(file, imported, states, stdout)
    return code


def _check_name(name: str) -> None:
    from smtptui.profiles import MOST_NAME
    from smtptui.protocol import visible

    if not name.strip() or len(name) > MOST_NAME or visible(name) != name:
        raise usage(f"--name {name!r}: use 1 to {MOST_NAME} characters, none of them a control character.")


def _read(file: Path) -> tuple[str, Path]:
    """The text of the file, and the folder from which paths in it are taken."""
    try:
        if str(file) == _STDIN:
            data, folder = sys.stdin.buffer.read(_MOST + 1), Path.cwd()
        else:
            with file.open("rb") as opened:
                data, folder = opened.read(_MOST + 1), file.absolute().parent
    except OSError as error:
        raise unreadable(file, "import", error) from error
    if len(data) > _MOST:
        raise bad_input(f"{_shown(file)} has more than {_MOST} octets; that is no file of settings.")
    return data.decode("utf-8", "replace"), folder


def _shown(file: Path) -> str:
    return "Standard input" if str(file) == _STDIN else str(file)


def _file(imported: "Imported", store: "ProfileStore", *, dry_run: bool) -> list[str]:
    """Add what is not there yet; what became of each profile."""
    states = []
    for profile in imported.profiles:
        if profile.name in store.names:
            states.append("exists")
        elif dry_run:
            states.append("would be added")
        else:
            try:
                with filing_troubles():
                    store.add(profile)
            except CommandError as error:
                done = f" {len(states)} of {len(imported.profiles)} were looked at before." if states else ""
                raise CommandError(error.code, error.kind, f"{error.message}{done}") from error
            states.append("added")
    return states


def _print(file: Path, imported: "Imported", states: list[str], stdout: "Printer") -> None:
    if not imported.profiles:
        stdout.line(f"{_shown(file)}: {_NOTHING}")
    wide = max((len(profile.name) for profile in imported.profiles), default=0)
    for profile, state in zip(imported.profiles, states, strict=True):
        stdout.line(f"{profile.name:<{wide}}  {profile.connection().label}  {_SAYS[state]}")
    if imported.left:
        stdout.line("")
        stdout.line("Not carried over, or not as it was:")
    for left in imported.left:
        stdout.line(f"  {left}")


def _document(file: Path, form: str, imported: "Imported", states: list[str], code: ExitCode) -> dict[str, object]:
    from smtptui.transcript import error_json

    return {
        "ok": code is ExitCode.OK,
        "exit": int(code),
        "file": str(file),
        "format": form,
        "profiles": [_profile(profile, state) for profile, state in zip(imported.profiles, states, strict=True)],
        "error": None if code is ExitCode.OK else error_json("input", _NOTHING),
        "left": [{"line": left.line, "setting": left.setting or None, "why": left.why} for left in imported.left],
    }


def _profile(profile: "Profile", state: str) -> dict[str, object]:
    connection = profile.connection()
    return {
        "name": profile.name,
        "state": state,
        "server": connection.label,
        "tls": connection.tls_mode.value,
        "user": profile.user or None,
        "secret": profile.secret_origin.value,
    }
