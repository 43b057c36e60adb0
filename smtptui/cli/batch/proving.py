"""Sends one recipient's message to whoever tests, and makes the batch a tested one."""

import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch import (
    BatchState,
    Booking,
    Journal,
    SizeLimit,
    account_of,
    book,
    new_token,
    opened_composer,
    recipient_of_row,
    runner_lives,
    settle,
)
from smtptui.cli.batch.changes import settled
from smtptui.cli.batch.checking import checked, too_large
from smtptui.cli.batch.opened import opened, shared_path
from smtptui.cli.batch.reading import check_limits
from smtptui.cli.batch.relay import RelayNow
from smtptui.cli.errors import bad_input
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.observing import View, observe
from smtptui.cli.output import Printer
from smtptui.protocol import MailboxError, Recipient, Stage, parse_mailbox
from smtptui.session import Request, SessionRun


@dataclass(frozen=True, slots=True)
class Proof:
    """The options of ``test``."""

    name: str
    to: str
    row: int | None
    changes: str | None
    save: Path | None
    quiet: bool
    as_json: bool


def prove(proof: Proof) -> ExitCode:
    """Send the test and report it as ``send`` does; raises :class:`CommandError`."""
    try:
        to = parse_mailbox(proof.to).address
    except MailboxError as error:
        raise bad_input(f"--to: {error}.") from error
    with opened(proof.name, whole=True) as (journal, path):
        state = journal.facts().state
        settings, relay = settled(proof.name, journal, proof.changes)
        if state is BatchState.DRAFT:
            checked(proof.name, journal)
        with opened_composer(journal) as (batch, composer):
            recipient = recipient_of_row(journal, batch.list, proof.row)
            letter = composer.message(recipient, copy=new_token(secrets.token_bytes))
        message, envelope = letter.message, letter.envelope
        request = Request(
            connection=relay.choice.connection,
            envelope=type(envelope)(envelope.sender, (Recipient(to),), body=envelope.body),
            content=message.content,
            credentials=relay.credentials(),
            utf8_headers=message.utf8_headers,
            notes=(
                f"the message of {batch.list.place(recipient.line)}, {recipient.address}, sent to {to} alone",
                *message.notes,
            ),
        )
        run = SessionRun(request)
        account = account_of(relay.choice.connection, relay.choice.user or "")
        limits = check_limits(settings, relay.choice.profile)
        bookings: list[Booking] = []

        def begin(_: Request) -> SessionRun:
            bookings.append(book(shared_path(), account, 1, now=time.time()))
            return run

        code = observe(request, View(("batch", "test"), proof.save, proof.quiet, proof.as_json), start=begin)
        (booking,) = bookings
        over = None if limits.per_day is None else booking.over(limits.per_day)
        settle(shared_path(), booking, run.outcome, now=time.time())
        _keep_size_limit(journal, run, relay)
        if code is ExitCode.OK and state.untested and not runner_lives(path):
            journal.set_state(BatchState.TESTED, now=time.time())
        large = too_large(journal, settings)
    if over is not None and not (proof.quiet or proof.as_json):
        Printer(sys.stderr).line(f"smtptui: {over}")
    if large is not None and not (proof.quiet or proof.as_json):
        Printer(sys.stderr).line(f"smtptui: {large} “smtptui batch lint {proof.name}” shows all.")
    return code


def _keep_size_limit(journal: Journal, run: SessionRun, relay: RelayNow) -> None:
    """Have the journal know what the server says that it takes: no other command asks it before the batch is sent."""
    outcome, capabilities = run.outcome, run.capabilities
    if outcome is None or capabilities is None:
        return
    failure = outcome.failure
    if failure is not None and failure.stage.order < Stage.AUTH.order:
        # What was said before TLS counts for nothing then, and may be anybody's.
        return
    octets, choice = capabilities.size_limit, relay.choice
    said = None
    if octets is not None:
        said = SizeLimit(octets, choice.connection.label, choice.user or "", time.time())
    journal.set_size_limit(said)
