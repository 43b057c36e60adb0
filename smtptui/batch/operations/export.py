"""Exporting a batch: every recipient with their row of the list and what became of them, to lines or into a file."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Literal

from smtptui.batch.export_formats import csv_lines, jsonl_lines
from smtptui.batch.journal import Journal
from smtptui.batch.model import RecipientState
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.operations.composition import settings_of
from smtptui.config import Replacement, WriteError

ExportFormat = Literal["csv", "jsonl"]
_WRITERS = {"csv": csv_lines, "jsonl": jsonl_lines}


def export_format(output: Path | None) -> ExportFormat:
    """The format that the name of a file asks for; CSV without a file."""
    return "jsonl" if output is not None and output.suffix in (".jsonl", ".json") else "csv"


def export_lines(
    journal: Journal, form: ExportFormat, states: Collection[RecipientState] = frozenset()
) -> Iterator[str]:
    """The lines of an export, made as they are asked for; without ``states`` everybody is in it.

    Raises :class:`BatchError` at once if the settings of the batch cannot be read.
    """
    facts = journal.facts()
    settings = settings_of(facts)
    rows = journal.exported(list(states) or list(RecipientState))
    return _WRITERS[form](rows, facts.columns, settings.message.domain, settings.list.address_column)


def write_export(lines: Iterable[str], output: Path) -> None:
    """Write an export into a file, which is replaced once the export is whole.

    Raises :class:`BatchError` (cannot-create, local) if that is not possible; an older file is then unchanged.
    """
    try:
        with Replacement(output) as file:
            for line in lines:
                file.write(line.encode("utf-8", "backslashreplace"))
    except WriteError as error:
        old = " The old file is unchanged." if not error.creating and output.is_file() else ""
        kind = BatchErrorKind.CANNOT_CREATE if error.creating else BatchErrorKind.LOCAL
        raise BatchError(kind, f"--output: {output} cannot be written: {error.reason}.{old}") from error
