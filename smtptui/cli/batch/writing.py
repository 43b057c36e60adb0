"""Writes every recipient of a batch to a file, or to standard output."""

import sys
from collections.abc import Collection
from itertools import islice
from pathlib import Path

from smtptui.batch import RecipientState, csv_lines, jsonl_lines
from smtptui.cli.batch.opened import opened, settings_of
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.config import Replacement, WriteError
from smtptui.protocol import visible

_AT_ONCE = 500
"""Lines that are printed in one go."""
_END = "\n"


def write_export(name: str, kind: str | None, output: Path | None, states: Collection[str]) -> ExitCode:
    """Write the export; raises :class:`CommandError`. A file is replaced once the export is whole."""
    if output is not None and str(output) == "-":
        output = None
    if kind is None:
        kind = "jsonl" if output is not None and output.suffix in (".jsonl", ".json") else "csv"
    with opened(name, readonly=True) as (journal, _):
        facts = journal.facts()
        settings = settings_of(facts)
        wanted = [RecipientState(state) for state in states] or list(RecipientState)
        write = {"csv": csv_lines, "jsonl": jsonl_lines}[kind]
        rows, column = journal.exported(wanted), settings.list.address_column
        lines = write(rows, facts.columns, settings.message.domain, column)
        if output is None:
            stdout = Printer(sys.stdout)
            if sys.stdout.isatty():
                # What stands in the list may act on a terminal.
                lines = (visible(line.removesuffix(_END)) + _END for line in lines)
            while not stdout.gone and (text := "".join(islice(lines, _AT_ONCE))):
                stdout.raw(text)
            return ExitCode.OK
        try:
            with Replacement(output) as file:
                for line in lines:
                    file.write(line.encode("utf-8", "backslashreplace"))
        except WriteError as error:
            old = " The old file is unchanged." if not error.creating and output.is_file() else ""
            message = f"--output: {output} cannot be written: {error.reason}.{old}"
            if error.creating:
                raise CommandError(ExitCode.CANNOT_CREATE, "cannot-create", message) from error
            raise CommandError(ExitCode.IO, "local", message) from error
    return ExitCode.OK
