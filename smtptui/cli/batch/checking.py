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
    ListSettings,
    Severity,
    SizeLimit,
    next_step,
    opened_composer,
    step_after_errors,
)
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.protocol import visible

_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFORMATION: "•"}


def check(name: str, *, most: int, as_json: bool) -> ExitCode:
    """Check a batch and say what was found; raises :class:`CommandError`."""
    with opened(name, whole=True) as (journal, path), opened_composer(journal) as (settings, composer):
        state = journal.facts().state
        report = composer.lint(path, size_limit(journal, settings), kept=most)
        if not state.started:
            journal.set_largest(report.largest)
        if report.ok and state is BatchState.DRAFT:
            journal.set_state(BatchState.LINTED, now=time.time())
        elif not (report.ok or state.started):
            journal.set_state(BatchState.DRAFT, now=time.time())
        state, tally = journal.facts().state, journal.tally()
    code = ExitCode.OK if report.ok else ExitCode.DATA
    number = counted(report.messages, "message", "messages")
    step = next_step(name, state, tally) if report.ok else step_after_errors(name, state)
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(_document(name, report, code, step))
        return code
    for finding in report.findings:
        for line in _lines(name, finding, report.messages, settings.list):
            stdout.line(line)
    if any(finding.examples and not finding.everyone for finding in report.findings):
        stdout.line(_numbering(settings.list))
    if report.ok:
        made = f"{number} can be made." if report.messages else "No message is left to be sent."
        stdout.line(f"{made} {step}")
    else:
        Printer(sys.stderr).line(f"smtptui: {_summary(name, report)} {step}")
    return code


def check_before_run(name: str, journal: Journal, settings: BatchSettings) -> None:
    """What is looked at before a batch is begun: all messages of one that nobody has looked at, and whether the largest
    is one that the relay takes. Raises :class:`CommandError`.
    """
    state = journal.facts().state
    if state is BatchState.DRAFT:
        checked(name, journal)
    large = too_large(journal, settings) if not state.started else None
    if large is not None:
        again = f"If it takes more by now, “smtptui batch test {name} --to YOU” asks it."
        raise CommandError(ExitCode.DATA, "input", f"{large} Nothing was sent; {_shows_all(name)} {again}")


def checked(name: str, journal: Journal) -> None:
    """Make every message before one is sent; raises :class:`CommandError` for the first that cannot be."""
    with opened_composer(journal) as (_, composer):
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
    place = settings.list.place(largest.line).capitalize()
    return f"{place}: the message has {largest.octets:,} octets, more than {limit}."


def _shows_all(name: str) -> str:
    return f"“smtptui batch lint {name}” shows all."


def _lines(name: str, finding: Finding, messages: int, list_: ListSettings) -> list[str]:
    """What is printed of a finding: what is everyone's once, of the others each sentence once with its rows."""
    said = finding.sentence.rstrip(".")
    how_many = f"{finding.count:,} of {messages:,} messages"
    if finding.everyone:
        can = "" if finding.count == messages else " that can be made"
        how_many = f"all {finding.count:,} messages{can}"
    by_sentence: dict[str, list[int]] = {}
    for each in finding.examples:
        by_sentence.setdefault(each.sentence, []).append(each.line)
    mark = f"{_MARKS[finding.severity]} {finding.check}:"
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


def _places(numbers: list[int], list_: ListSettings, more: int) -> str:
    """``line 4``, or ``lines 4, 7 and 12 more``."""
    numbers = sorted(set(numbers))
    if len(numbers) == 1 and not more:
        return list_.place(numbers[0])
    shown = ", ".join(map(str, numbers))
    return f"{list_.unit}s {shown}{f' and {more:,} more' if more else ''}"


def _numbering(list_: ListSettings) -> str:
    """Which number a recipient has, said once."""
    name = visible(list_.file.path.name) if list_.file is not None else "the list"
    if list_.unit == "row":
        return f"Rows are numbered as a spreadsheet program shows them in {name}; preview --row takes these numbers."
    first = "; line 1 has the names of the columns" if list_.header and list_.kind != "jsonl" else ""
    return f"Lines are those of {name}{first}; preview --row takes these numbers."


def _summary(name: str, report: LintReport) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in report.findings)
    return f"Batch {name} has {counted(errors, 'error', 'errors')}."


def _document(name: str, report: LintReport, code: ExitCode, step: str) -> dict[str, object]:
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
        document["error"] = {"stage": None, "kind": "input", "message": _summary(name, report)}
    return document
