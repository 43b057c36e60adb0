"""Shows what servers said against a batch, equal replies together."""

import sys

from smtptui.batch import RecipientState, grouped
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import counted, table
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_BAD = (
    RecipientState.FAILED,
    RecipientState.DEFERRED,
    RecipientState.UNCERTAIN,
    RecipientState.SKIPPED,
    RecipientState.SUPPRESSED,
)


def show_groups(name: str, *, as_json: bool) -> ExitCode:
    """Print the groups, the largest first; raises :class:`CommandError`."""
    with opened(name, readonly=True) as (journal, _):
        found = sorted(grouped(journal.standings(_BAD)), key=lambda each: -each.count)
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "groups": [
                    {
                        "id": each.group.id,
                        "count": each.count,
                        "states": {state.value: count for state, count in each.states.items()},
                        "stage": each.group.stage,
                        "code": each.group.code,
                        "enhanced": each.group.enhanced,
                        "text": each.group.text,
                        "reason": each.group.reason,
                        "example": each.example,
                        "address": each.address,
                        "destinations": dict(each.destinations.most_common(10)),
                    }
                    for each in found
                ],
            }
        )
        return ExitCode.OK
    if not found:
        stdout.line(f"Batch {name}: nothing was said against it.")
        return ExitCode.OK
    rows = []
    for each in found:
        states = ", ".join(f"{count} {state}" for state, count in each.states.most_common())
        rows.append((each.group.id, states, each.group.label, f"as {each.address}" if each.address else ""))
    for line in table([("group", "recipients", "what was said", "example"), *rows]):
        stdout.line(line)
    total = sum(each.count for each in found)
    stdout.line("")
    stdout.line(
        f"{counted(total, 'recipient', 'recipients')} in {counted(len(found), 'group', 'groups')}. "
        f"`smtptui batch retry {name} --group GROUP` has those of a group tried again."
    )
    return ExitCode.OK
