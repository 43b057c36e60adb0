"""``smtptui profiles test``: connects and logs in as a profile says, and sends no mail."""

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
    from smtptui.cli.profiles.trial import run_trial

    return run_trial(name, save=save, quiet=quiet, as_json=as_json)
