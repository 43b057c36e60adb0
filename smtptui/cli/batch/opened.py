"""The journals of batches: where they are, by which names, and what is wrong with one as an exit code."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from smtptui.batch import BatchError, BatchErrorKind, BatchFacts, Journal, journal_errors
from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.config import Places

if TYPE_CHECKING:
    from smtptui.batch import BatchSettings, Shared

_NAME = re.compile(r"[^\W_][\w.-]{0,59}")


def folder() -> Path:
    """Where journals are kept; it may not be there yet."""
    return Places.of(os.environ).data / "batches"


def shared_path() -> Path:
    """The file of what spans batches: suppressions, each account's day, who was sent to."""
    return Places.of(os.environ).shared


def check_name(name: str) -> str:
    """A name that a batch may have, which is also that of its file; raises a usage :class:`CommandError`."""
    if not _NAME.fullmatch(name):
        raise usage(
            f"{name!r} is no name for a batch: use up to 60 letters, digits and the signs . _ - with a letter or digit"
            " first."
        )
    return name


def path_of(name: str) -> Path:
    """The journal of the batch of this name; raises a usage :class:`CommandError` where there is none."""
    path = folder() / f"{check_name(name)}.sqlite"
    if not path.exists():
        known = names()
        there = (
            f"There are {', '.join(known[:10])}{', …' if len(known) > 10 else ''}." if known else "There is none yet."
        )
        raise usage(f"There is no batch {name!r}. {there}")
    return path


def names() -> list[str]:
    """The names of all batches, sorted."""
    try:
        return sorted(path.stem for path in folder().glob("*.sqlite") if _NAME.fullmatch(path.stem))
    except OSError:
        return []


@contextmanager
def opened(
    name: str, *, readonly: bool = False, whole: bool = False, said: bool = True
) -> Iterator[tuple[Journal, Path]]:
    """A batch's journal, and where it is; raises :class:`CommandError`, also if it is damaged and must be ``whole``.

    Else damage is said on standard error, unless the caller says it (``said`` is false).
    """
    path = path_of(name)
    with batch_errors():
        journal = Journal.open(path, readonly=readonly, shared=shared_path())
        try:
            if whole:
                journal.check_whole()
            elif said and journal.damage is not None:
                Printer(sys.stderr).line(f"smtptui: {journal.damage.sentence(name)}")
            yield journal, path
        finally:
            journal.close()


@contextmanager
def opened_shared() -> "Iterator[Shared]":
    """What spans batches; raises :class:`CommandError`."""
    from smtptui.batch import Shared

    with batch_errors():
        shared = Shared(shared_path())
        try:
            yield shared
        finally:
            shared.close()


def settings_of(facts: BatchFacts) -> "BatchSettings":
    """What a batch was made with; raises :class:`CommandError`."""
    # Only now: who looks how a batch stands must not wait for the model of its settings.
    from smtptui.batch import settings_of as kept_settings

    with batch_errors():
        return kept_settings(facts)


_CODES = {
    BatchErrorKind.STATE: (ExitCode.USAGE, "usage"),
    BatchErrorKind.UNTESTED: (ExitCode.USAGE, "usage"),
    BatchErrorKind.USAGE: (ExitCode.USAGE, "usage"),
    BatchErrorKind.CHANGED: (ExitCode.DATA, "changed"),
    BatchErrorKind.REPEATED: (ExitCode.DATA, "repeated"),
    BatchErrorKind.INPUT: (ExitCode.DATA, "input"),
    BatchErrorKind.TEMPLATE: (ExitCode.DATA, "template"),
    BatchErrorKind.LIMIT: (ExitCode.DATA, "limit"),
    BatchErrorKind.FILE: (ExitCode.NO_INPUT, "no-input"),
    BatchErrorKind.CONFIGURATION: (ExitCode.CONFIGURATION, "configuration"),
    BatchErrorKind.PROCESS: (ExitCode.IO, "process"),
    BatchErrorKind.EXISTS: (ExitCode.CANNOT_CREATE, "exists"),
    BatchErrorKind.BUSY: (ExitCode.TEMPORARY, "busy"),
    BatchErrorKind.DAMAGED: (ExitCode.IO, "damaged"),
    BatchErrorKind.JOURNAL: (ExitCode.IO, "journal"),
}


@contextmanager
def batch_errors() -> Iterator[None]:
    """Turn what a journal or an operation raises into a :class:`CommandError`."""
    try:
        with journal_errors():
            yield
    except BatchError as error:
        raise CommandError(*_CODES[error.kind], *error.sentences) from error
