"""One session from start to outcome: route, dialogue, cancel, farewell. The screen and the command line use this."""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from smtptui.dns import Resolver
from smtptui.explain import LOOK_BEFORE_SENDING_AGAIN
from smtptui.message import Unreadable
from smtptui.protocol import Capabilities, FailureKind, Reply, Stage, queue_id_of, visible
from smtptui.session.conversation import Conversation, Leave, Target
from smtptui.session.dialogue import CLOSING, OPENING, transact, walk
from smtptui.session.envelope_commands import Prepared, prepare
from smtptui.session.failures import lost, recipients_in_words, untried
from smtptui.session.gate import Gate
from smtptui.session.mask import Masker, common_words
from smtptui.session.recipient_verdict import MessageEnd, contradicts, in_the_end
from smtptui.session.recorder import Recorder
from smtptui.session.request import Request
from smtptui.session.route import targets
from smtptui.transcript import (
    BODY_PEEK,
    CertificateFacts,
    Failure,
    Outcome,
    RecipientOutcome,
    ServerFacts,
    SessionError,
    TlsFacts,
    Transcript,
    Verdict,
)

FAREWELL = 3.0
"""Seconds a cancelled session may take to say QUIT."""

_SILENT_STAGES = frozenset(
    {Stage.CONNECT, Stage.BANNER, Stage.STARTTLS, Stage.TLS, Stage.AUTH, Stage.DATA, Stage.BODY, Stage.DOT, Stage.QUIT}
)
"""Where a cancelled session just drops the connection: QUIT would be no command there, or comes already."""
_TRY_NEXT = frozenset(
    {FailureKind.CONNECT, FailureKind.TIMEOUT, FailureKind.CLOSED, FailureKind.DEFERRED, FailureKind.REFUSED}
)
"""What lets the next mail exchanger be tried, before EHLO (RFC 5321 section 5.1). A greeting that refuses is among
them: it speaks for that host, not for the domain."""


