"""Shows how a batch stands, once or as it changes, from its journal alone."""

import sys
import time
from collections.abc import Callable

from smtptui.batch import BatchStatus, Journal, read_status
from smtptui.cli.batch.opened import names, opened
from smtptui.cli.batch.progress import Board, status_lines
from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_LOOK = 1.0


def show_status(
    name: str | None, *, watch: bool, as_json: bool, sleep: Callable[[float], None] = time.sleep
) -> ExitCode:
    """Print how a batch stands, once or until it rests; raises :class:`CommandError`."""
    with opened(name or newest(), readonly=True, said=False) as (journal, path):
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


def _goes_on(status: BatchStatus) -> bool:
    """Whether there is more to see: a batch that was not begun may be, one whose runner has gone rests."""
    return status.live or not status.state.started


def newest() -> str:
    """The name of the batch that runs, else of the one made last; raises a usage :class:`CommandError`."""
    best: tuple[bool, float, str] | None = None
    for name in names():
        try:
            with opened(name, readonly=True, said=False) as (journal, path):
                rank = (read_status(journal, path).live, _created(journal), name)
        except CommandError:
            continue
        best = rank if best is None else max(best, rank)
    if best is None:
        raise usage("There is no batch yet. `smtptui batch new LIST --template FILE -p PROFILE` makes one.")
    return best[2]


def _created(journal: Journal) -> float:
    return journal.facts().created
