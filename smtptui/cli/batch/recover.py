"""``smtptui batch recover``: a damaged batch is made one that can be sent again."""

import sys

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@JSON
def recover(name: str, as_json: bool) -> int:
    """Recover a batch whose journal is damaged, was put back from a backup, or was copied from elsewhere.

    Everyone who may have the message already becomes uncertain; `resolve` decides about them. Whoever provably does
    not have it stays pending. Nothing is sent. A batch that is not damaged is left as it is.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import recover as recover_batch
    from smtptui.cli.batch.opened import batch_errors, holder, path_of
    from smtptui.cli.batch.words import counted
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    with batch_errors():
        done = recover_batch(path_of(name), holder())
    stdout, doubted = Printer(sys.stdout), done.doubted
    if as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "done": "recovered" if doubted else "nothing",
                "damage": done.damage,
                "uncertain": doubted.uncertain if doubted else 0,
                "skipped": doubted.skipped if doubted else 0,
                "unsent": doubted.unsent if doubted else 0,
            }
        )
        return ExitCode.OK
    if doubted is None:
        stdout.line(f"Batch {name} is not damaged; nothing was changed.")
        return ExitCode.OK
    stdout.line(done.damage or "")
    stdout.line(f"Batch {name} is recovered. {counted(doubted.unsent, 'recipient is', 'recipients are')} still unsent.")
    if doubted.skipped:
        rows = counted(doubted.skipped, "recipient is", "recipients are")
        stdout.line(f"{rows} skipped, because the row is damaged; “smtptui batch errors {name}” shows them.")
    if doubted.uncertain:
        people = counted(doubted.uncertain, "recipient", "recipients")
        stdout.line(
            f"{people} may or may not have the message. Decide with “smtptui batch resolve {name} --assume-sent” or "
            f"“--resend”; until then they are not sent to."
        )
    if doubted.unsent:
        stdout.line(f"Next: smtptui batch run {name}")
    return ExitCode.OK
