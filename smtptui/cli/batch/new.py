"""``smtptui batch new``: a batch is made of a list, a template and a relay."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.batch.options import new_options
from smtptui.cli.connection_options import connection_options
from smtptui.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from smtptui.batch import Created


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
    from smtptui.batch import RecipientState, create, create_from_batch
    from smtptui.cli.batch.opened import batch_errors, catalog, holder
    from smtptui.cli.batch.reading import read_again, read_new
    from smtptui.cli.exitcodes import ExitCode

    old = given["from_batch"]
    with batch_errors():
        if old is None:
            new_batch = read_new(ctx)
            source = sys.stdin.buffer if given["list_"] == "-" else Path(given["list_"])
            made = create(new_batch, source, catalog(), now=time.time())
        else:
            states = [RecipientState(word) for word in given["states"]]
            made = create_from_batch(old, states, lambda *kept: read_again(ctx, *kept), catalog(), holder())
    if given["as_json"]:
        _show_document(made)
    else:
        _show(made, old)
    return ExitCode.OK


_LEFT_OUT = ("skipped", "suppressed")


def _show_document(made: "Created") -> None:
    from smtptui.batch import RecipientState
    from smtptui.cli.batch.repeating import earlier_documents
    from smtptui.cli.output import Printer

    Printer(sys.stdout).json(
        {
            "ok": True,
            "exit": 0,
            "batch": made.name,
            "state": "draft",
            "total": made.tally.total,
            **{state: made.tally[RecipientState(state)] for state in ("pending", *_LEFT_OUT)},
            "reasons": {each.reason: each.number for each in made.left_out},
            "elsewhere": made.elsewhere,
            "earlier": earlier_documents(made.earlier),
            "columns": {"address": made.settings.list.address_column},
            "notes": list(made.notes),
        }
    )


def _show(made: "Created", old: str | None) -> None:
    """Print the name, and on standard error what was found."""
    from smtptui.batch import RecipientState
    from smtptui.cli.batch.repeating import earlier_lines
    from smtptui.cli.batch.words import counted
    from smtptui.cli.output import Printer

    Printer(sys.stdout).line(made.name)
    stderr, tally = Printer(sys.stderr), made.tally
    for note in made.notes:
        stderr.line(note)
    left = "".join(f", {tally[RecipientState(state)]} {state}" for state in _LEFT_OUT if tally[RecipientState(state)])
    here = f"; {made.elsewhere} are for the other machines" if made.elsewhere else ""
    pending = counted(tally[RecipientState.PENDING], "recipient", "recipients")
    stderr.line(f"{pending} to be sent to{left}{here}.")
    for each in sorted(made.left_out, key=lambda one: one.number, reverse=True):
        stderr.line(f"  {each.number} {each.reason}")
        for example in each.examples:
            stderr.line(f"      {example}")
    for line in earlier_lines(made.earlier, made.asked, now=time.time()):
        stderr.line(line)
    stderr.line(f"Next: smtptui batch lint {made.name}")
    if made.moved:
        who = counted(made.moved, "recipient was", "recipients were")
        stderr.line(f"{who} moved here: batch {old} does not send to them any more.")
