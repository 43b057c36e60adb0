"""Makes every message of a batch and looks at it; what is wrong is told with row and field."""

import sys
import time
from dataclasses import dataclass, field

from smtptui.batch import BatchState, Journal, RecipientState
from smtptui.cli.batch.crafting import crafted
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_OPEN = (RecipientState.PENDING, RecipientState.DEFERRED)
_EARLY = (BatchState.DRAFT, BatchState.LINTED, BatchState.TESTED)


@dataclass(slots=True)
class Finding:
    """The same fault of some rows."""

    place: str
    """Of the template: a header field, Text, HTML."""
    sentence: str
    warning: bool
    count: int = 0
    rows: list[tuple[int, int]] = field(default_factory=list)
    """Number and line of the first of them."""


def look(journal: Journal, *, most: int = 20) -> tuple[list[Finding], int]:
    """What is wrong with the messages of those who are to be sent to, and how many these are."""
    _, composer, _ = crafted(journal)
    findings: dict[tuple[str, str], Finding] = {}
    looked = 0
    for recipient in journal.recipients():
        if recipient.state not in _OPEN:
            continue
        looked += 1
        for fault in composer.check(recipient.values, recipient.address):
            key = (fault.field, fault.sentence)
            finding = findings.setdefault(key, Finding(fault.field, fault.sentence, fault.warning))
            finding.count += 1
            if len(finding.rows) < most:
                finding.rows.append((recipient.seq, recipient.line))
    return sorted(findings.values(), key=lambda each: (each.warning, -each.count)), looked


def check(name: str, *, most: int, as_json: bool) -> ExitCode:
    """Check a batch and say what was found; raises :class:`CommandError`."""
    with opened(name) as (journal, _):
        findings, looked = look(journal, most=most)
        errors = [finding for finding in findings if not finding.warning]
        state = journal.facts().state
        if not errors and state is BatchState.DRAFT:
            journal.set_state(BatchState.LINTED, now=time.time())
        elif errors and state in _EARLY:
            journal.set_state(BatchState.DRAFT, now=time.time())
    code = ExitCode.DATA if errors else ExitCode.OK
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(_document(name, findings, looked, code))
        return code
    for finding in findings:
        mark = "!" if finding.warning else "✗"
        stdout.line(f"{mark} {finding.place}: {finding.sentence}")
        rows = ", ".join(f"row {seq} (line {line})" for seq, line in finding.rows)
        more = finding.count - len(finding.rows)
        stdout.line(f"    {rows}{f' and {more} more' if more else ''}")
    number = counted(looked, "message", "messages")
    if errors:
        Printer(sys.stderr).line(f"smtptui: {summary(name, findings)} Correct the list or the template.")
    else:
        stdout.line(f"{number} can be made. Next: smtptui batch test {name} --to YOU")
    return code


def checked(name: str, journal: Journal) -> None:
    """Look at every message before one is sent; raises :class:`CommandError` where one cannot be."""
    findings, _ = look(journal, most=1)
    errors = [finding for finding in findings if not finding.warning]
    if errors:
        first = errors[0]
        seq, line = first.rows[0]
        raise CommandError(
            ExitCode.DATA,
            "input",
            f"Row {seq} (line {line}): {first.place}: {first.sentence} {summary(name, findings)} Nothing was sent;"
            f" “smtptui batch lint {name}” shows all.",
        )


def summary(name: str, findings: list[Finding]) -> str:
    """How much is wrong with a batch, in a sentence."""
    errors = sum(not finding.warning for finding in findings)
    return f"Batch {name} has {counted(errors, 'error', 'errors')} that keep it from being sent."


def _document(name: str, findings: list[Finding], looked: int, code: ExitCode) -> dict[str, object]:
    document: dict[str, object] = {
        "ok": code is ExitCode.OK,
        "exit": int(code),
        "batch": name,
        "messages": looked,
        "findings": [
            {
                "severity": "warning" if finding.warning else "error",
                "field": finding.place,
                "message": finding.sentence,
                "count": finding.count,
                "rows": [{"row": seq, "line": line} for seq, line in finding.rows],
            }
            for finding in findings
        ],
    }
    if code is not ExitCode.OK:
        document["error"] = {"stage": None, "kind": "input", "message": summary(name, findings)}
    return document
