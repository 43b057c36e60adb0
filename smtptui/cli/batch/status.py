"""``smtptui batch status``: how far a batch is."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from smtptui.cli.batch.options import JSON

if TYPE_CHECKING:
    from smtptui.batch import BatchStatus

_LOOK = 1.0


@click.command()
@click.argument("name", required=False)
@click.option("--watch", is_flag=True, help="Keep updating until the batch stops; with --json as JSON Lines.")
@JSON
def status(name: str | None, watch: bool, as_json: bool) -> int:
    """Show how far a batch is; without NAME the one that runs, else the newest.

    The states add up to the total. Rate, time left and what limits the speed are known only while it runs.
    """
    return show_status(name, watch=watch, as_json=as_json)


def show_status(name: str | None, *, watch: bool, as_json: bool, sleep: Callable[[float], None] = time.sleep) -> int:
    """Print how a batch stands, once or until it rests; raises :class:`CommandError`."""
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import read_status
    from smtptui.cli.batch.opened import batch_errors, catalog, opened
    from smtptui.cli.batch.progress import Board, status_lines
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    with batch_errors():
        which = name or catalog().newest()
    with opened(which, readonly=True, said=False) as (journal, path):
        stdout = Printer(sys.stdout)
        if not watch:
            status = read_status(journal, path)
            if as_json:
                stdout.json(status.document)
            else:
                for line in status_lines(status):
                    stdout.line(line)
            return ExitCode.OK
        board = Board(sys.stdout, as_json=as_json)
        while True:
            status = read_status(journal, path)
            board.show(status)
            if board.gone or not _goes_on(status):
                board.end(status)
                return ExitCode.OK
            sleep(_LOOK)


def _goes_on(status: "BatchStatus") -> bool:
    """Whether there is more to see: a batch that was not begun may be, one whose runner has gone rests."""
    return status.live or not status.state.started
