"""Sends a batch: what it was made of is looked at, the secret is got, and the run is shown as it goes."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch import (
    BatchRun,
    BatchSettings,
    BatchState,
    BatchStatus,
    HoursError,
    Journal,
    RunProgress,
    RunRequest,
    RunResult,
    limits_of,
    run_batch,
    runner_lives,
)
from smtptui.cli.batch.asking import ask_to_go_on
from smtptui.cli.batch.changes import as_it_is, keep
from smtptui.cli.batch.checking import refuse_faults
from smtptui.cli.batch.conclusion import conclusion, exit_code
from smtptui.cli.batch.opened import journal_troubles, opened, settings_of, shared_path
from smtptui.cli.batch.progress import Board
from smtptui.cli.batch.relay import RelayNow
from smtptui.cli.batch.supervision import supervised_credentials, watch_the_watcher
from smtptui.cli.batch.workshop import Workshop, workshop
from smtptui.cli.errors import usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.protocol import Credentials
from smtptui.session import LaneSettings, Pipelining


@dataclass(frozen=True, slots=True)
class Job:
    """The options of ``run`` and ``resume``, read."""

    name: str
    untested: bool = False
    resume: bool = False
    wait: bool = True
    changes: str | None = None
    supervised: bool = False
    as_json: bool = False


def execute(job: Job) -> ExitCode:
    """Run a batch to an end, and say what it came to; raises :class:`CommandError` where it cannot begin."""
    with opened(job.name) as (journal, path):
        if runner_lives(path):
            if job.resume:
                return ask_to_go_on(journal, path, job.name, as_json=job.as_json)
            raise usage(f"Batch {job.name} is being sent already; `smtptui batch status {job.name} --watch` shows it.")
        facts = journal.facts()
        if facts.state is BatchState.CANCELLED:
            raise usage(f"Batch {job.name} was cancelled, and cannot go on.")
        tally = journal.tally()
        if facts.state is BatchState.DONE and not tally.open:
            return _over(job, RunResult.over(tally))
        _tested(job, facts.state)
        found = as_it_is(settings_of(facts), job.changes)
        if found.taken or job.changes == "take":
            keep(journal, found)
        shop = workshop(journal, journal.facts(), found.settings)
        if facts.state is BatchState.DRAFT or found.taken:
            refuse_faults(journal, shop)
        credentials = supervised_credentials(found.relay) if job.supervised else found.relay.credentials()
        request = _request(job, path, found.settings, found.relay, credentials, shop)
        _check_place(journal)
    return _run(job, request)


def _tested(job: Job, state: BatchState) -> None:
    if state in (BatchState.DRAFT, BatchState.LINTED) and not job.untested:
        raise usage(
            f"Batch {job.name} was not tested: send one of its messages to yourself with `smtptui batch test "
            f"{job.name} --to ADDRESS`, or say --untested."
        )


def _check_place(journal: Journal) -> None:
    """The journal has to be one that can be written; nothing is sent that cannot be recorded."""
    journal.set_settings(journal.facts().settings)


def _request(
    job: Job,
    path: Path,
    settings: BatchSettings,
    relay: RelayNow,
    credentials: Credentials | None,
    shop: Workshop,
) -> RunRequest:
    connection = relay.choice.connection
    try:
        limits = limits_of(settings.limits, shard=settings.shard)
    except HoursError as error:
        raise usage(str(error)) from error
    where = str(connection.socket_path) if connection.socket_path else f"{connection.host}:{connection.port}"
    return RunRequest(
        path=path,
        lane=LaneSettings(connection, credentials, Pipelining(settings.pipelining.value)),
        limits=limits,
        compose=shop.composing,
        account=f"{relay.choice.user or ''}@{where}",
        shared=shared_path(),
        wait=job.wait,
        keep_transcripts=settings.keep_transcripts,
    )


def _run(job: Job, request: RunRequest) -> ExitCode:
    board = Board(sys.stdout, as_json=job.as_json)

    def report(progress: RunProgress) -> None:
        board.show(
            BatchStatus(
                job.name,
                progress.state,
                progress.reason,
                progress.tally,
                progress.leased,
                progress.rate,
                progress.eta_s,
                progress.limited_by,
                live=True,
            )
        )

    def started(run: BatchRun) -> None:
        if job.supervised:
            loop = asyncio.get_running_loop()
            watch_the_watcher(lambda: _gone(loop, run))

    with journal_troubles():
        result = run_batch(request, report=report, started=started)
    board.end()
    return _over(job, result)


def _gone(loop: asyncio.AbstractEventLoop, run: BatchRun) -> None:
    try:
        loop.call_soon_threadsafe(run.stop, "whoever watched it is gone")
    except RuntimeError:
        # It has ended by itself meanwhile.
        return


def _over(job: Job, result: RunResult) -> ExitCode:
    ending = result.ending
    code = exit_code(result.tally, ending.kind)
    if job.as_json:
        Printer(sys.stdout).json(BatchStatus(job.name, ending.state, ending.reason, result.tally).document)
    else:
        said = conclusion(job.name, ending.state, ending.reason, result.tally)
        if code is ExitCode.OK:
            Printer(sys.stdout).line(said)
        else:
            Printer(sys.stderr).line(f"smtptui: {said}")
    return code
