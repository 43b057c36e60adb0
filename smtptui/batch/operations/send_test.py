"""Sending one recipient's message to whoever tests the batch; once it is accepted, the batch is tested."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from smtptui.batch.identity import new_token
from smtptui.batch.journal import Journal, runner_lives
from smtptui.batch.model import BatchState, SizeLimit
from smtptui.batch.operations.account import Booking, account_of, book, settle
from smtptui.batch.operations.batch_error import journal_errors
from smtptui.batch.operations.changes import Changes, ReadRelay, settle_changes
from smtptui.batch.operations.check import check_messages, too_large
from smtptui.batch.operations.composition import opened_composer, recipient_of_row
from smtptui.batch.operations.relay import CurrentRelay, limits_of_run
from smtptui.batch.settings import BatchSettings
from smtptui.protocol import Credentials, Recipient, Stage
from smtptui.session import Request, SessionRun


@dataclass(frozen=True, slots=True)
class TestResult:
    """What is to be known after a test besides its session, in sentences; None if there is nothing."""

    __test__ = False

    over_cap: str | None
    too_large: str | None


class TestSend:
    """One test message: :attr:`request` is sent by the caller, between :meth:`begin` and :meth:`end`."""

    __test__ = False

    def __init__(
        self,
        journal: Journal,
        request: Request,
        settings: BatchSettings,
        relay: CurrentRelay,
        state: BatchState,
        shared: Path,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.request = request
        self.relay = relay
        """Who logs in; the credentials are the caller's to fetch."""
        self._journal = journal
        self._settings = settings
        self._state = state
        self._shared = shared
        self._now = now
        self._limits = limits_of_run(settings, relay)
        self._booking: Booking | None = None

    def with_credentials(self, credentials: Credentials | None) -> Request:
        """The request that is sent."""
        return replace(self.request, credentials=credentials)

    def begin(self) -> None:
        """Count the message against the account's daily cap; before the session."""
        account = account_of(self.relay.relay.connection, self.relay.relay.user)
        with journal_errors():
            self._booking = book(self._shared, account, 1, now=self._now())

    def end(self, run: SessionRun, *, accepted: bool) -> TestResult:
        """Keep what was learnt; after the session. A batch whose message was accepted is tested."""
        journal, booking, per_day = self._journal, self._booking, self._limits.per_day
        over = None
        with journal_errors():
            if booking is not None:
                over = None if per_day is None else booking.over(per_day)
                settle(self._shared, booking, run.outcome, now=self._now())
            self._keep_size_limit(run)
            if accepted and self._state.untested and not runner_lives(journal.path):
                journal.set_state(BatchState.TESTED, now=self._now())
            return TestResult(over, too_large(journal, self._settings))

    def _keep_size_limit(self, run: SessionRun) -> None:
        """Record the server's size limit: nothing else asks for it before the batch is sent."""
        outcome, capabilities = run.outcome, run.capabilities
        if outcome is None or capabilities is None:
            return
        failure = outcome.failure
        if failure is not None and failure.stage.order < Stage.AUTH.order:
            # What was said before TLS counts for nothing then, and may be anybody's.
            return
        octets, relay = capabilities.size_limit, self.relay.relay
        said = None if octets is None else SizeLimit(octets, relay.connection.label, relay.user, self._now())
        self._journal.set_size_limit(said)


def prepare_test(
    journal: Journal,
    to: str,
    *,
    row: int | None,
    changes: Changes | None,
    read_relay: ReadRelay,
    shared: Path,
    tell: Callable[[str], None],
) -> TestSend:
    """Make the message of a row of the list (or of the first to be sent to) as a copy for the address ``to``.

    Every message of a draft is made before. Raises :class:`BatchError`.
    """
    with journal_errors():
        settled = settle_changes(journal, read_relay, changes, tell=tell)
        # Another template that was taken over makes it a draft.
        state = journal.facts().state
        if state is BatchState.DRAFT:
            check_messages(journal)
        with opened_composer(journal) as (settings, composer):
            recipient = recipient_of_row(journal, settings.list, row)
            letter = composer.message(recipient, copy=new_token(secrets.token_bytes))
        message, envelope = letter.message, letter.envelope
        request = Request(
            connection=settled.relay.relay.connection,
            envelope=type(envelope)(envelope.sender, (Recipient(to),), body=envelope.body),
            content=message.content,
            utf8_headers=message.utf8_headers,
            notes=(
                f"the message of {settings.list.place(recipient.line)}, {recipient.address}, sent to {to} alone",
                *message.notes,
            ),
        )
        return TestSend(journal, request, settled.settings, settled.relay, state, shared)
