"""Recovers a damaged batch and says what became of its recipients, and what to do next."""

import os
import socket
import sys

from smtptui.batch import Holder, recover
from smtptui.cli.batch.opened import batch_errors, path_of, shared_path
from smtptui.cli.batch.words import counted
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

ENDED = "Batch {name} was paused, and the process that waited with it has ended."
"""What is said if a paused batch was changed while its process waited."""


def holder() -> Holder:
    """This process, as whoever takes a batch in hand."""
    return Holder(shared_path(), os.getpid(), socket.gethostname())


def recover_batch(name: str, *, as_json: bool) -> ExitCode:
    """Recover a batch; raises :class:`CommandError`."""
    with batch_errors():
        done = recover(path_of(name), holder())
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
