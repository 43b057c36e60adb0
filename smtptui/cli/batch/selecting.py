"""Has recipients tried again, or decides what is to become of uncertain ones."""

import os
import socket
import sys
import time
from dataclasses import dataclass

from smtptui.batch import Selection, resolve, retry
from smtptui.cli.batch.opened import journal_troubles, path_of
from smtptui.cli.batch.words import counted
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer


@dataclass(frozen=True, slots=True)
class Chosen:
    """The selectors of a command, read."""

    states: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def selection(self) -> Selection:
        """The same for the journal."""
        return Selection.of(states=self.states, groups=self.groups, addresses=self.addresses, domains=self.domains)


def retry_chosen(name: str, chosen: Chosen, *, as_json: bool) -> ExitCode:
    """Have those that failed or were deferred tried again; raises :class:`CommandError`."""
    with journal_troubles():
        count = retry(path_of(name), chosen.selection, now=time.time(), pid=os.getpid(), host=socket.gethostname())
    what = f"{counted(count, 'recipient is', 'recipients are')} to be tried again"
    return _report(name, count, "pending", f"{what}: `smtptui batch run {name}`." if count else "", as_json=as_json)


def resolve_chosen(name: str, chosen: Chosen, *, resend: bool, as_json: bool) -> ExitCode:
    """Decide about uncertain ones; raises :class:`CommandError`."""
    with journal_troubles():
        count = resolve(
            path_of(name),
            chosen.selection,
            resend=resend,
            now=time.time(),
            pid=os.getpid(),
            host=socket.gethostname(),
        )
    who = counted(count, "recipient", "recipients")
    said = f"{who} to be sent to again: `smtptui batch run {name}`." if resend else f"{who} taken as sent."
    return _report(name, count, "pending" if resend else "sent", said if count else "", as_json=as_json)


def _report(name: str, count: int, state: str, said: str, *, as_json: bool) -> ExitCode:
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "batch": name, "changed": count, "state": state})
    else:
        stdout.line(said or f"Batch {name} has nobody who fits; nothing was changed.")
    return ExitCode.OK
