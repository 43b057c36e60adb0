"""``smtptui profiles list``: the servers that are known."""

import sys
from typing import TYPE_CHECKING

import click

from smtptui.cli.exitcodes import ExitCode

if TYPE_CHECKING:
    from smtptui.cli.output import Printer
    from smtptui.config import Fault
    from smtptui.profiles import Profile, ProfileStore


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_(as_json: bool) -> int:
    """List the profiles: name, server, TLS, user, where the secret comes from, note.

    What is wrong with the file is told as well, all of it at once; then the exit code is 78.
    """
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.output import Printer
    from smtptui.cli.profiles.filing import opened_store

    store = opened_store()
    faults = store.faults
    code = ExitCode.CONFIGURATION if faults else ExitCode.OK
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(_document(store, faults, code))
        return code
    _table(store, stdout)
    stderr = Printer(sys.stderr)
    for fault in faults:
        stderr.line(f"smtptui: {fault.sentence(store.path)}")
    return code


def _table(store: "ProfileStore", stdout: "Printer") -> None:
    from smtptui.profiles import origin_words
    from smtptui.protocol import visible

    rows: list[tuple[str, ...]] = []
    for profile in store.readable:
        connection = profile.connection()
        secret = origin_words(profile) if profile.user else ""
        login = (profile.user, secret, profile.note.partition("\n")[0])
        rows.append(tuple(map(visible, (profile.name, connection.label, connection.tls_mode.value, *login))))
    if not rows and not store.faults:
        stdout.line(f"There are no profiles in {store.path} yet. `smtptui profiles add NAME --server HOST` adds one.")
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        stdout.line("  ".join(f"{cell:<{width}}" for cell, width in zip(row, wide, strict=True)).rstrip())


def _document(store: "ProfileStore", faults: "tuple[Fault, ...]", code: ExitCode) -> dict[str, object]:
    from smtptui.transcript import error_json

    document: dict[str, object] = {
        "ok": not faults,
        "exit": int(code),
        "file": str(store.path),
        "profiles": [_summary(profile) for profile in store.readable],
        "faults": [
            {
                "line": fault.line,
                "profile": fault.profile or None,
                "field": fault.field or None,
                "value": fault.value,
                "message": fault.sentence(store.path),
            }
            for fault in faults
        ],
    }
    if faults:
        message = f"{store.path} has {len(faults)} fault{'s' if len(faults) > 1 else ''}; see faults."
        document["error"] = error_json("profiles", message)
    return document


def _summary(profile: "Profile") -> dict[str, object]:
    connection = profile.connection()
    return {
        "name": profile.name,
        "server": connection.label,
        "tls": connection.tls_mode.value,
        "user": profile.user or None,
        "secret": profile.secret_origin.value,
        "note": profile.note or None,
        "color": profile.color.value,
    }
