"""``smtptui batch pause``: a running batch finishes what is on its way, and stops."""

import sys
from typing import TYPE_CHECKING

import click

from smtptui.cli.batch.options import JSON

if TYPE_CHECKING:
    from smtptui.batch import Controlled
    from smtptui.cli.exitcodes import ExitCode


@click.command()
@click.argument("name")
@JSON
def pause(name: str, as_json: bool) -> int:
    """Let a running batch finish what is on its way, and send nothing more until `resume`.

    A runner that was started with --no-wait ends then; another one stays, and waits.
    """
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import pause as pause_batch
    from smtptui.cli.batch.opened import batch_errors, opened

    with opened(name) as (journal, _), batch_errors():
        return show_controlled(name, pause_batch(journal), as_json=as_json)


def show_controlled(name: str, done: "Controlled", *, as_json: bool) -> "ExitCode":
    """Say what came of a request to pause, resume or cancel."""
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "batch": name, "done": done.done})
    else:
        stdout.line(done.sentence)
    return ExitCode.OK
