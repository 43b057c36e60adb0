"""``smtptui batch test``: one recipient's message, sent to oneself."""

from pathlib import Path

import click

from smtptui.cli.batch.preview import ROW


@click.command()
@click.argument("name")
@click.option("--to", required=True, metavar="ADDRESS", help="Who gets it: you.")
@ROW
@click.option(
    "--changes",
    type=click.Choice(["take", "ignore"]),
    help="If list, template or profile changed: `take` uses the new template and profile, `ignore` the old ones.",
)
@click.option("--save", type=click.Path(path_type=Path), metavar="FILE", help="Save the transcript.")
@click.option("--quiet", is_flag=True, help="Print nothing but the reason of a failure.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else, as `send` does.")
def test(
    name: str, to: str, row: int | None, changes: str | None, save: Path | None, quiet: bool, as_json: bool
) -> int:
    """Send one recipient's message to yourself, and watch the session. Once it is accepted the batch is tested.

    The message is the recipient's, but for a Message-ID of its own; the envelope is yours. The server's SIZE limit is
    recorded: from then on `lint` and `run` compare every message with it.
    """
    # Only now: the engine takes longer to load than --help may take.
    from smtptui.cli.batch.proving import Proof, prove

    return prove(Proof(name, to, row, changes, save, quiet=quiet, as_json=as_json))
