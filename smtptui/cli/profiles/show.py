"""``smtptui profiles show``: one profile, as the file has it or with everything resolved."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from smtptui.profiles import Profile, ProfileStore


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print every field, defaults resolved, as one JSON document.")
def show(name: str, as_json: bool) -> int:
    """Show a profile as the file has it, comments included; with --json all that follows from it."""
    # Only now: the model of profiles takes longer to load than --help may take.
    from smtptui.cli.output import Printer
    from smtptui.cli.profiles.filing import named_profile, opened_store

    store = opened_store()
    profile = named_profile(store, name)
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(_document(store, profile))
        return 0
    for line in store.source(name).splitlines():
        stdout.line(line)
    return 0


def _document(store: "ProfileStore", profile: "Profile") -> dict[str, object]:
    connection = profile.connection(store.path.parent)
    fields = profile.model_dump(mode="json", by_alias=True)
    paths = {
        "socket": connection.socket_path,
        "ca_file": connection.tls.ca_file,
        "client_cert": connection.tls.client_cert,
        "client_key": connection.tls.client_key,
    }
    resolved = {
        "port": None if profile.socket is not None else connection.port,
        "tls": connection.tls_mode.value,
        "fingerprint": connection.tls.fingerprint,
        "secret": profile.secret_origin.value,
        **{name: None if path is None else str(path) for name, path in paths.items()},
    }
    return {
        "ok": True,
        "exit": 0,
        "file": str(store.path),
        "line": store.line(profile.name),
        "server": connection.label,
        "profile": fields | resolved,
    }
