"""Shows what was said against the recipients of a batch, equal replies together."""

import itertools
import sys

from smtptui.batch import BatchState, FailedOpening, RecipientState, grouped, read_status
from smtptui.cli.batch.opened import opened
from smtptui.cli.batch.words import instant, local
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
    with opened(name, readonly=True) as (journal, path):
        groups = grouped(itertools.chain(journal.standings(_NOT_WELL), journal.untouched()))
        status = read_status(journal, path)
        opening = journal.failed_opening()
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
        said = None if opening is None else _document(opening)
        stdout.json({"ok": True, "exit": 0, "batch": name, "reason": status.reason, "groups": found, "opening": said})
        return ExitCode.OK
    if status.state is BatchState.PAUSED and status.reason:
        stdout.line(f"Batch {name} is paused: {status.reason}")
    if not groups and opening is None:
        stdout.line(f"No server refused or delayed a recipient of {name}.")
    for each in groups:
        states = ", ".join(f"{number} {state}" for state, number in each.states.most_common())
        stdout.line(f"{each.group.id}  {states}  {each.group.label}")
        example = f": {each.example}" if each.example else ""
        stdout.line(f"          as {visible(each.address) or 'a row without an address'}{example}")
    if opening is not None:
        at = f"{local(opening.at):%Y-%m-%d %H:%M:%S}"
        stdout.line(f"The last connection that could not be opened, to {opening.server} at {at}: {opening.sentence}")
        for line in opening.dialogue.splitlines():
            stdout.line(f"     {line}")
    return ExitCode.OK


def _document(opening: FailedOpening) -> dict[str, object]:
    return {
        "at": instant(opening.at),
        "server": opening.server,
        "message": opening.sentence,
        "transcript": opening.dialogue.splitlines(),
    }
