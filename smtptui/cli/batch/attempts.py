"""Shows every attempt at one recipient: when, what the server said, and the dialogue where it is kept."""

import sys

from smtptui.batch import Attempt, ListSettings, Standing
from smtptui.cli.batch.opened import opened, settings_of
from smtptui.cli.batch.words import instant, local
from smtptui.cli.errors import usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer


def show_attempts(name: str, address: str, *, as_json: bool) -> ExitCode:
    """Print the attempts at an address, the first one first; raises :class:`CommandError` where nobody has it."""
    wanted = address.casefold()
    with opened(name, readonly=True) as (journal, _):
        list_ = settings_of(journal.facts()).list
        # An address may stand in a list more than once.
        who = [one for one in journal.standings() if wanted in (one.address.casefold(), one.key.casefold())]
        if not who:
            raise usage(f"Batch {name} has no recipient {address}.")
        found = [(one, journal.attempts(one.seq)) for one in who]
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
                        "attempts": [_document(attempt) for attempt in attempts],
                    }
                    for one, attempts in found
                ],
            }
        )
        return ExitCode.OK
    for one, attempts in found:
        stdout.line(_headline(one, list_))
        for attempt in attempts:
            _print(stdout, attempt)
    return ExitCode.OK


def _headline(one: Standing, list_: ListSettings) -> str:
    reason = f": {one.reason}" if one.reason else ""
    return f"{one.address}, {list_.place(one.line)}: {one.state}{reason}"


def _print(stdout: Printer, attempt: Attempt) -> None:
    codes = " ".join(str(part) for part in (attempt.code, attempt.stage and f"({attempt.stage})") if part)
    said = " ".join(part for part in (codes, attempt.reply, attempt.reason) if part)
    at = f"{local(attempt.began):%Y-%m-%d %H:%M:%S}"
    stdout.line(f"  {attempt.number}. {at}  {attempt.state}  {said}")
    for extra in (attempt.host, attempt.timings):
        if extra:
            stdout.line(f"     {extra}")
    for line in attempt.transcript.splitlines():
        stdout.line(f"     {line}")


def _document(attempt: Attempt) -> dict[str, object]:
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