class RunState(StrEnum):
    """Where a run is in its life."""

    IDLE = "idle"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot for a status line. ``sent`` of ``total`` octets of the body; ``elapsed`` seconds."""

    state: RunState
    stage: Stage
    reply: Reply | None
    sent: int
    total: int
    elapsed: float


class SessionRun:
    """A session that can be watched and cancelled. ``transcript`` is there from the start and grows.

    ``now`` and ``clock`` give the time of day (UTC) and seconds; ``nonce`` fresh randomness for SCRAM;
    ``body_peek`` how many octets of the message its event shows.
    """

    def __init__(
        self,
        request: Request,
        *,
        gate: Gate | None = None,
        resolver: Resolver | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.perf_counter,
        nonce: Callable[[], str] = lambda: secrets.token_urlsafe(24),
        body_peek: int = BODY_PEEK,
    ) -> None:
        self.request = request
        self.transcript = Transcript(started=now())
        self.outcome: Outcome | None = None
        self._gate = gate
        self._resolver = resolver
        self._now = now
        self._nonce = nonce
        self._clock = clock
        self._recorder = Recorder(
            self.transcript,
            Masker(request.credentials, common=common_words(request.connection, request.envelope)),
            clock=clock,
            origin=clock(),
            body_peek=body_peek,
        )
        self._talk: Conversation | None = None
        self._task: asyncio.Task[Failure | None] | None = None
        self._state = RunState.IDLE

    @property
    def tls(self) -> TlsFacts | None:
        """The TLS of the server that is spoken to, from the handshake on."""
        return self._talk.tls if self._talk is not None else None

    @property
    def chain(self) -> tuple[CertificateFacts, ...]:
        """The certificates that server showed, its own first; also where the handshake then failed."""
        return self._talk.chain if self._talk is not None else ()

    @property
    def capabilities(self) -> Capabilities | None:
        """What that server said last that it can do; None before EHLO, and after STARTTLS still what it said before it
        until it is asked again."""
        return self._talk.capabilities if self._talk is not None and self._talk.capabilities.domain else None

    def progress(self) -> Progress:
        """Where the run is."""
        where = self._talk.position if self._talk is not None else None
        elapsed = self.outcome.took if self.outcome is not None else self._recorder.now
        return Progress(
            state=self._state,
            stage=where.stage if where is not None else Stage.CONNECT,
            reply=self._recorder.last_reply,
            sent=where.sent if where is not None else 0,
            total=where.total if where is not None else 0,
            elapsed=elapsed if self._state is not RunState.IDLE else 0.0,
        )

    def cancel(self) -> None:
        """Stop: QUIT within 3 s where that may be said, else drop the connection. :meth:`run` then returns."""
        if self._task is not None and self._state is RunState.RUNNING:
            self._state = RunState.CANCELLING
            self._task.cancel()

    async def run(self) -> Outcome:
        """Do it, once. What a server, the network or the input does wrong is in the outcome, never raised.

        When the awaiting task is cancelled, the farewell is still said (3 s) before CancelledError goes on.
        """
        if self._state is not RunState.IDLE:
            raise RuntimeError("a session runs once")
        self._state = RunState.RUNNING
        self._recorder.restart(self._clock())
        for note in self.request.notes:
            self._recorder.note(Stage.CONNECT, visible(note))
        for each in self.request.left_out[:_NAMED]:
            self._recorder.note(Stage.CONNECT, visible(f"left out: {each}"))
        try:
            async with asyncio.TaskGroup() as group:
                self._task = group.create_task(self._converse())
            failure = None if self._task.cancelled() else self._task.result()
            if self._task.cancelled():
                failure = await self._cancelled()
        except asyncio.CancelledError:
            self._conclude(await self._cancelled())
            raise
        except ExceptionGroup as group_error:
            # One task, one error: a gate's or our own, for which a group would only be wrapping.
            raise group_error.exceptions[0] from None
        return self._conclude(failure)

    async def _converse(self) -> Failure | None:
        try:
            prepared = prepare(
                self.request.envelope,
                self.request.content,
                utf8_headers=self.request.utf8_headers,
                until=self.request.exit_after.stage if self.request.exit_after is not None else Stage.DOT,
            )
            resolver = self._resolver or Resolver(self.request.connection.resolver)
        except SessionError as error:
            self._recorder.error(error.failure.stage, visible(str(error)))
            return error.failure
        except ValueError as error:
            self._recorder.error(Stage.CONNECT, visible(str(error)))
            return Failure(Stage.CONNECT, FailureKind.CONFIGURATION, str(error))
        failure: Failure | None = None
        route = targets(self.request.connection, prepared.domains, resolver, self._recorder)
        try:
            async with aclosing(route):
                async for target in route:
                    failure = await self._visit(prepared, target)
                    if failure is None or failure.kind not in _TRY_NEXT or failure.stage not in _BEFORE_EHLO:
                        break
        except SessionError as error:
            # What an earlier mail exchanger said is worth more than that a later one has no address.
            failure = failure or error.failure
            self._recorder.error(error.failure.stage, visible(error.failure.message))
        return failure

    async def _visit(self, prepared: Prepared, target: Target) -> Failure | None:
        """One server; returns why not all was done, None when it was."""
        talk = Conversation(self.request, prepared, target, self._recorder, self._gate, self._now, self._nonce)
        talk.recipients = [
            RecipientOutcome(recipient.address, Verdict.UNTRIED) for recipient in self.request.envelope.recipients
        ]
        talk.waiting = list(range(len(talk.recipients)))
        self._talk = talk
        try:
            return await self._talk_through(talk)
        except asyncio.CancelledError:
            # The farewell is said by whoever cancelled.
            raise
        except BaseException:
            if talk.client is not None:
                await talk.client.finish(abort=True)
            raise

    async def _talk_through(self, talk: Conversation) -> Failure | None:
        failure: Failure | None = None
        dropped = False
        try:
            await walk(talk, OPENING)
            await transact(talk)
        except Leave as leave:
            dropped = leave.drop
            failure = self._left(talk)
        except SessionError as error:
            failure = _settled(talk, error.failure)
            self._recorder.error(failure.stage, visible(failure.message))
        try:
            if not dropped:
                await walk(talk, CLOSING)
        except Leave:
            dropped = True
        except SessionError as error:
            # All that mattered is decided; a server that will not say goodbye changes nothing.
            self._recorder.note(error.failure.stage, visible(f"no clean end: {error}"))
        finally:
            if talk.client is not None:
                await talk.client.finish(abort=dropped or talk.awaiting_message)
        return _in_step(talk, failure)

    def _left(self, talk: Conversation) -> Failure | None:
        """Leaving where the user asked to is what was wanted; by hand it is a cancelled session."""
        if self.request.exit_after is not None and talk.left_as_asked:
            return None
        stage = talk.position.stage
        _end_message(talk, MessageEnd.UNSENT)
        what = "no message was sent"
        if talk.delivered:
            what = f"the message was accepted for {recipients_in_words(talk.delivered)}"
        return Failure(stage, FailureKind.CANCELLED, f"Ended by hand before {stage}; {what}.")

    async def _cancelled(self) -> Failure:
        """Say goodbye as far as the protocol allows, then drop."""
        talk = self._talk
        stage = talk.position.stage if talk is not None else Stage.CONNECT
        self._recorder.note(stage, "cancelled")
        message = "Cancelled; no message was sent."
        kind = FailureKind.CANCELLED
        if talk is not None:
            delivered = talk.delivered
            if talk.dot_written:
                kind, message = FailureKind.UNCERTAIN, f"Cancelled. {_UNCERTAIN}"
                _end_message(talk, MessageEnd.UNANSWERED)
            elif delivered:
                message = "Cancelled after the message had been accepted."
                if delivered < len(talk.recipients):
                    message = f"Cancelled after the message had been accepted for {recipients_in_words(delivered)}."
                _end_message(talk, MessageEnd.UNSENT)
            else:
                _end_message(talk, MessageEnd.UNSENT)
            await self._farewell(talk, stage)
        return Failure(stage, kind, message)

    async def _farewell(self, talk: Conversation, stage: Stage) -> None:
        client = talk.client
        if client is None:
            return
        try:
            if talk.wire_up and stage not in _SILENT_STAGES:
                async with asyncio.timeout(FAREWELL):
                    client.wire.say(Stage.QUIT, b"QUIT\r\n")
                    await client.answers(self._recorder.owed, FAREWELL)
        except (SessionError, TimeoutError):
            self._recorder.note(Stage.QUIT, "no answer to QUIT: dropping the connection")
        finally:
            await client.finish(abort=True)

    def _conclude(self, failure: Failure | None) -> Outcome:
        talk = self._talk
        connection = self.request.connection
        recipients = tuple(talk.recipients) if talk is not None else ()
        if not recipients:
            recipients = tuple(RecipientOutcome(r.address, Verdict.UNTRIED) for r in self.request.envelope.recipients)
        reply = failure.reply if failure is not None and failure.reply is not None else None
        if reply is None and talk is not None:
            reply = talk.final
        failure = failure or _partial(recipients, self.request)
        failure = _with_left_out(failure, self.request)
        if failure is not None:
            # A message may quote what the server said.
            failure = replace(failure, message=self._recorder.masker.sentence(failure.message))
        self.outcome = Outcome(
            ok=failure is None,
            started=self.transcript.started,
            took=self._recorder.now,
            server=talk.server if talk is not None else ServerFacts(connection.host, connection.port),
            tls=talk.tls if talk is not None else None,
            auth=talk.auth if talk is not None else None,
            recipients=(*recipients, *map(_left_out, self.request.left_out)),
            reply=reply,
            queue_id=_queued(recipients),
            failure=failure,
        )
        self._state = RunState.DONE
        return self.outcome


_BEFORE_EHLO = frozenset({Stage.CONNECT, Stage.TLS, Stage.BANNER})
_UNCERTAIN = (
    "The whole message was sent and its reply is missing: it may have been accepted or not. "
    f"{LOOK_BEFORE_SENDING_AGAIN}"
)


def _settled(talk: Conversation, failure: Failure) -> Failure:
    """The failure with what it means for the message and its recipients."""
    if talk.dot_written:
        _end_message(talk, MessageEnd.UNANSWERED)
        return Failure(Stage.DOT, FailureKind.UNCERTAIN, f"{failure.message} {_UNCERTAIN}", failure.reply)
    _end_message(talk, MessageEnd.UNSENT)
    return failure


def _in_step(talk: Conversation, failure: Failure | None) -> Failure | None:
    """A stray reply can be taken for the dot's, and nobody can tell until the dot's own comes, unasked for or to QUIT.

    Where that is the opposite of what the dot was answered, what became of the message is not known.
    """
    stray = talk.client.wire.stray if talk.client is not None and talk.client.opened else None
    other = talk.goodbye or stray
    # Of several transactions the last one alone: the replies to the others were followed by more that fitted.
    decided = [index for index in talk.sent if talk.recipients[index].stage is Stage.DOT]
    if other is None or not decided:
        return failure
    if not contradicts(other, (talk.recipients[index].verdict for index in decided)):
        return failure
    for index in decided:
        each = talk.recipients[index]
        verdict = in_the_end(each.verdict, each.stage, MessageEnd.CONTRADICTED)
        talk.recipients[index] = replace(each, verdict=verdict)
    return Failure(
        Stage.DOT,
        FailureKind.UNCERTAIN,
        f"After the reply to the message came {other}, which contradicts it, so one of them belongs to something else. "
        f"The message may have been accepted or not. {LOOK_BEFORE_SENDING_AGAIN}",
        other,
    )


def _end_message(talk: Conversation, end: MessageEnd) -> None:
    """Settle those whom RCPT took and on whom nothing was decided since."""
    talk.recipients = [
        replace(each, verdict=in_the_end(each.verdict, each.stage, end)) if each.stage is Stage.RCPT else each
        for each in talk.recipients
    ]


def _left_out(each: Unreadable) -> RecipientOutcome:
    return RecipientOutcome(each.text, Verdict.UNREADABLE, reason=str(each))


def _with_left_out(failure: Failure | None, request: Request) -> Failure | None:
    """The failure, and that recipients were left out because they cannot be read; that alone is one as well."""
    if not request.left_out:
        return failure
    count = len(request.left_out)
    named = " ".join(f"{each}." for each in request.left_out[:_NAMED])
    more = f" And {count - _NAMED} more." if count > _NAMED else ""
    who = "1 recipient was" if count == 1 else f"{count} recipients were"
    sentence = f"{who} left out, since no address can be read there: {named}{more}"
    if failure is None:
        return Failure(Stage.RCPT, FailureKind.INPUT, sentence)
    return replace(failure, message=f"{failure.message} {sentence}")


_NAMED = 10
"""Recipients left out that the sentence names; the outcome has them all."""


def _queued(recipients: tuple[RecipientOutcome, ...]) -> str | None:
    """The first queue id in what those who took the message said (LMTP has a reply for each)."""
    said = (e.reply for e in recipients if e.stage is Stage.DOT and e.verdict is Verdict.ACCEPTED and e.reply)
    return next((found for found in map(queue_id_of, said) if found is not None), None)


def _partial(recipients: tuple[RecipientOutcome, ...], request: Request) -> Failure | None:
    """What remains to be said when no step failed: recipients the server did not take."""
    if failure := lost(recipients) or untried(recipients):
        return failure
    if request.exit_after is None and not all(each.stage is Stage.DOT for each in recipients):
        return Failure(Stage.DATA, FailureKind.CANCELLED, "A step was skipped by hand; no message was sent.")
    return None
