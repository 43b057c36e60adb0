"""Makes every message of a batch and looks at it; what is wrong is told with its rows and what to do."""

import sys
import time

from smtptui.batch import (
    OPEN,
    BatchState,
    Finding,
    Journal,
    LintReport,
    LintSubject,
    Severity,
    lint_batch,
)
from smtptui.cli.batch.crafting import crafted
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_EARLY = (BatchState.DRAFT, BatchState.LINTED, BatchState.TESTED)
_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFORMATION: "•"}


def check(name: str, *, most: int, as_json: bool) -> ExitCode:
    """Check a batch and say what was found; raises :class:`CommandError`."""
    with opened(name) as (journal, _):
        settings, composer, composing = crafted(journal)
        state = journal.facts().state
        subject = LintSubject(settings, journal.tally(), state)
        report = lint_batch(journal.recipients(), composer, composing.facts, subject, kept=most)
        if report.ok and state is BatchState.DRAFT:
            journal.set_state(BatchState.LINTED, now=time.time())
        elif not report.ok and state in _EARLY:
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


def checked(name: str, journal: Journal) -> None:
    """Make every message before one is sent; raises :class:`CommandError` for the first that cannot be."""
    _, composer, _ = crafted(journal)
    for recipient in journal.recipients():
        if recipient.state not in OPEN:
            continue
        for fault in composer.check(recipient.values, recipient.address):
            if not fault.warning:
                raise CommandError(
                    ExitCode.DATA,
                    "input",
                    f"Row {recipient.seq} (line {recipient.line}): {fault.field}: {fault.sentence} Nothing was sent;"
                    f" “smtptui batch lint {name}” shows all.",
                )


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
