"""Writes the recipients of a batch, and what became of them, to a file or to standard output."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from smtptui.batch import RecipientState, csv_lines, jsonl_lines
from smtptui.cli.batch.opened import opened, settings_of
from smtptui.cli.batch.workshop import workshop
from smtptui.cli.errors import CommandError, reason
from smtptui.cli.exitcodes import ExitCode

_AT_ONCE = 64 * 1024


def write_export(name: str, kind: str | None, output: Path | None, states: Sequence[str]) -> ExitCode:
    """Write them; raises :class:`CommandError`."""
    if kind is None:
        kind = "jsonl" if output is not None and output.suffix.lower() in (".jsonl", ".ndjson", ".json") else "csv"
    wanted = tuple(RecipientState(state) for state in states) or tuple(RecipientState)
    with opened(name, readonly=True) as (journal, _):
        facts = journal.facts()
        domain = workshop(journal, facts, settings_of(facts)).domain
        standings = journal.standings(wanted)
        lines = jsonl_lines(standings, domain) if kind == "jsonl" else csv_lines(standings, domain)
        if output is None or str(output) == "-":
            _to_stdout(lines)
        else:
            _to_file(lines, output)
    return ExitCode.OK


def _to_stdout(lines: Iterable[str]) -> None:
    try:
        for line in lines:
            sys.stdout.write(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough.
        return


def _to_file(lines: Iterable[str], path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="", buffering=_AT_ONCE) as file:
            file.writelines(lines)
    except OSError as error:
        raise CommandError(
            ExitCode.CANNOT_CREATE, "cannot-create", f"--output: {path} cannot be written: {reason(error)}."
        ) from error
