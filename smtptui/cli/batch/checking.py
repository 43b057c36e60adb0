"""Makes every message of a batch and looks at it; what is wrong is told with row and field."""

import sys
import time

from smtptui.batch import BatchState, Finding, Journal, LintReport, LintSubject, Severity, lint_batch
from smtptui.cli.batch.crafting import crafted
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_EARLY = (BatchState.DRAFT, BatchState.LINTED, BatchState.TESTED)
_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFORMATION: "·"}


def look(journal: Journal, *, most: int = 20) -> LintReport:
    """What is wrong with the batch and the messages of those who are to be sent to."""
    settings, composer, composing = crafted(journal)
    subject = LintSubject(settings, journal.tally(), journal.facts().state)
    return lint_batch(journal.recipients(), composer, composing.facts, subject, kept=most)


def check(name: str, *, most: int, as_json: bool) -> ExitCode:
    """Check a batch and say what was found; raises :class:`CommandError`."""
    with opened(name) as (journal, _):
        report = look(journal, most=most)
        state = journal.facts().state
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
        _tell(finding, stdout)
    if report.ok:
        number = counted(report.messages, "message", "messages")
        stdout.line(f"{number} can be made. Next: smtptui batch test {name} --to YOU")
    else:
        Printer(sys.stderr).line(f"smtptui: {summary(name, report)} Correct the list or the template.")
    return code


def _tell(finding: Finding, stdout: Printer) -> None:
    stdout.line(f"{_MARKS[finding.severity]} {finding.sentence} {finding.advice}")
    for example in finding.examples:
        said = "" if example.sentence == finding.sentence else f": {example.sentence}"
        stdout.line(f"    row {example.seq} (line {example.line}){said}")
    if finding.examples and finding.count > len(finding.examples):
        stdout.line(f"    and {finding.count - len(finding.examples)} more")


def checked(name: str, journal: Journal) -> None:
    """Look at every message before one is sent; raises :class:`CommandError` where one cannot be."""
    report = look(journal, most=1)
    if report.ok:
        return
    first = report.findings[0]
    where = "".join(f"Row {one.seq} (line {one.line}): {one.sentence} " for one in first.examples[:1])
    said = f"{where or first.sentence + ' '}{summary(name, report)}"
    raise CommandError(ExitCode.DATA, "input", f"{said} Nothing was sent; “smtptui batch lint {name}” shows all.")


def summary(name: str, report: LintReport) -> str:
    """How much is wrong with a batch, in a sentence."""
    errors = sum(finding.severity is Severity.ERROR for finding in report.findings)
    keep = "keeps" if errors == 1 else "keep"
    return f"Batch {name} has {counted(errors, 'error', 'errors')} that {keep} it from being sent."


def _document(name: str, report: LintReport, code: ExitCode) -> dict[str, object]:
    document: dict[str, object] = {
        "ok": code is ExitCode.OK,
        "exit": int(code),
        "batch": name,
        "messages": report.messages,
        "findings": [
            {
                "severity": finding.severity.value,
                "check": finding.check,
                "message": finding.sentence,
                "advice": finding.advice,
                "count": finding.count,
                "rows": [
                    {"row": example.seq, "line": example.line, "message": example.sentence}
                    for example in finding.examples
                ],
            }
            for finding in report.findings
        ],
    }
    if code is not ExitCode.OK:
        document["error"] = {"stage": None, "kind": "input", "message": summary(name, report)}
    return document
