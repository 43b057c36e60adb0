"""Looks at every message of a batch before one is sent, and says what is wrong, equal faults together."""

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as made

from smtptui.batch import BatchState, Journal, Recipient, RecipientState
from smtptui.cli.batch.opened import opened, settings_of
from smtptui.cli.batch.words import counted
from smtptui.cli.batch.workshop import Workshop, workshop
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.message import Fault

_LEFT_OUT = frozenset({RecipientState.SKIPPED, RecipientState.SUPPRESSED, RecipientState.SENT})
_KINDS = 1000
"""Different faults that are told apart; more are counted with the last."""


@dataclass(slots=True)
class Finding:
    """One fault, and the rows that have it."""

    field: str
    sentence: str
    warning: bool
    rows: list[int] = made(default_factory=list)
    count: int = 0


def findings_of(recipients: Iterable[Recipient], shop: Workshop, most: int) -> list[Finding]:
    """What is wrong with the messages of these recipients; of each finding at most ``most`` rows are named."""
    found: dict[Fault, Finding] = {}
    last: Finding | None = None
    for one in recipients:
        if one.state in _LEFT_OUT:
            continue
        for fault in shop.composer.check(one.values, one.address):
            finding = found.get(fault)
            if finding is None and len(found) < _KINDS:
                finding = found[fault] = Finding(fault.field, fault.sentence, fault.warning)
            finding = last = finding or last
            assert finding is not None
            finding.count += 1
            if len(finding.rows) < most:
                finding.rows.append(one.seq)
    return sorted(found.values(), key=lambda each: (each.warning, -each.count))


def check(name: str, *, most: int, as_json: bool) -> ExitCode:
    """Look at every message; the batch is linted if nothing keeps it from being sent. Raises :class:`CommandError`."""
    with opened(name) as (journal, _):
        facts = journal.facts()
        shop = workshop(journal, facts, settings_of(facts))
        found = findings_of(journal.recipients(), shop, most)
        good = all(finding.warning for finding in found)
        if good and facts.state is BatchState.DRAFT:
            journal.set_state(BatchState.LINTED, now=time.time())
        elif not good and facts.state in (BatchState.LINTED, BatchState.TESTED):
            journal.set_state(BatchState.DRAFT, now=time.time())
        notes, total = shop.composer.notes, journal.tally().total
    code = ExitCode.OK if good else ExitCode.DATA
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(
            {
                "ok": good,
                "exit": int(code),
                "batch": name,
                "findings": [
                    {
                        "severity": "warning" if each.warning else "error",
                        "field": each.field,
                        "message": each.sentence,
                        "count": each.count,
                        "rows": each.rows,
                    }
                    for each in found
                ],
                "notes": list(notes),
            }
        )
        return code
    for note in notes:
        stdout.line(f"note: {note}")
    for each in found:
        rows = ", ".join(map(str, each.rows)) + (", …" if each.count > len(each.rows) else "")
        kind = "warning" if each.warning else "error"
        stdout.line(f"{kind}: {each.sentence} ({counted(each.count, 'recipient', 'recipients')}: {rows})")
    stdout.line(
        f"{counted(total, 'message', 'messages')} looked at: nothing keeps the batch from being sent."
        if good
        else f"{counted(total, 'message', 'messages')} looked at: the batch is not sent like this."
    )
    return code


def refuse_faults(journal: Journal, shop: Workshop) -> None:
    """Raise :class:`CommandError` (data) where a message of a batch that nobody linted cannot be made."""
    found = [each for each in findings_of(journal.recipients(), shop, 3) if not each.warning]
    if found:
        first = found[0]
        rows = ", ".join(map(str, first.rows))
        more = f" There are {len(found) - 1} more faults." if len(found) > 1 else ""
        raise CommandError(
            ExitCode.DATA,
            "input",
            f"{first.sentence} ({counted(first.count, 'recipient', 'recipients')}: {rows}).{more} Nothing was sent; "
            "`smtptui batch lint` shows all.",
        )
