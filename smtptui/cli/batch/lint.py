"""``smtptui batch lint``: every message is checked before one is sent; findings with their rows and what to do."""

import sys
from typing import TYPE_CHECKING

import click

from smtptui.cli.batch.options import JSON

if TYPE_CHECKING:
    from smtptui.batch import Checked, Finding, LintReport, ListSettings
    from smtptui.cli.exitcodes import ExitCode

_MARKS = {"error": "✗", "warning": "!", "information": "•"}
"""By severity."""


@click.command()
@click.argument("name")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="Rows to name for each finding.")
@JSON
def lint(name: str, most: int, as_json: bool) -> int:
    """Check every message of a batch before one is sent; nothing is contacted.

    Every recipient's message is made, and what is wrong with one is told with row and field. Exits with 65 if there
    is an error; warnings alone keep nobody from sending.
    """
    # Only now: template and journal take longer to load than --help may take.
    from smtptui.batch import check_batch
    from smtptui.cli.batch.opened import opened

    with opened(name, whole=True) as (journal, _):
        done = check_batch(journal, kept=most)
    return _show(name, done, as_json=as_json)


def _show(name: str, done: "Checked", *, as_json: bool) -> "ExitCode":
    from smtptui.cli.batch.words import counted
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    report = done.report
    code = ExitCode.OK if report.ok else ExitCode.DATA
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(_document(name, report, code, done.step))
        return code
    for finding in report.findings:
        for line in _lines(name, finding, report.messages, done.list):
            stdout.line(line)
    if any(finding.examples and not finding.everyone for finding in report.findings):
        stdout.line(_numbering(done.list))
    if report.ok:
        number = counted(report.messages, "message", "messages")
        made = f"{number} can be made." if report.messages else "No message is left to be sent."
        stdout.line(f"{made} {done.step}")
    else:
        Printer(sys.stderr).line(f"smtptui: {_summary(name, report)} {done.step}")
    return code


def _lines(name: str, finding: "Finding", messages: int, list_: "ListSettings") -> list[str]:
    """What is printed of a finding: what is everyone's once, of the others each sentence once with its rows."""
    said = finding.sentence.rstrip(".")
    how_many = f"{finding.count:,} of {messages:,} messages"
    if finding.everyone:
        can = "" if finding.count == messages else " that can be made"
        how_many = f"all {finding.count:,} messages{can}"
    by_sentence: dict[str, list[int]] = {}
    for each in finding.examples:
        by_sentence.setdefault(each.sentence, []).append(each.line)
    mark = f"{_MARKS[finding.severity.value]} {finding.check}:"
    lines = [f"{mark} {finding.sentence}"]
    if finding.everyone and len(by_sentence) == 1:
        lines = [f"{mark} {next(iter(by_sentence))} ({how_many})"]
    elif set(by_sentence) == {finding.sentence}:
        places = _places(by_sentence[finding.sentence], list_, finding.count - len(finding.examples))
        lines = [f"{mark} {finding.sentence} ({places})"]
    elif finding.examples:
        if finding.count > 1:
            lines = [f"{mark} {said} ({how_many})."]
        lines += [f"    {_places(places, list_, 0)}: {sentence}" for sentence, places in by_sentence.items()]
        if finding.count > len(finding.examples):
            lines.append(f"    and {finding.count - len(finding.examples):,} more")
    return [*lines, f"    → {finding.advice.replace('NAME', name)}"] if finding.advice else lines


def _places(numbers: list[int], list_: "ListSettings", more: int) -> str:
    """``line 4``, or ``lines 4, 7 and 12 more``."""
    numbers = sorted(set(numbers))
    if len(numbers) == 1 and not more:
        return list_.place(numbers[0])
    shown = ", ".join(map(str, numbers))
    return f"{list_.unit}s {shown}{f' and {more:,} more' if more else ''}"


def _numbering(list_: "ListSettings") -> str:
    """Which number a recipient has, said once."""
    from smtptui.protocol import visible

    name = visible(list_.file.path.name) if list_.file is not None else "the list"
    if list_.unit == "row":
        return f"Rows are numbered as a spreadsheet program shows them in {name}; preview --row takes these numbers."
    first = "; line 1 has the names of the columns" if list_.header and list_.kind != "jsonl" else ""
    return f"Lines are those of {name}{first}; preview --row takes these numbers."


def _summary(name: str, report: "LintReport") -> str:
    from smtptui.batch import Severity
    from smtptui.cli.batch.words import counted

    errors = sum(finding.severity is Severity.ERROR for finding in report.findings)
    return f"Batch {name} has {counted(errors, 'error', 'errors')}."


def _document(name: str, report: "LintReport", code: "ExitCode", step: str) -> dict[str, object]:
    from smtptui.transcript import error_json

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
                "advice": finding.advice.replace("NAME", name),
                "count": finding.count,
                "all": finding.everyone,
                "rows": [{"line": each.line, "message": each.sentence} for each in finding.examples],
            }
            for finding in report.findings
        ],
        "next": step,
    }
    if not report.ok:
        document["error"] = error_json("input", _summary(name, report))
    return document
