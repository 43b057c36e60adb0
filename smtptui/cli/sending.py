"""One message for ``send``: everything read and checked first, then the session, then its report."""

import asyncio
import contextlib
import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from smtptui.cli.compose import compose
from smtptui.cli.connection_options import ConnectionChoice
from smtptui.cli.credentials import read_credentials
from smtptui.cli.document import error_document
from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.live import Run, conduct
from smtptui.cli.message_options import MessageChoice
from smtptui.cli.output import Printer, wants_colour
from smtptui.cli.saving import SaveFile
from smtptui.cli.verdict import exit_code
from smtptui.protocol import Stage
from smtptui.session import MECHANISMS, ExitAfter, Outcome, Request, SessionRun, Transcript, describe, outcome_json


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


def send_message(job: Job, *, start: Callable[[Request], Run] = SessionRun) -> ExitCode:
    """Send one message and report it; returns the exit code.

    Raises :class:`CommandError` for whatever keeps it from starting.
    """
    stdout = Printer(sys.stdout, colour=wants_colour(sys.stdout, os.environ))
    request = _prepare(job)
    # Last, so that an error before leaves no empty file.
    save = SaveFile(job.save) if job.save is not None else None
    run = start(request)
    outcome: Outcome | None = None
    trouble: CommandError | None = None
    try:
        outcome = asyncio.run(
            conduct(run, None if job.quiet or job.json else stdout, lambda: _abandon(job, run, save, stdout))
        )
    finally:
        # Also where the session ended in a way nobody foresaw: then the transcript is wanted most.
        if save is not None:
            trouble = _save(save, run.transcript, outcome)
        if outcome is None:
            run.transcript.close()
    code = _report(job, outcome, run.transcript, trouble, stdout)
    run.transcript.close()
    return code


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
        credentials = read_credentials(job.where, os.environ, _ask if _someone_is_there() else None)
    message = composed.message
    return Request(
        connection=connection,
        envelope=composed.envelope,
        content=message.content,
        credentials=credentials,
        utf8_headers=message.utf8_headers,
        exit_after=exit_after,
        notes=message.notes,
    )


def _exit_after(job: Job) -> ExitAfter | None:
    stage = job.quit_after or job.drop_after
    try:
        return ExitAfter(Stage(stage), drop=job.drop_after is not None) if stage else None
    except ValueError as error:
        raise usage(f"--quit-after: {error}; or use --drop-after.") from error


def _someone_is_there() -> bool:
    """Whether a question would be seen and could be answered; the message may come from standard input."""
    if sys.stdin.isatty():
        return True
    if sys.stderr.isatty():
        with contextlib.suppress(OSError):
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
            return True
    return False


def _ask(prompt: str) -> str:
    return getpass.getpass(prompt)


def _save(save: SaveFile, transcript: Transcript, outcome: Outcome | None) -> CommandError | None:
    """Save the transcript; a failure is returned, so that the result of the session is reported as well."""
    try:
        save.write(transcript, outcome)
    except CommandError as error:
        return error
    return None


def _report(
    job: Job, outcome: Outcome, transcript: Transcript, trouble: CommandError | None, stdout: Printer
) -> ExitCode:
    stderr = Printer(sys.stderr)
    code = exit_code(outcome)
    final = trouble.code if trouble is not None and code is ExitCode.OK else code
    if job.json:
        document = outcome_json(outcome, transcript)
        if trouble is not None and code is ExitCode.OK:
            document |= {
                "ok": False,
                "error": {"stage": None, "kind": trouble.kind, "message": trouble.message},
            }
        # "exit" stands where readers expect it, next to "ok".
        stdout.json({"ok": document["ok"], "exit": int(final), **document})
    elif code is not ExitCode.OK:
        stderr.line(f"smtptui: {describe(outcome)}")
    elif not job.quiet:
        stdout.line(describe(outcome))
    if trouble is not None and not job.json:
        stderr.line(f"smtptui: {trouble.message}")
    if stdout.error is not None:
        # Whoever only sees this must not send again what was accepted.
        stderr.line(f"smtptui: Standard output could not be written: {stdout.error.strerror}. {describe(outcome)}")
        final = final or ExitCode.IO
    return final


def _abandon(job: Job, run: Run, save: SaveFile | None, stdout: Printer) -> None:
    """Leave the process now, with what is known; the operating system closes the connection."""
    error = _stopped(run.progress().stage)
    if save is not None:
        _save(save, run.transcript, None)
    if job.json:
        stdout.line(error_document(["send"], error.code, error.kind, error.message))
    else:
        Printer(sys.stderr).line(f"smtptui: {error.message}")
    os._exit(error.code)


def _stopped(stage: Stage) -> CommandError:
    if stage in (Stage.BODY, Stage.DOT):
        return CommandError(
            ExitCode.PROTOCOL,
            "uncertain",
            "Stopped before the server answered: it may or may not have accepted the message.",
        )
    return CommandError(ExitCode.TEMPORARY, "cancelled", "Stopped at once; the message was not sent.")
