"""``smtptui batch export``: every recipient and what became of them."""

from pathlib import Path

import click

from smtptui.cli.batch.options import state_option
from smtptui.cli.options import PATH


@click.command()
@click.argument("name")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), help="[default: by the file's suffix, else csv]")
@click.option("--output", type=PATH, metavar="FILE", help="Write to this file.  [default: standard output]")
@state_option(
    ("pending", "sent", "deferred", "failed", "uncertain", "suppressed", "skipped"),
    "Only recipients in this state; repeatable, or several with commas.",
)
def export(name: str, kind: str | None, output: Path | None, states: tuple[str, ...]) -> int:
    """Write every recipient: their row of the list, and what became of them.

    The columns of the list keep their names; smtptui's own come behind them and begin with smtptui_ (address, state,
    reply, attempts, Message-ID, queue id and more). `batch new` reads such a file as the list that the batch was made
    of. In CSV, what a spreadsheet would take for a formula has an apostrophe before it, which `new` takes off again.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.writing import write_export

    return write_export(name, kind, output, states)
