"""Sends one recipient's message to oneself; a batch of which that was accepted is tested."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from smtptui.batch import BatchState
from smtptui.cli.batch.changes import as_it_is, keep
from smtptui.cli.batch.opened import opened, settings_of
from smtptui.cli.batch.workshop import first_to_be_sent, workshop
from smtptui.cli.errors import bad_input, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.observing import View, observe
from smtptui.message import MessageError
from smtptui.protocol import MailboxError, parse_mailbox
from smtptui.protocol import Recipient as EnvelopeRecipient
from smtptui.session import Request

_BEFORE = frozenset({BatchState.DRAFT, BatchState.LINTED})


@dataclass(frozen=True, slots=True)
class Proof:
    """The options of ``test``, read."""

    name: str
    to: str
    row: int | None = None
    changes: str | None = None
    save: Path | None = None
    quiet: bool = False
    as_json: bool = False


def prove(proof: Proof) -> ExitCode:
    """Send the message and report the session; raises :class:`CommandError` where it cannot begin."""
    try:
        to = parse_mailbox(proof.to).address
    except MailboxError as error:
        raise usage(f"--to: {error}.") from error
    with opened(proof.name) as (journal, _):
        facts = journal.facts()
        found = as_it_is(settings_of(facts), proof.changes)
        if found.taken or proof.changes == "take":
            keep(journal, found)
        shop = workshop(journal, journal.facts(), found.settings)
        recipient = first_to_be_sent(journal, proof.row)
    try:
        message = shop.composer.compose(recipient.values, shop.composing.facts(recipient))
        envelope = shop.composing.envelope(recipient, message)
    except MessageError as error:
        raise bad_input(f"Row {recipient.seq} (line {recipient.line}): {' '.join(str(error).splitlines())}") from error
    request = Request(
        connection=found.relay.choice.connection,
        envelope=replace(envelope, recipients=(EnvelopeRecipient(to),)),
        content=message.content,
        credentials=found.relay.credentials(),
        utf8_headers=message.utf8_headers,
        notes=message.notes,
    )
    code = observe(request, View(("batch", "test"), proof.save, proof.quiet, proof.as_json))
    if code is ExitCode.OK:
        with opened(proof.name) as (journal, _):
            if journal.facts().state in _BEFORE:
                journal.set_state(BatchState.TESTED, now=time.time())
    return code
