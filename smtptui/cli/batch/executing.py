"""Runs a batch in this process: what keeps it from running is told first, then it is shown while it runs."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smtptui.batch import (
    BatchRun,
    BatchState,
    BatchStatus,
    ComposerProcess,
    EndKind,
    RecipientState,
    RunProgress,
    RunRequest,
    Tally,
    account_of,
    open_template,
    read_status,
    resume,
    run_batch,
    runner_lives,
)
from smtptui.cli.batch.changes import settled
from smtptui.cli.batch.checking import check_before_run
from smtptui.cli.batch.conclusion import conclusion, exit_code
from smtptui.cli.batch.opened import batch_errors, opened, shared_path
from smtptui.cli.batch.pause import show_controlled
from smtptui.cli.batch.progress import Board
from smtptui.cli.batch.reading import check_limits
from smtptui.cli.batch.repeating import check_repetition, take_over_acceptances
from smtptui.cli.batch.supervision import supervised_credentials, watch_the_watcher
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.session import LaneSettings

_NEVER = (RecipientState.SKIPPED, RecipientState.SUPPRESSED)
"""The states of those to whom nothing is ever sent."""


@dataclass(frozen=True, slots=True)
class Job:
    """The options of ``run`` and ``resume``."""

    name: str
    wait: bool
    changes: str | None
    supervised: bool
    as_json: bool
    again: bool = False
    untested: bool = False
    resume: bool = False
    waves: Mapping[str, Any] = field(default_factory=dict)
    """Limits to keep from here on, as fields of their settings."""


def execute(job: Job) -> ExitCode:
    """Send a batch and report it; raises :class:`CommandError` for whatever keeps it from starting."""
    with ComposerProcess() as composer:
        return _execute(job, composer)


def _execute(job: Job, composer: ComposerProcess) -> ExitCode:
    with opened(job.name, whole=True) as (journal, path):
        take_over_acceptances()
        if runner_lives(path):
            if job.resume and job.waves:
                raise usage(
                    f"Another process holds batch {job.name} and keeps its limits. Stop that process (Ctrl-C), then "
                    "resume with these options."
                )
            if job.resume:
                return show_controlled(job.name, resume(journal), as_json=job.as_json)
            message = f"Batch {job.name} is being sent by another process; “smtptui batch status {job.name}” shows it."
            if journal.facts().state is BatchState.PAUSED:
                message = (
                    f"Batch {job.name} is paused, and the process that sends it waits. Continue with: smtptui batch "
                    f"resume {job.name}"
                )
            raise CommandError(ExitCode.TEMPORARY, "busy", message)
        status = read_status(journal, path)
        _check_state(job, journal.facts().state)
        if not _sendable(status.tally):
            raise _nobody(job.name, status.tally)
        if status.state is BatchState.DONE and not status.tally.open:
            return _report(job, status, exit_code(status.tally))
        settings, relay = settled(job.name, journal, job.changes)
        # Another template has been taken over, and that nobody has tested.
        _check_state(job, journal.facts().state)
        if job.waves:
            settings = settings.model_copy(update={"limits": settings.limits.model_copy(update=dict(job.waves))})
            journal.set_settings(settings.to_json())
        message = check_repetition(job.name, journal, settings, again=job.again)
        limits = check_limits(settings, relay.choice.profile)
        check_before_run(job.name, journal, settings)
        open_template(composer, journal)
    credentials = supervised_credentials(relay) if job.supervised else relay.credentials()
    request = RunRequest(
        path=path,
        lane=LaneSettings(relay.choice.connection, credentials, settings.pipelining),
        limits=limits,
        compose=composer,
        account=account_of(relay.choice.connection, relay.choice.user or ""),
        shared=shared_path(),
        message=message,
        wait=job.wait,
        keep_transcripts=settings.keep_transcripts,
    )
    board = Board(sys.stdout, as_json=job.as_json)
    with batch_errors():
        result = run_batch(
            request,
            report=lambda progress: board.show(_status(job.name, progress)),
            started=_supervise if job.supervised else None,
        )
    ending = result.ending
    status = BatchStatus(job.name, ending.state, ending.reason, result.tally, by_code=_by_code(job.name))
    board.end(status)
    if ending.kind is EndKind.DONE and not _sendable(result.tally):
        raise _nobody(job.name, result.tally)
    return _report(job, status, exit_code(result.tally, ending.kind), unopened=result.unopened)


def _sendable(tally: Tally) -> bool:
    """Whether there is, or was, anybody to send to."""
    return any(number and state not in _NEVER for state, number in tally.counts.items())


def _nobody(name: str, tally: Tally) -> CommandError:
    skipped, suppressed = (tally[state] for state in _NEVER)
    why = " and ".join(f"{n} {word}" for n, word in ((skipped, "skipped"), (suppressed, "suppressed")) if n)
    return CommandError(
        ExitCode.DATA,
        "input",
        f"Batch {name} has nobody to send to: of {counted(tally.total, 'recipient', 'recipients')} {why}. Nothing was "
        f"sent. “smtptui batch errors {name}” shows why.",
    )


def _check_state(job: Job, state: BatchState) -> None:
    if state is BatchState.CANCELLED:
        raise usage(
            f"Batch {job.name} was cancelled and is not sent any more. Make another one of those who are left: smtptui"
            f" batch new --from-batch {job.name}"
        )
    if state.untested and not job.untested:
        raise usage(
            f"Batch {job.name} is untested. Send one of its messages to yourself first: smtptui batch test {job.name}"
            " --to YOU; or say --untested."
        )


def _by_code(name: str) -> int:
    # A journal that can no longer be read must not hide how the run ended.
    with contextlib.suppress(CommandError), opened(name, readonly=True) as (journal, _):
        return journal.by_code_only()
    return 0


def _supervise(run: BatchRun) -> None:
    loop = asyncio.get_running_loop()

    def gone() -> None:
        # The loop may have ended with the batch before the watcher did.
        if not loop.is_closed():
            loop.call_soon_threadsafe(run.stop, "the program that watched it is gone")

    watch_the_watcher(gone)


def _status(name: str, progress: RunProgress) -> BatchStatus:
    return BatchStatus(
        name,
        progress.state,
        progress.reason,
        progress.tally,
        progress.leased,
        progress.rate,
        progress.eta_s,
        progress.limited_by or None,
        live=True,
    )


def _report(job: Job, status: BatchStatus, code: ExitCode, *, unopened: bool = False) -> ExitCode:
    if job.as_json:
        Printer(sys.stdout).json(status.document)
    words = conclusion(status.batch, status.state, status.reason, status.tally, unopened=unopened)
    if code is not ExitCode.OK:
        Printer(sys.stderr).line(f"smtptui: {words}")
    elif not job.as_json:
        Printer(sys.stdout).line(words)
    return code
