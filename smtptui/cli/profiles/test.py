"""``smtptui profiles test``: connects and logs in as a profile says, and sends no mail."""

import os
from pathlib import Path

import click


@click.command("test")
@click.argument("name")
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the transcript: .jsonl as JSON Lines, .html as HTML, else as text.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but the reason of a failure.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def try_profile(name: str, save: Path | None, quiet: bool, as_json: bool) -> int:
    """Try a profile: connect, EHLO, TLS, login, and goodbye. No mail is sent.

    Exits with 0 only if all of it succeeded, else as send does.
    """
    # Only now: the engine takes longer to load than --help may take.
    from smtptui.cli.connection_options import ConnectionChoice
    from smtptui.cli.credentials import credentials_of
    from smtptui.cli.observing import View, observe
    from smtptui.cli.profiles.choosing import chosen_profile
    from smtptui.session import describe_login_test, login_test_request

    profile, connection = chosen_profile(name, {})
    credentials = credentials_of(ConnectionChoice(connection, profile.user or None, profile), os.environ)
    request = login_test_request(connection, credentials)
    return observe(request, View(("profiles", "test"), save, quiet, as_json, describe_login_test))
