"""``smtptui batch list``: all batches, and how far they are."""

import sys
from typing import TYPE_CHECKING

import click

from smtptui.cli.batch.options import JSON

if TYPE_CHECKING:
    from smtptui.batch import BatchStatus


@click.command("list")
@JSON
def list_(as_json: bool) -> int:
    """List the batches: name, state, how many are sent, open, and not well; the newest last."""
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.cli.batch.opened import catalog, command_error
    from smtptui.cli.batch.words import table
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    there = catalog()
    found = there.listing()
    faults = [command_error(error) for error in found.faults]
    code = faults[0].code if faults else ExitCode.OK
    stdout = Printer(sys.stdout)
    if as_json:
        document: dict[str, object] = {
            "ok": not faults,
            "exit": int(code),
            "folder": str(there.folder),
            "batches": [status.document for status in found.batches],
        }
        if faults:
            # Only now: what a session's document has is needed by errors alone.
            from smtptui.transcript import error_json

            document["error"] = error_json(faults[0].kind, " ".join(fault.message for fault in faults))
        stdout.json(document)
        return code
    if not found.batches and not faults:
        stdout.line("There are no batches yet. `smtptui batch new LIST --template FILE -p PROFILE` makes one.")
    for line in table([_row(status) for status in found.batches]):
        stdout.line(line)
    stderr = Printer(sys.stderr)
    for fault in faults:
        stderr.line(f"smtptui: {fault.message}")
    return code


def _row(status: "BatchStatus") -> tuple[str, ...]:
    from smtptui.batch import RecipientState

    tally = status.tally
    why = f"damaged: run “smtptui batch recover {status.batch}”" if status.damaged else status.reason
    bad = [f"{tally[state]} {state}" for state in (RecipientState.FAILED, RecipientState.UNCERTAIN) if tally[state]]
    sent = f"{tally[RecipientState.SENT]} of {tally.total} sent"
    return status.batch, status.state.value, sent, f"{tally.open} open", ", ".join(bad), why
