"""``smtptui batch export``: every recipient and what became of them."""

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smtptui.cli.batch.options import state_option
from smtptui.cli.options import PATH

if TYPE_CHECKING:
    from smtptui.batch import ExportFormat

_AT_ONCE = 500
"""Lines that are printed in one go."""
_END = "\n"


@click.command()
@click.argument("name")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), help="[default: by the file's suffix, else csv]")
@click.option("--output", type=PATH, metavar="FILE", help="Write to this file.  [default: standard output]")
@state_option(
    ("pending", "sent", "deferred", "failed", "uncertain", "suppressed", "skipped"),
    "Only recipients in this state; repeatable, or several with commas.",
)
def export(name: str, kind: "ExportFormat | None", output: Path | None, states: tuple[str, ...]) -> int:
    """Write every recipient: their row of the list, and what became of them.

    The columns of the list keep their names; smtptui's own come behind them and begin with smtptui_ (address, state,
    reply, attempts, Message-ID, queue id and more). `batch new` reads such a file as the list that the batch was made
    of. In CSV, what a spreadsheet would take for a formula has an apostrophe before it, which `new` takes off again.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import RecipientState, export_format, export_lines, write_export
    from smtptui.cli.batch.opened import opened
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer
    from smtptui.protocol import visible

    if output is not None and str(output) == "-":
        output = None
    with opened(name, readonly=True) as (journal, _):
        lines = export_lines(journal, kind or export_format(output), {RecipientState(state) for state in states})
        if output is not None:
            write_export(lines, output)
            return ExitCode.OK
        stdout = Printer(sys.stdout)
        if sys.stdout.isatty():
            # What stands in the list may act on a terminal.
            lines = (visible(line.removesuffix(_END)) + _END for line in lines)
        while not stdout.gone and (text := "".join(islice(lines, _AT_ONCE))):
            stdout.raw(text)
    return ExitCode.OK
