"""``smtptui send``: one message, with its live transcript."""

import functools
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from smtptui.cli.connection_options import ConnectionChoice, connection_options, read_connection
from smtptui.cli.errors import usage
from smtptui.cli.message_options import MessageChoice, message_options, read_message
from smtptui.cli.sections import SectionedCommand, SectionedOption
from smtptui.protocol import QUITTABLE, Stage

if TYPE_CHECKING:
    from smtptui.batch import Count
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.session import ExitAfter, Request
    from smtptui.transcript import Outcome

_session = functools.partial(click.option, cls=SectionedOption, section="Session")
_STAGES = click.Choice([stage.value for stage in Stage])


@click.command(
    cls=SectionedCommand,
    epilog="Stages: "
    + ", ".join(stage.value for stage in Stage)
    + ". QUIT is possible after "
    + ", ".join(stage.value for stage in Stage if stage in QUITTABLE)
    + ". Connection options and --from can be set in the environment, as in SMTPTUI_SERVER for --server;"
    " -4 and -6 are SMTPTUI_FAMILY=4 and 6. The option goes first, then the environment, then the profile.",
)
@connection_options
@message_options
@_session("--quit-after", type=_STAGES, metavar="STAGE", help="Say QUIT once this stage is done.")
@_session("--drop-after", type=_STAGES, metavar="STAGE", help="Drop the connection once this stage is done.")
@_session(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the transcript: .jsonl as JSON Lines, .html as HTML, else as text.",
)
@_session("--quiet", is_flag=True, help="Print nothing but the reason of a failure.")
@_session("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def send(ctx: click.Context, /, **given: Any) -> int:
    """Send one message and watch the session.

    Exits with 0 only if every recipient was accepted, or the stage of --quit-after or --drop-after was
    reached. If only some were accepted, it prints the command that sends to those alone who are left.
    """
    if given["quit_after"] and given["drop_after"]:
        raise usage("--quit-after and --drop-after: give one of them.")
    where, what = read_connection(ctx), read_message(ctx)
    if where.profile is not None and what.eml is None:
        what = what.by_default(where.profile.from_address)
    # Only now, when the options make sense: the engine takes longer to load than --help may take.
    from smtptui.cli.again import again_command

    again = functools.partial(again_command, ctx)
    return _send(
        _Job(
            where,
            what,
            given["quit_after"],
            given["drop_after"],
            given["save"],
            given["quiet"],
            given["as_json"],
            again,
        )
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """The options of ``send``, read."""

    where: ConnectionChoice
    what: MessageChoice
    quit_after: str | None = None
    drop_after: str | None = None
    save: Path | None = None
    quiet: bool = False
    json: bool = False
    again: "Callable[[Outcome], str] | None" = None
    """The command for those who are left, see :mod:`smtptui.cli.again`."""


def _send(job: _Job) -> "ExitCode":
    """Send one message and report it; returns the exit code.

    Raises :class:`CommandError` for whatever keeps it from starting.
    """
    from smtptui.cli.observing import View, observe
    from smtptui.session import SessionRun

    request = _prepare(job)
    view = View(("send",), job.save, job.quiet, job.json, again=job.again)
    count = _count(job.where, request)
    if count is None:
        return observe(request, view)
    runs: list[SessionRun] = []

    def begin(request: "Request") -> SessionRun:
        # The last thing before the session: what keeps it from starting is counted for nobody.
        count.begin(time.time())
        runs.append(SessionRun(replace(request, notes=(*request.notes, *count.notes))))
        return runs[0]

    code = observe(request, view, start=begin)
    count.end(runs[0].outcome, time.time())
    return code


def _count(where: ConnectionChoice, request: "Request") -> "Count | None":
    """What counts the message against the daily cap of its profile; None if that has none."""
    profile = where.profile
    if profile is None or profile.limits.per_day is None:
        return None
    # Only with a cap: what spans batches takes longer to load than all the rest of this.
    from smtptui.batch import Count
    from smtptui.config import Places

    connection, recipients = where.connection, len(request.envelope.recipients)
    return Count(Places.of(os.environ).shared, connection, where.user or "", profile.limits.per_day, recipients)


def _prepare(job: _Job) -> "Request":
    from smtptui.cli.compose import compose
    from smtptui.cli.credentials import credentials_of
    from smtptui.session import MECHANISMS, Request

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


def _exit_after(job: _Job) -> "ExitAfter | None":
    from smtptui.session import ExitAfter

    stage = job.quit_after or job.drop_after
    try:
        return ExitAfter(Stage(stage), drop=job.drop_after is not None) if stage else None
    except ValueError as error:
        raise usage(f"--quit-after: {error}; or use --drop-after.") from error
