"""Makes every message of a batch and looks at it; what is wrong is told with its rows and what to do."""

import sys
import time

from smtptui.batch import (
    BatchSettings,
    BatchState,
    ComposerError,
    ComposerProcess,
    FaultOf,
    Finding,
    Journal,
    LintReport,
    Severity,
    SizeLimit,
)
from smtptui.cli.batch.crafting import crafted
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

EARLY = (BatchState.DRAFT, BatchState.LINTED, BatchState.TESTED)
"""Before the first message was sent to anybody on the list."""
_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFORMATION: "•"}


def check(name: str, *, most: int, as_json: bool) -> ExitCode:
    """Check a batch and say what was found; raises :class:`CommandError`."""
    with opened(name) as (journal, path), crafted(journal) as (settings, composer):
        state = journal.facts().state
        report = composer.lint(path, size_limit(journal, settings), kept=most)
        if state in EARLY:
            journal.set_largest(report.largest)
        if report.ok and state is BatchState.DRAFT:
            journal.set_state(BatchState.LINTED, now=time.time())
        elif not report.ok and state in EARLY:
            journal.set_state(BatchState.DRAFT, now=time.time())
    code = ExitCode.OK if report.ok else ExitCode.DATA
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(_document(name, report, code))
        return code
    for finding in report.findings:
        for line in _lines(finding):
            stdout.line(line)
    if report.ok:
        number = counted(report.messages, "message", "messages")
        stdout.line(f"{number} can be made. Next: smtptui batch test {name} --to YOU")
    else:
        Printer(sys.stderr).line(f"smtptui: {_summary(name, report)}")
    return code


def check_before_run(name: str, journal: Journal, settings: BatchSettings) -> None:
    """What is looked at before a batch is begun: all messages of one that nobody has looked at, and whether the largest
    is one that the relay takes. Raises :class:`CommandError`.
    """
    state = journal.facts().state
    if state is BatchState.DRAFT:
        checked(name, journal)
    large = too_large(journal, settings) if state in EARLY else None
    if large is not None:
        again = f"If it takes more by now, “smtptui batch test {name} --to YOU” asks it."
        raise CommandError(ExitCode.DATA, "input", f"{large} Nothing was sent; {_shows_all(name)} {again}")


def checked(name: str, journal: Journal) -> None:
    """Make every message before one is sent; raises :class:`CommandError` for the first that cannot be."""
    with crafted(journal) as (_, composer):
        checked_by(composer, name, journal)


def checked_by(composer: ComposerProcess, name: str, journal: Journal) -> None:
    """The same with a composer that may have another template than the journal's."""
    try:
        largest = composer.check(journal.path)
    except ComposerError as error:
        if error.fault is not FaultOf.INPUT:
            raise
        raise CommandError(ExitCode.DATA, "input", f"{error} Nothing was sent; {_shows_all(name)}") from error
    journal.set_largest(largest)


def size_limit(journal: Journal, settings: BatchSettings) -> SizeLimit | None:
    """What the relay of the batch takes; None where it was never asked, or where the batch has another one since."""
    limit, relay = journal.size_limit(), settings.relay
    known = limit is not None and (limit.server, limit.user) == (relay.connection.label, relay.user)
    return limit if known else None


def too_large(journal: Journal, settings: BatchSettings) -> str | None:
    """That the largest message is more than the relay takes, in a sentence; None where that is not known."""
    limit, largest = size_limit(journal, settings), journal.largest()
    if limit is None or largest is None or largest.octets <= limit.octets:
        return None
    return f"Row {largest.seq} (line {largest.line}): the message has {largest.octets:,} octets, more than {limit}."


def _shows_all(name: str) -> str:
    return f"“smtptui batch lint {name}” shows all."


def _lines(finding: Finding) -> list[str]:
    lines = [f"{_MARKS[finding.severity]} {finding.check}: {finding.sentence}"]
    lines += [f"    row {each.seq} (line {each.line}): {each.sentence}" for each in finding.examples]
    more = finding.count - len(finding.examples)
    if finding.examples and more > 0:
        lines.append(f"    and {more} more")
    return [*lines, f"    → {finding.advice}"] if finding.advice else lines


def _summary(name: str, report: LintReport) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in report.findings)
    return f"Batch {name} has {counted(errors, 'error', 'errors')}; correct the list or the template."


def _document(name: str, report: LintReport, code: ExitCode) -> dict[str, object]:
    document: dict[str, object] = {
        "ok": report.ok,
        "exit": int(code),
        "batch": name,
        "messages": report.messages,
        "findings": [
            {
                "check": finding.check,
                "severity": finding.severity.value,
                "message": finding.sentence,
                "advice": finding.advice,
                "count": finding.count,
                "rows": [{"row": each.seq, "line": each.line, "message": each.sentence} for each in finding.examples],
            }
            for finding in report.findings
        ],
    }
    if not report.ok:
        document["error"] = {"stage": None, "kind": "input", "message": _summary(name, report)}
    return document
