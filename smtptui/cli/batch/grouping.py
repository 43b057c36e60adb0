"""Shows what was said against the recipients of a batch, equal replies together."""

import sys

from smtptui.batch import RecipientState, grouped
from smtptui.cli.batch.opened import opened
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.protocol import visible

_NOT_WELL = (
    RecipientState.FAILED,
    RecipientState.DEFERRED,
    RecipientState.UNCERTAIN,
    RecipientState.SKIPPED,
    RecipientState.SUPPRESSED,
)


def show_groups(name: str, *, as_json: bool) -> ExitCode:
    """Print the groups, the largest first; raises :class:`CommandError`."""
    with opened(name, readonly=True) as (journal, _):
        groups = grouped(journal.standings(_NOT_WELL))
    stdout = Printer(sys.stdout)
    if as_json:
        found = [
            {
                "group": each.group.id,
                "count": each.count,
                "states": {state.value: number for state, number in each.states.items()},
                "stage": each.group.stage,
                "code": each.group.code,
                "enhanced": each.group.enhanced,
                "text": each.group.text,
                "reason": each.group.reason,
                "example": {"address": each.address, "reply": each.example},
                "destinations": dict(each.destinations.most_common(10)),
            }
            for each in groups
        ]
        stdout.json({"ok": True, "exit": 0, "batch": name, "groups": found})
        return ExitCode.OK
    if not groups:
        stdout.line(f"Nothing was said against batch {name}.")
    for each in groups:
        states = ", ".join(f"{number} {state}" for state, number in each.states.most_common())
        stdout.line(f"{each.group.id}  {states}  {each.group.label}")
        example = f": {each.example}" if each.example else ""
        stdout.line(f"          as {visible(each.address) or 'a row without an address'}{example}")
    return ExitCode.OK
