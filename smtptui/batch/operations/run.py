"""Starting a run of a batch: what keeps it from starting, what it is sent with, and how it stands meanwhile."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smtptui.batch.composer import ComposerProcess
from smtptui.batch.journal import Journal, runner_lives
from smtptui.batch.model import BatchState, RecipientState, Tally
from smtptui.batch.operations.account import account_of
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind, journal_errors
from smtptui.batch.operations.changes import Changes, ReadRelay, settle_changes
from smtptui.batch.operations.check import check_before_run
from smtptui.batch.operations.composition import documents_of, open_template, settings_of
from smtptui.batch.operations.control import Controlled, resume
from smtptui.batch.operations.relay import CurrentRelay, limits_of_run
from smtptui.batch.operations.repeats import DAYS, Repetition, day_of, message_hash, repetition
from smtptui.batch.pacing import Limits
from smtptui.batch.running import RunProgress, RunRequest
from smtptui.batch.settings import BatchSettings
from smtptui.batch.status import BatchStatus, read_status
from smtptui.protocol import Credentials
from smtptui.session import LaneSettings

_NEVER = (RecipientState.SKIPPED, RecipientState.SUPPRESSED)
"""The states of those to whom nothing is ever sent."""
_SHOWN = 3
"""Earlier batches that are named."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a user decides about a run."""

    wait: bool = True
    """Whether to wait for retries, hours and the daily cap, or to end once all that can be done now is done."""
    changes: Changes | None = None
    """What to send with if the list, template or profile changed."""
    again: bool = False
    """Send although others sent the same message to many of these recipients; the batch keeps this."""
    untested: bool = False
    """Send although no test message was sent."""
    resume: bool = False
    """Have a runner that waits with the paused batch go on, if there is one."""
    waves: Mapping[str, Any] = field(default_factory=dict)
    """Limits to keep from here on, as fields of their settings."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A run that may start."""

    path: Path
    shared: Path
    settings: BatchSettings
    relay: CurrentRelay
    """Who logs in; the credentials are the caller's to fetch."""
    limits: Limits
    message: str
    """The hash of what makes the messages."""
    wait: bool

    def request(self, credentials: Credentials | None, composer: ComposerProcess) -> RunRequest:
        """What :func:`run_batch` takes; the template is open in ``composer``."""
        connection, user = self.relay.relay.connection, self.relay.relay.user
        return RunRequest(
            path=self.path,
            lane=LaneSettings(connection, credentials, self.settings.pipelining),
            limits=self.limits,
            compose=composer,
            account=account_of(connection, user),
            shared=self.shared,
            message=self.message,
            wait=self.wait,
            keep_transcripts=self.settings.keep_transcripts,
        )


def prepare_run(
    journal: Journal,
    options: RunOptions,
    composer: ComposerProcess,
    *,
    read_relay: ReadRelay,
    shared: Path,
    tell: Callable[[str], None],
) -> RunPlan | BatchStatus | Controlled:
    """Check what keeps a batch from being sent, and open its template in ``composer``.

    A :class:`BatchStatus` says that it is done already, a :class:`Controlled` what the runner that waits with it
    answered. Raises :class:`BatchError`; the kinds ``untested``, ``changed`` and ``repeated`` are for the user to
    decide, with :class:`RunOptions`.
    """
    name, path = journal.path.stem, journal.path
    with journal_errors():
        if runner_lives(path):
            return _ask_runner(journal, options)
        status = read_status(journal, path)
        _check_state(name, journal.facts().state, options)
        check_sendable(name, status.tally)
        if status.state is BatchState.DONE and not status.tally.open:
            return status
        settled = settle_changes(journal, read_relay, options.changes, tell=tell)
        settings, relay = settled.settings, settled.relay
        # Another template has been taken over, and that nobody has tested.
        _check_state(name, journal.facts().state, options)
        if options.waves:
            settings = settings.model_copy(update={"limits": settings.limits.model_copy(update=dict(options.waves))})
            journal.set_settings(settings.to_json())
        message = _check_repetition(journal, settings, shared, again=options.again)
        limits = limits_of_run(settings, relay)
        check_before_run(journal, settings)
        open_template(composer, journal)
    return RunPlan(path, shared, settings, relay, limits, message, options.wait)


