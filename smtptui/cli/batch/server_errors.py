"""``smtptui batch errors``: what servers said, equal replies together, or all that was said about one recipient."""

import sys
from typing import TYPE_CHECKING

import click

from smtptui.cli.batch.options import JSON

if TYPE_CHECKING:
    from smtptui.batch import Attempt, FailedOpening, ListSettings, Standing
    from smtptui.cli.output import Printer


@click.command()
@click.argument("name")
@click.option("--address", metavar="ADDRESS", help="Every attempt at this recipient, with the dialogue of failures.")
@JSON
def errors(name: str, address: str | None, as_json: bool) -> int:
    """Show what servers said against it, equal replies together: how many, at which stage, an example.

    Replies are equal that differ only in addresses, numbers and ids. The id of a group is what `retry` and `resolve`
    take as --group. What was skipped or suppressed before anything was sent stands there, too, with its reason. Last
    comes the dialogue of the last connection that could not be opened, if there was one.
    """
    if address is not None:
        return _show_attempts(name, address, as_json=as_json)
    return _show_groups(name, as_json=as_json)


def _show_groups(name: str, *, as_json: bool) -> int:
    """Print the groups, the largest first; raises :class:`CommandError`."""
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import BatchState, server_errors
    from smtptui.cli.batch.opened import opened
    from smtptui.cli.batch.words import local
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer
    from smtptui.protocol import visible

    with opened(name, readonly=True) as (journal, _):
        found = server_errors(journal)
    groups, opening = found.groups, found.opening
    stdout = Printer(sys.stdout)
    if as_json:
        documents = [
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
        said = None if opening is None else _opening_document(opening)
        document = {"batch": name, "reason": found.reason, "groups": documents, "opening": said}
        stdout.json({"ok": True, "exit": 0, **document})
        return ExitCode.OK
    if found.state is BatchState.PAUSED and found.reason:
        stdout.line(f"Batch {name} is paused: {found.reason}")
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


def _opening_document(opening: "FailedOpening") -> dict[str, object]:
    from smtptui.cli.batch.words import instant

    return {
        "at": instant(opening.at),
        "server": opening.server,
        "message": opening.sentence,
        "transcript": opening.dialogue.splitlines(),
    }


def _show_attempts(name: str, address: str, *, as_json: bool) -> int:
    """Print the attempts at an address, the first one first; raises :class:`CommandError` if nobody has it."""
    # Only now: the journal takes longer to load than --help may take.
    from smtptui.batch import attempts_at, list_of
    from smtptui.cli.batch.opened import opened
    from smtptui.cli.exitcodes import ExitCode
    from smtptui.cli.output import Printer

    with opened(name, readonly=True) as (journal, _):
        list_ = list_of(journal)
        found = attempts_at(journal, address)
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "recipients": [
                    {
                        "address": one.address,
                        "line": one.line,
                        "state": one.state,
                        "reason": one.reason,
                        "attempts": [_attempt_document(attempt) for attempt in attempts],
                    }
                    for one, attempts in found
                ],
            }
        )
        return ExitCode.OK
    for one, attempts in found:
        stdout.line(_headline(one, list_))
        for attempt in attempts:
            _print_attempt(stdout, attempt)
    return ExitCode.OK


def _headline(one: "Standing", list_: "ListSettings") -> str:
    reason = f": {one.reason}" if one.reason else ""
    return f"{one.address}, {list_.place(one.line)}: {one.state}{reason}"


def _print_attempt(stdout: "Printer", attempt: "Attempt") -> None:
    from smtptui.cli.batch.words import local

    codes = " ".join(str(part) for part in (attempt.code, attempt.stage and f"({attempt.stage})") if part)
    said = " ".join(part for part in (codes, attempt.reply, attempt.reason) if part)
    at = f"{local(attempt.began):%Y-%m-%d %H:%M:%S}"
    stdout.line(f"  {attempt.number}. {at}  {attempt.state}  {said}")
    for extra in (attempt.host, attempt.timings):
        if extra:
            stdout.line(f"     {extra}")
    for line in attempt.transcript.splitlines():
        stdout.line(f"     {line}")


def _attempt_document(attempt: "Attempt") -> dict[str, object]:
    from smtptui.cli.batch.words import instant

    return {
        "number": attempt.number,
        "began": instant(attempt.began),
        "ended": instant(attempt.ended),
        "state": attempt.state,
        "stage": attempt.stage,
        "code": attempt.code,
        "enhanced": attempt.enhanced or None,
        "reply": attempt.reply,
        "reason": attempt.reason,
        "queue_id": attempt.queue_id or None,
        "host": attempt.host,
        "timings": attempt.timings,
        "transcript": attempt.transcript.splitlines(),
    }
