"""``smtptui batch export``: every recipient and what became of them."""

from pathlib import Path

import click

from smtptui.cli.options import PATH


@click.command()
@click.argument("name")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), help="[default: by the file's suffix, else csv]")
@click.option("--output", type=PATH, metavar="FILE", help="Write to this file.  [default: standard output]")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(["pending", "sent", "deferred", "failed", "uncertain", "suppressed", "skipped"]),
    help="Only recipients in this state; repeatable.",
)
def export(name: str, kind: str | None, output: Path | None, states: tuple[str, ...]) -> int:
    """Write every recipient and what became of them: address, state, reply, attempts, Message-ID, queue id.

    In CSV, what a spreadsheet would take for a formula has an apostrophe before it.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.writing import write_export

    return write_export(name, kind, output, states)
