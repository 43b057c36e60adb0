"""``smtptui batch correct``: another address for a recipient who was not sent to yet."""

import sys

import click

from smtptui.cli.batch.options import JSON


@click.command()
@click.argument("name")
@click.argument("old")
@click.argument("new")
@JSON
def correct(name: str, old: str, new: str, as_json: bool) -> int:
    """Give recipient OLD of a batch the address NEW, in the envelope and in the column of the list.

    Possible for those who are pending, deferred or failed, or were skipped because of their address. NEW has to pass
    what `new` asks of an address. The recipient is pending then; `run` or `resume` sends.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import CorrectionError, SettingsError
    from smtptui.batch import correct as correct_address
    from smtptui.cli.batch.opened import batch_errors, holder, path_of
    from smtptui.cli.errors import CommandError, bad_input
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    try:
        with batch_errors():
            done = correct_address(path_of(name), old, new, holder())
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
