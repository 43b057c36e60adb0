"""``smtptui batch list``: all batches, and how far they are."""

import sys

import click

from smtptui.cli.batch.options import JSON


@click.command("list")
@JSON
def list_(as_json: bool) -> int:
    """List the batches: name, state, how many are sent, open, and not well; the newest last."""
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import BatchStatus, RecipientState, read_status, tidy_folder
    from smtptui.cli.batch.opened import folder, names, opened
    from smtptui.cli.batch.words import table
    from smtptui.cli.errors import CommandError
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    tidy_folder(folder())
    found: list[tuple[float, BatchStatus]] = []
    faults: list[CommandError] = []
    for name in names():
        try:
            with opened(name, readonly=True, said=False) as (journal, path):
                found.append((journal.facts().created, read_status(journal, path)))
        except CommandError as error:
            faults.append(error)
    found.sort(key=lambda pair: pair[0])
    code = faults[0].code if faults else ExitCode.OK
    stdout = Printer(sys.stdout)
    if as_json:
        document: dict[str, object] = {
            "ok": not faults,
            "exit": int(code),
            "folder": str(folder()),
            "batches": [status.document for _, status in found],
        }
        if faults:
            message = " ".join(fault.message for fault in faults)
            document["error"] = {"stage": None, "kind": faults[0].kind, "message": message}
        stdout.json(document)
        return code
    if not found and not faults:
        stdout.line("There are no batches yet. `smtptui batch new LIST --template FILE -p PROFILE` makes one.")
    rows = []
    for _, status in found:
        tally = status.tally
        why = f"damaged: run “smtptui batch recover {status.batch}”" if status.damaged else status.reason
        bad = [f"{tally[state]} {state}" for state in (RecipientState.FAILED, RecipientState.UNCERTAIN) if tally[state]]
        sent = f"{tally[RecipientState.SENT]} of {tally.total} sent"
        rows.append((status.batch, status.state.value, sent, f"{tally.open} open", ", ".join(bad), why))
    for line in table(rows):
        stdout.line(line)
    stderr = Printer(sys.stderr)
    for fault in faults:
        stderr.line(f"smtptui: {fault.message}")
    return code
