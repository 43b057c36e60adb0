"""Retries and resolves the recipients that the selectors choose."""

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
    with journal_troubles():
        number = retry(path_of(name), chosen.selection, now=time.time(), pid=os.getpid(), host=socket.gethostname())
    return _report(name, "retried", number, "will be tried again", "failed or deferred", as_json=as_json)


def resolve_chosen(name: str, chosen: Chosen, *, resend: bool, as_json: bool) -> ExitCode:
    """Decide about uncertain recipients; raises :class:`CommandError`."""
    with journal_troubles():
        number = resolve(
            path_of(name),
            chosen.selection,
            resend=resend,
            now=time.time(),
            pid=os.getpid(),
            host=socket.gethostname(),
        )
    words = "will be sent to again" if resend else "count as sent"
    return _report(name, "resend" if resend else "assumed-sent", number, words, "uncertain", as_json=as_json)


def _report(name: str, done: str, number: int, words: str, wanted: str, *, as_json: bool) -> ExitCode:
    stdout = Printer(sys.stdout)
    if as_json:
        stdout.json({"ok": True, "exit": 0, "batch": name, "done": done, "recipients": number})
    elif number:
        more = "" if done == "assumed-sent" else f" Next: smtptui batch run {name}"
        stdout.line(f"{counted(number, 'recipient', 'recipients')} {words}.{more}")
    else:
        stdout.line(f"Nobody who is {wanted} fits; nothing was changed.")
    return ExitCode.OK