def check_sendable(name: str, tally: Tally) -> None:
    """Raises :class:`BatchError` if there is not, and was not, anybody to send to."""
    if any(number and state not in _NEVER for state, number in tally.counts.items()):
        return
    skipped, suppressed = (tally[state] for state in _NEVER)
    why = " and ".join(f"{n} {word}" for n, word in ((skipped, "skipped"), (suppressed, "suppressed")) if n)
    who = "1 recipient" if tally.total == 1 else f"{tally.total} recipients"
    raise BatchError(
        BatchErrorKind.INPUT,
        f"Batch {name} has nobody to send to: of {who} {why}. Nothing was sent. “smtptui batch errors {name}” shows "
        "why.",
    )


def status_of_run(name: str, progress: RunProgress) -> BatchStatus:
    """How a run in this process stands."""
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


def _ask_runner(journal: Journal, options: RunOptions) -> Controlled:
    """Have the runner that has the batch go on, if that is what is wanted."""
    name = journal.path.stem
    if options.resume and options.waves:
        raise BatchError(
            BatchErrorKind.USAGE,
            f"Another process holds batch {name} and keeps its limits. Stop that process (Ctrl-C), then resume with "
            "these options.",
        )
    if options.resume:
        return resume(journal)
    message = f"Batch {name} is being sent by another process; “smtptui batch status {name}” shows it."
    if journal.facts().state is BatchState.PAUSED:
        message = (
            f"Batch {name} is paused, and the process that sends it waits. Continue with: smtptui batch resume {name}"
        )
    raise BatchError(BatchErrorKind.BUSY, message)


def _check_state(name: str, state: BatchState, options: RunOptions) -> None:
    if state is BatchState.CANCELLED:
        raise BatchError(
            BatchErrorKind.STATE,
            f"Batch {name} was cancelled and is not sent any more. Make another one of those who are left: smtptui"
            f" batch new --from-batch {name}",
        )
    if state.untested and not options.untested:
        raise BatchError(
            BatchErrorKind.UNTESTED,
            f"Batch {name} is untested. Send one of its messages to yourself first: smtptui batch test {name}"
            " --to YOU; or say --untested.",
        )


def _check_repetition(journal: Journal, settings: BatchSettings, shared: Path, *, again: bool) -> str:
    """The hash of what makes the messages, if they may be sent; raises :class:`BatchError` if many of those who are
    left had the same from another batch and nobody has decided that they get it again.
    """
    message = message_hash(documents_of(journal), settings.message)
    kept = settings_of(journal.facts())
    if again and not kept.again:
        journal.set_settings(kept.model_copy(update={"again": True}).to_json())
    if not (again or kept.again):
        found = repetition(journal, shared, message, now=time.time())
        if found.needs_decision:
            raise BatchError(BatchErrorKind.REPEATED, *_refusal(journal.path.stem, found))
    return message


def _refusal(name: str, found: Repetition) -> list[str]:
    now = time.time()
    batches = [f"{each.batch} ({day_of(each.last, now)})" for each in found.earlier[:_SHOWN]]
    if len(found.earlier) > _SHOWN:
        batches.append("others")
    uncertain = sum(each.uncertain for each in found.earlier)
    perhaps = f", {uncertain} of them perhaps (uncertain)" if uncertain else ""
    left_out = " ".join(f"--not-in {each.batch}" for each in found.earlier)
    # Without others the command would move everybody into a batch that sends to nobody.
    others = f"To send it only to the others: smtptui batch new --from-batch {name} {left_out}"
    return [
        f"{found.recipients} of the {found.left} recipients that batch {name} has left were sent the same message in"
        f" the last {DAYS} days, by {', '.join(batches)}{perhaps}. Nothing was sent.",
        *([others] if found.recipients < found.left else []),
        f"To send it to all of them again: smtptui batch run {name} --again",
    ]
