"""``smtptui batch export``: every recipient and what became of them."""

import sys
from itertools import islice
from pathlib import Path

import click

from smtptui.cli.batch.options import state_option
from smtptui.cli.options import PATH

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
def export(name: str, kind: str | None, output: Path | None, states: tuple[str, ...]) -> int:
    """Write every recipient: their row of the list, and what became of them.

    The columns of the list keep their names; smtptui's own come behind them and begin with smtptui_ (address, state,
    reply, attempts, Message-ID, queue id and more). `batch new` reads such a file as the list that the batch was made
    of. In CSV, what a spreadsheet would take for a formula has an apostrophe before it, which `new` takes off again.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import RecipientState, csv_lines, jsonl_lines
    from smtptui.cli.batch.opened import opened, settings_of
    from smtptui.cli.errors import CommandError
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer
    from smtptui.config import Replacement, WriteError
    from smtptui.protocol import visible

    if output is not None and str(output) == "-":
        output = None
    if kind is None:
        kind = "jsonl" if output is not None and output.suffix in (".jsonl", ".json") else "csv"
    with opened(name, readonly=True) as (journal, _):
        facts = journal.facts()
        settings = settings_of(facts)
        wanted = [RecipientState(state) for state in states] or list(RecipientState)
        write = {"csv": csv_lines, "jsonl": jsonl_lines}[kind]
        rows, column = journal.exported(wanted), settings.list.address_column
        lines = write(rows, facts.columns, settings.message.domain, column)
        if output is None:
            stdout = Printer(sys.stdout)
            if sys.stdout.isatty():
                # What stands in the list may act on a terminal.
                lines = (visible(line.removesuffix(_END)) + _END for line in lines)
            while not stdout.gone and (text := "".join(islice(lines, _AT_ONCE))):
                stdout.raw(text)
            return ExitCode.OK
        try:
            with Replacement(output) as file:
                for line in lines:
                    file.write(line.encode("utf-8", "backslashreplace"))
        except WriteError as error:
            old = " The old file is unchanged." if not error.creating and output.is_file() else ""
            message = f"--output: {output} cannot be written: {error.reason}.{old}"
            if error.creating:
                raise CommandError(ExitCode.CANNOT_CREATE, "cannot-create", message) from error
            raise CommandError(ExitCode.IO, "local", message) from error
    return ExitCode.OK
