"""``smtptui batch new``: a batch is made of a list, a template and a relay."""

from typing import Any

import click

from smtptui.cli.batch.options import new_options
from smtptui.cli.connection_options import connection_options
from smtptui.cli.sections import SectionedCommand


@click.command(
    cls=SectionedCommand,
    epilog="Connection options and --from can be set in the environment, as in SMTPTUI_SERVER for --server. The option"
    " goes first, then the environment, then the profile.",
)
@click.argument("list_", metavar="[LIST]", required=False)
@connection_options
@new_options
@click.pass_context
def new(ctx: click.Context, /, **given: Any) -> int:
    """Make a batch of a list and a template; nothing is sent, and nothing is contacted but the DNS with --check-mx.

    LIST is a CSV, JSON Lines or XLSX file with a row for each recipient; - is standard input. The name that the
    other verbs take is printed on standard output, and what was found on standard error.

    With --from-batch BATCH the list is who is left of that batch. They are moved: the old batch does not send to them
    any more.
    """
    # Only now, when the options make sense: what reads lists takes longer to load than --help may take.
    from smtptui.cli.batch.making import make
    from smtptui.cli.batch.remaking import remake

    return make(ctx) if given["from_batch"] is None else remake(ctx)
