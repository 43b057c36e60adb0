"""Writes every recipient of a batch to a file, or to standard output."""

import os
import sys
from collections.abc import Collection
from pathlib import Path

from smtptui.batch import RecipientState, csv_lines, jsonl_lines
from smtptui.cli.batch.opened import opened, settings_of
from smtptui.cli.errors import CommandError, reason
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.protocol import visible

_END = "\n"


def write_export(name: str, kind: str | None, output: Path | None, states: Collection[str]) -> ExitCode:
    """Write the export; raises :class:`CommandError`. A new file is readable by its owner alone."""
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
            stdout, shown = Printer(sys.stdout), sys.stdout.isatty()
            for line in lines:
                # What stands in the list may act on a terminal.
                stdout.raw(f"{visible(line.removesuffix(_END))}{_END}" if shown else line)
                if stdout.closed or stdout.error is not None:
                    break
            return ExitCode.OK if stdout.error is None else ExitCode.IO
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        except OSError as error:
            message = f"--output: {output} cannot be written: {reason(error)}."
            raise CommandError(ExitCode.CANNOT_CREATE, "cannot-create", message) from error
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise CommandError(ExitCode.IO, "local", f"{output} could not be written: {reason(error)}.") from error
    return ExitCode.OK
