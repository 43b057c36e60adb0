"""``smtptui batch run``: sends a batch until it is done, paused or stopped."""

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.batch.options import WAVES
from smtptui.cli.options import Command, apply
from smtptui.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from smtptui.batch import BatchStatus, EndKind, Tally
    from smtptui.cli.exitcodes import ExitCode

_OPTIONS = (
    click.option(
        "--wait/--no-wait",
        default=True,
        show_default=True,
        help="Wait for retries, sending hours and the daily cap, or exit with 75 when nothing more can be sent now.",
    ),
    click.option(
        "--changes",
        type=click.Choice(["take", "ignore"]),
        help="If list, template or profile changed: `take` uses the new template and profile, `ignore` the old ones.",
    ),
    click.option(
        "--supervised",
        is_flag=True,
        help="The secret is the first line on standard input; when that ends, finish what is on its way and stop.",
    ),
    click.option(
        "--again",
        is_flag=True,
        help="Send although other batches sent the same message to many of these recipients lately; the batch keeps"
        " this decision.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, as `status --json` once a second."),
    *WAVES,
)


CODES = {
    "LOGIN": "PERMISSION",
    "UNCERTAIN": "PROTOCOL",
    "JOURNAL": "IO",
    "CONFIGURATION": "CONFIGURATION",
    "INPUT": "DATA",
    "LATER": "TEMPORARY",
    "REFUSED": "UNAVAILABLE",
    "DONE": "OK",
}
"""The exit code for each conclusion, both by name: neither is loaded yet."""
_OF_WAVES = ("canary", "wave_factor", "max_failed", "max_deferred")


def run_options(command: Command) -> Command:
    return apply(_OPTIONS, command)


@click.command(cls=SectionedCommand)
@click.argument("name")
@click.option("--untested", is_flag=True, help="Send although no message of it was sent to you by `test`.")
@run_options
def run(name: str, untested: bool, **given: Any) -> int:
    """Send a batch.

    The first messages go out in waves: 20, then three times as many, and so on. The batch pauses if more of them fail
    than chance explains. The options of the waves are kept with the batch.

    Ctrl-C, as SIGTERM and SIGHUP, stops it: what is on its way is finished, for half a minute at most, and
    `resume` goes on with the rest. A second Ctrl-C stops at once; who then may have the message or not is shown
    as uncertain.

    A batch whose template was sent by other batches to more than 5 % and more than 3 of those who are left, within the
    last 30 days, is not sent without --again.

    Exits with 0 if every recipient was sent to, 69 if some were refused, 75 if some are left, 76 if the outcome is
    uncertain for some, 77 if the login or a permission was refused.
    """
    return execute(name, untested=untested, **given)


def execute(
    name: str, *, supervised: bool, as_json: bool, untested: bool = False, resume: bool = False, **given: Any
) -> "ExitCode":
    """Send a batch and report it; raises :class:`CommandError` for whatever keeps it from starting."""
    # Only now: the engine takes longer to load than --help may take.
    from smtptui.batch import (
        BatchStatus,
        ComposerProcess,
        Controlled,
        EndKind,
        RunOptions,
        check_sendable,
        prepare_run,
        run_batch,
        status_of_run,
        stop_unwatched,
        supervised_credentials,
    )
    from smtptui.cli.batch.opened import batch_errors, opened, shared_path
    from smtptui.cli.batch.pause import show_controlled
    from smtptui.cli.batch.progress import Board
    from smtptui.cli.batch.reading import read_waves
    from smtptui.cli.batch.relay import relay_credentials, relay_now
    from smtptui.cli.batch.repeating import take_over_acceptances
    from smtptui.cli.output import Printer

    stderr = Printer(sys.stderr)
    plain = {option: value for option, value in given.items() if option not in _OF_WAVES}
    with batch_errors():
        options = RunOptions(**plain, untested=untested, resume=resume, waves=read_waves(given).limits)
    with ComposerProcess() as composer:
        with opened(name, whole=True) as (journal, _):
            take_over_acceptances()
            plan = prepare_run(
                journal,
                options,
                composer,
                read_relay=relay_now,
                shared=shared_path(),
                tell=lambda sentence: stderr.line(f"smtptui: {sentence}"),
            )
        if isinstance(plan, Controlled):
            return show_controlled(name, plan, as_json=as_json)
        if isinstance(plan, BatchStatus):
            return _report(plan, None, as_json=as_json)
        with batch_errors():
            credentials = supervised_credentials(plan.relay.login) if supervised else relay_credentials(plan.relay)
        board = Board(sys.stdout, as_json=as_json)
        with batch_errors():
            result = run_batch(
                plan.request(credentials, composer),
                report=lambda progress: board.show(status_of_run(name, progress)),
                started=stop_unwatched if supervised else None,
            )
    ending = result.ending
    status = BatchStatus(name, ending.state, ending.reason, result.tally, by_code=_by_code(name))
    board.end(status)
    if ending.kind is EndKind.DONE:
        with batch_errors():
            check_sendable(name, result.tally)
    return _report(status, ending.kind, as_json=as_json, unopened=result.unopened)


def exit_code(tally: "Tally", kind: "EndKind | None" = None) -> "ExitCode":
    """The code for how a batch stands, and for how its run ended."""
    from smtptui.batch import conclude
    from smtptui.cli.exitcodes import ExitCode

    return ExitCode[CODES[conclude(tally, kind).name]]


def _by_code(name: str) -> int:
    from smtptui.cli.batch.opened import opened
    from smtptui.cli.errors import CommandError

    # A journal that can no longer be read must not hide how the run ended.
    with contextlib.suppress(CommandError), opened(name, readonly=True) as (journal, _):
        return journal.by_code_only()
    return 0


def _report(status: "BatchStatus", kind: "EndKind | None", *, as_json: bool, unopened: bool = False) -> "ExitCode":
    from smtptui.batch import conclusion_sentence
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    if as_json:
        Printer(sys.stdout).json(status.document)
    code = exit_code(status.tally, kind)
    words = conclusion_sentence(status.batch, status.state, status.reason, status.tally, unopened=unopened)
    if code is not ExitCode.OK:
        Printer(sys.stderr).line(f"smtptui: {words}")
    elif not as_json:
        Printer(sys.stdout).line(words)
    return code
