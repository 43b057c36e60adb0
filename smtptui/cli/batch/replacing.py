"""Replaces the address of a recipient, and says what follows."""

import sys

from smtptui.batch import CorrectionError, SettingsError, correct
from smtptui.cli.batch.mending import holder
from smtptui.cli.batch.opened import batch_errors, path_of
from smtptui.cli.errors import CommandError, bad_input
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer


def replace_address(name: str, old: str, new: str, *, as_json: bool) -> ExitCode:
    """Correct a recipient; raises :class:`CommandError`."""
    try:
        with batch_errors():
            done = correct(path_of(name), old, new, holder())
    except CorrectionError as error:
        raise bad_input(str(error)) from error
    except SettingsError as error:
        raise CommandError(ExitCode.CONFIGURATION, "configuration", str(error)) from error
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "batch": name, "old": old, "new": done.new, "recipients": len(done.seqs)})
    else:
        stdout.line(f"{old} is {done.new} now. Next: smtptui batch {'run' if done.begun else 'lint'} {name}")
    return ExitCode.OK
