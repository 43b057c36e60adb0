"""``smtptui batch status``: how far a batch is."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name", required=False)
@click.option("--watch", is_flag=True, help="Keep updating until the batch stops; with --json as JSON Lines.")
@JSON
def status(name: str | None, watch: bool, as_json: bool) -> int:
    """Show how far a batch is; without NAME the one that runs, else the newest.

    The states add up to the total. Rate, time left and what limits the speed are known only while it runs.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.watching import show_status

    return show_status(name, watch=watch, as_json=as_json)
