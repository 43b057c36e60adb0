"""One message for ``send``: everything is read and checked first, then the session begins."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from smtptui.cli.compose import compose
from smtptui.cli.connection_options import ConnectionChoice
from smtptui.cli.credentials import credentials_of
from smtptui.cli.errors import usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.live import Run
from smtptui.cli.message_options import MessageChoice
from smtptui.cli.observing import View, observe
from smtptui.protocol import Stage
from smtptui.session import MECHANISMS, ExitAfter, Request, SessionRun
from smtptui.transcript import Outcome

if TYPE_CHECKING:
    from smtptui.batch import Count


@dataclass(frozen=True, slots=True)
class Job:
    """The options of ``send``, read."""

    where: ConnectionChoice
    what: MessageChoice
    quit_after: str | None = None
    drop_after: str | None = None
    save: Path | None = None
    quiet: bool = False
    json: bool = False
    again: Callable[[Outcome], str] | None = None
    """The command for those who are left, see :mod:`smtptui.cli.again`."""


def send_message(job: Job, *, start: Callable[[Request], Run] = SessionRun) -> ExitCode:
    """Send one message and report it; returns the exit code.

    Raises :class:`CommandError` for whatever keeps it from starting.
    """
    request = _prepare(job)
    view = View(("send",), job.save, job.quiet, job.json, again=job.again)
    count = _count(job.where, request)
    if count is None:
        return observe(request, view, start=start)
    runs: list[Run] = []

    def begin(request: Request) -> Run:
        # The last thing before the session: what keeps it from starting is counted for nobody.
        count.begin(time.time())
        runs.append(start(replace(request, notes=(*request.notes, *count.notes))))
        return runs[0]

    code = observe(request, view, start=begin)
    ended = runs[0]
    count.end(ended.outcome if isinstance(ended, SessionRun) else None, time.time())
    return code


def _count(where: ConnectionChoice, request: Request) -> "Count | None":
    """What counts the message against the daily cap of its profile; None if that has none."""
    profile = where.profile
    if profile is None or profile.limits.per_day is None:
        return None
    # Only with a cap: what spans batches takes longer to load than all the rest of this.
    from smtptui.batch import Count
    from smtptui.config import Places

    connection, recipients = where.connection, len(request.envelope.recipients)
    return Count(Places.of(os.environ).shared, connection, where.user or "", profile.limits.per_day, recipients)


def _prepare(job: Job) -> Request:
    exit_after = _exit_after(job)
    if job.save == Path("-"):
        raise usage("--save wants a file; standard output has the transcript already.")
    composed = compose(job.what, exit_after, stdin=lambda: sys.stdin.buffer, now=datetime.now(UTC).astimezone())
    connection = job.where.connection
    if connection.auth not in ("auto", "off", *MECHANISMS):
        raise usage(f"--auth {connection.auth}: no such mechanism here; there are {', '.join(MECHANISMS)}.")
    if not (connection.host or connection.socket_path or composed.envelope.recipients):
        raise usage("Say where to connect: --server HOST. Without recipients there is no domain to look up.")
    credentials = None
    if exit_after is None or exit_after.stage.order >= Stage.AUTH.order:
        credentials = credentials_of(job.where, os.environ)
    message = composed.message
    return Request(
        connection=connection,
        envelope=composed.envelope,
        content=message.content,
        credentials=credentials,
        utf8_headers=message.utf8_headers,
        exit_after=exit_after,
        notes=message.notes,
        left_out=composed.left_out,
    )


def _exit_after(job: Job) -> ExitAfter | None:
    stage = job.quit_after or job.drop_after
    try:
        return ExitAfter(Stage(stage), drop=job.drop_after is not None) if stage else None
    except ValueError as error:
        raise usage(f"--quit-after: {error}; or use --drop-after.") from error
