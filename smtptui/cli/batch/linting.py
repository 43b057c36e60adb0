"""``smtptui batch lint``: every message is looked at before one is sent."""

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="Rows to name for each finding.")
@JSON
def lint(name: str, most: int, as_json: bool) -> int:
    """Check every message of a batch before one is sent; nothing is contacted.

    Every recipient's message is made, and what is wrong with one is told with row and field. Exits with 65 if there
    is an error; warnings alone keep nobody from sending.
    """
    # Only now: template and journal take longer to load than --help may take.
    from smtptui.cli.batch.checking import check

    return check(name, most=most, as_json=as_json)
