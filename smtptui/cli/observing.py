"""One session for a command: shown as it goes, saved where that is wanted, reported when it is over."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smtptui.cli.again import reads_input
from smtptui.cli.document import error_document
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.live import Run, conduct
from smtptui.cli.output import Printer, wants_colour
from smtptui.cli.verdict import exit_code
from smtptui.config import Replacement, WriteError
from smtptui.protocol import Stage
from smtptui.session import Request, SessionRun
from smtptui.transcript import Outcome, Transcript, describe, error_json, outcome_json, render


@dataclass(frozen=True, slots=True)
class View:
    """How a command shows its session: what it is called, and in which words it says what the session came to."""

    command: tuple[str, ...]
    save: Path | None = None
    quiet: bool = False
    json: bool = False
    words: Callable[[Outcome], str] = describe
    again: Callable[[Outcome], str] | None = None
    """The command that sends to those alone who are left; empty if nobody is."""


class SaveFile:
    """A transcript's file, begun at once so that a wrong place is known before the first byte is sent.

    Raises :class:`CommandError` (cannot create). What an existing file holds stays until the new content is whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = Replacement(path)
        except WriteError as error:
            raise CommandError(
                ExitCode.CANNOT_CREATE,
                "cannot-create",
                f"--save: {path} cannot be written: {error.reason}. Nothing was sent.",
            ) from error

    def discard(self) -> None:
        """Leave what is there as it is: there was no session."""
        self._file.discard()

    def write(self, transcript: Transcript, outcome: Outcome | None) -> None:
        """Put the transcript there, in the form the file's suffix tells; raises :class:`CommandError` (I/O)."""
        try:
            with self._file as file:
                file.write(render(transcript, outcome, self._path.suffix).encode("utf-8", "backslashreplace"))
        except WriteError as error:
            raise CommandError(
                ExitCode.IO,
                "local",
                f"--save: the transcript could not be written to {self._path}: {error.reason}."
                " The session itself is over; see its result above.",
            ) from error


def observe(request: Request, view: View, *, start: Callable[[Request], Run] = SessionRun) -> ExitCode:
    """Run a session to its end and report it; returns the exit code.

    Raises :class:`CommandError` where the file for the transcript cannot be made.
    """
    stdout = Printer(sys.stdout, colour=wants_colour(sys.stdout, os.environ))
    save = SaveFile(view.save) if view.save is not None else None
    try:
        # Last, for whoever counts what is sent: from here on nothing keeps the session from beginning.
        run = start(request)
    except BaseException:
        if save is not None:
            save.discard()
        raise
    outcome: Outcome | None = None
    trouble: CommandError | None = None
    try:
        outcome = asyncio.run(
            conduct(run, None if view.quiet or view.json else stdout, lambda: _abandon(view, run, save, stdout))
        )
    finally:
        # Also where the session ended in a way nobody foresaw: then the transcript is wanted most.
        if save is not None:
            trouble = _save(save, run.transcript, outcome)
        if outcome is None:
            run.transcript.close()
    code = _report(view, outcome, run.transcript, trouble, stdout)
    run.transcript.close()
    return code


def _save(save: SaveFile, transcript: Transcript, outcome: Outcome | None) -> CommandError | None:
    """Save the transcript; a failure is returned, so that the result of the session is reported as well."""
    try:
        save.write(transcript, outcome)
    except CommandError as error:
        return error
    return None


def _report(
    view: View, outcome: Outcome, transcript: Transcript, trouble: CommandError | None, stdout: Printer
) -> ExitCode:
    stderr = Printer(sys.stderr)
    code = exit_code(outcome)
    final = trouble.code if trouble is not None and code is ExitCode.OK else code
    again = view.again(outcome) if view.again is not None else ""
    if view.json:
        document = outcome_json(outcome, transcript)
        if again:
            document["again"] = again
        if trouble is not None and code is ExitCode.OK:
            document |= {
                "ok": False,
                "error": error_json(trouble.kind, trouble.message),
            }
        # "exit" stands where readers expect it, next to "ok".
        stdout.json({"ok": document["ok"], "exit": int(final), **document})
    elif code is not ExitCode.OK:
        stderr.line(f"smtptui: {view.words(outcome)}")
        if again and _plain(again):
            same = ", and the same standard input" if reads_input(again) else ""
            stderr.raw(f"smtptui: Send to those who are left with this command{same}:\n{again}\n")
        elif again:
            stderr.line("smtptui: Repeat the command with --to for those who are left only.")
    elif not view.quiet:
        stdout.line(view.words(outcome))
    if trouble is not None and not view.json:
        stderr.line(f"smtptui: {trouble.message}")
    if stdout.error is not None:
        if view.json or code is ExitCode.OK:
            # A user who only sees that the output was lost must not send again what was accepted.
            stderr.line(f"smtptui: {view.words(outcome)}")
        final = final or ExitCode.IO
    return final


def _plain(command: str) -> bool:
    """Whether a terminal shows a command as it is: what acts on a terminal would be copied wrong, and is not shown."""
    return all(line.isprintable() for line in command.split("\n"))


def _abandon(view: View, run: Run, save: SaveFile | None, stdout: Printer) -> None:
    """Leave the process now, with what is known; the operating system closes the connection."""
    error = _stopped(run.progress().stage)
    if save is not None:
        _save(save, run.transcript, None)
    if view.json:
        stdout.line(error_document(view.command, error.code, error.kind, error.message))
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
