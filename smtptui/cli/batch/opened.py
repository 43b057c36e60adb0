"""The catalog of batches for commands: opening a journal by name, and what is wrong with one as an exit code."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from smtptui.batch import BatchError, BatchErrorKind, BatchFacts, Catalog, Journal, journal_errors
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.config import Places

if TYPE_CHECKING:
    from smtptui.batch import BatchSettings, Holder, Shared


def catalog() -> Catalog:
    """The batches of this user."""
    places = Places.of(os.environ)
    return Catalog(places.data / "batches", places.shared)


def shared_path() -> Path:
    """The file of what spans batches: suppressions, each account's day, who was sent to."""
    return catalog().shared


def path_of(name: str) -> Path:
    """The journal of the batch of this name; raises a usage :class:`CommandError` if there is none."""
    with batch_errors():
        return catalog().find(name)


def holder() -> "Holder":
    """This process, as the one that takes a batch in hand to change it."""
    from smtptui.batch import Holder

    return Holder(shared_path(), os.getpid(), socket.gethostname())


@contextmanager
def opened(
    name: str, *, readonly: bool = False, whole: bool = False, said: bool = True
) -> Iterator[tuple[Journal, Path]]:
    """A batch's journal, and where it is; raises :class:`CommandError`, also if it is damaged and must be ``whole``.

    Else damage is said on standard error, unless the caller says it (``said`` is false).
    """
    with batch_errors(), catalog().opened(name, readonly=readonly, whole=whole) as (journal, path):
        if said and not whole and journal.damage is not None:
            Printer(sys.stderr).line(f"smtptui: {journal.damage.sentence(name)}")
        yield journal, path


@contextmanager
def opened_shared() -> "Iterator[Shared]":
    """What spans batches; raises :class:`CommandError`."""
    with batch_errors(), catalog().opened_shared() as shared:
        yield shared


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
    BatchErrorKind.CANNOT_CREATE: (ExitCode.CANNOT_CREATE, "cannot-create"),
    BatchErrorKind.LOCAL: (ExitCode.IO, "local"),
    BatchErrorKind.BUSY: (ExitCode.TEMPORARY, "busy"),
    BatchErrorKind.DAMAGED: (ExitCode.IO, "damaged"),
    BatchErrorKind.JOURNAL: (ExitCode.IO, "journal"),
}


def command_error(error: BatchError) -> CommandError:
    """The same with an exit code."""
    return CommandError(*_CODES[error.kind], *error.sentences)


@contextmanager
def batch_errors() -> Iterator[None]:
    """Turn what a journal or an operation raises into a :class:`CommandError`."""
    try:
        with journal_errors():
            yield
    except BatchError as error:
        raise command_error(error) from error
