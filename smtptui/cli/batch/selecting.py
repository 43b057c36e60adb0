"""Retries and resolves the recipients that the selectors choose."""

import sys
from dataclasses import dataclass

from smtptui.batch import Decided, Selection, resolve, retry
from smtptui.cli.batch.mending import ENDED, holder
from smtptui.cli.batch.opened import batch_errors, path_of
from smtptui.cli.batch.words import counted
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer


@dataclass(frozen=True, slots=True)
class Chosen:
    """The selectors as given."""

    states: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def selection(self) -> Selection:
        """What they mean together."""
        return Selection.of(states=self.states, groups=self.groups, addresses=self.addresses, domains=self.domains)


def retry_chosen(name: str, chosen: Chosen, *, as_json: bool) -> ExitCode:
    """Have recipients tried again; raises :class:`CommandError`."""
    with batch_errors():
        done = retry(path_of(name), chosen.selection, holder())
    return _report(name, "retried", done, "will be tried again", "failed or deferred", as_json=as_json)


def resolve_chosen(name: str, chosen: Chosen, *, resend: bool, as_json: bool) -> ExitCode:
    """Decide about uncertain recipients; raises :class:`CommandError`."""
    with batch_errors():
        done = resolve(path_of(name), chosen.selection, holder(), resend=resend)
    words = "will be sent to again" if resend else "now counted as sent"
    return _report(name, "resend" if resend else "assumed-sent", done, words, "uncertain", as_json=as_json)


def _report(name: str, what: str, done: Decided, words: str, wanted: str, *, as_json: bool) -> ExitCode:
    stdout, number = Printer(sys.stdout), done.number
    if as_json:
        stdout.json(
            {"ok": True, "exit": 0, "batch": name, "done": what, "recipients": number, "runner_ended": done.ended}
        )
        return ExitCode.OK
    if number:
        more = f" Next: smtptui batch run {name}" if what != "assumed-sent" or done.ended else ""
        stdout.line(f"{counted(number, 'recipient', 'recipients')} {words}.{more}")
    else:
        stdout.line(f"No {wanted} recipient matches; nothing changed.")
    if done.ended:
        stdout.line(ENDED.format(name=name))
    return ExitCode.OK
