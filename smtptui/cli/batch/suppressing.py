"""``smtptui batch suppress``: addresses that get nothing from any batch."""

from pathlib import Path

import click

from smtptui.cli.batch.options import JSON
from smtptui.cli.errors import usage
from smtptui.cli.options import PATH


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--file",
    type=PATH,
    metavar="FILE",
    help="Addresses in a file: one or an @DOMAIN on each line, with # comments, or a list with a column of them (CSV,"
    " JSON Lines, XLSX), such as `export` writes; - is standard input.",
)
@click.option("--reason", default="by hand", show_default=True, metavar="TEXT", help="Why; it is shown with them.")
@click.option("--remove", is_flag=True, help="Let them be sent to again.")
@click.option("--list", "list_", is_flag=True, help="Print all that are suppressed.")
@JSON
def suppress(
    addresses: tuple[str, ...], file: Path | None, reason: str, remove: bool, list_: bool, as_json: bool
) -> int:
    """Keep addresses out of every batch, those that are being sent included; @DOMAIN is a whole domain."""
    if list_ and (addresses or file or remove):
        raise usage("--list prints all that are suppressed: give it alone.")
    if not (list_ or addresses or file):
        raise usage("Say whom to suppress: ADDRESS, @DOMAIN or --file FILE; --list prints those who are.")
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.suppressions import change, print_all

    return print_all(as_json=as_json) if list_ else change(addresses, file, reason, remove=remove, as_json=as_json)
