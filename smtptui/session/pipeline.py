"""Many messages over one open session, with as few round trips as the server takes well (RFC 2920).

Three levels. ``OFF``: each command awaits its reply. ``MESSAGE``: MAIL, RCPT and DATA in one write, then the
message with its dot. ``ACROSS``: a message with its dot and the next message's MAIL, RCPT and DATA in one write,
one round trip for each message. RFC 2920 section 3.1 allows it: the body may lead a group, DATA must end it.

Every reply is matched to the command it answers. ``AUTO`` begins within a message, goes across after three
groups answered as they should be, and steps down for good at the first oddity.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from enum import StrEnum

from smtptui.protocol import Capabilities, FailureKind, Reply, Stage
from smtptui.session.client import Client
from smtptui.session.delivery import Delivery, Opened, untouched
from smtptui.session.envelope_commands import EnvelopeCommands, Prepared, Terms, word
from smtptui.session.failures import refusal
from smtptui.session.fast_recorder import FastRecorder, Heard, Part, Written
from smtptui.session.recipient_verdict import MessageEnd, contradicts, verdict_of
from smtptui.transcript import Failure, RecipientOutcome, SessionError, Verdict

TRUST_AFTER = 3
"""Groups answered in order before ``AUTO`` goes across messages."""
LARGEST_GROUPED = 256 * 1024
"""Octets of a body up to which it shares a write; a longer one is uploaded by itself, chunk by chunk."""


class Pipelining(StrEnum):
    """How far to go."""

    OFF = "off"
    MESSAGE = "message"
    AUTO = "auto"


class Level(StrEnum):
    """How far a lane goes now."""

    OFF = "off"
    MESSAGE = "message"
    ACROSS = "across"


BeforeBody = Callable[[Prepared], Awaitable[None]]
"""Asked when the server is ready for a message; nothing of it is written before the answer is there. It may raise
:class:`SessionError`, and then nothing is written at all: the connection is dropped, the message untouched."""


class Source:
    """Messages to send: :meth:`ready` without waiting, :meth:`next` with. Both give None at the end."""

    def __init__(self, messages: Iterable[Prepared]) -> None:
        self._messages: Iterator[Prepared] = iter(messages)

    def ready(self) -> Prepared | None:
        """The next message if there is one now. None does not mean the end."""
        return next(self._messages, None)

    async def next(self) -> Prepared | None:
        """The next message, None at the end."""
        return self.ready()


class Lane:
    """Sends messages over an open, logged-in client. One lane a connection, used by one task."""

    def __init__(
        self,
        client: Client,
        capabilities: Capabilities,
        *,
        pipelining: Pipelining = Pipelining.AUTO,
        seconds: Callable[[Stage], float],
        lmtp: bool = False,
        before_body: BeforeBody | None = None,
    ) -> None:
        self.client = client
        self._before_body = before_body
        self._terms = Terms.of(capabilities)
        self.recorder = FastRecorder.after(client.recorder)
        client.observe(self.recorder)
        self.failure: Failure | None = None
        """Why the lane can send no more, or None."""
        self._lmtp = lmtp
        self._seconds = seconds
        offered = "PIPELINING" in capabilities and pipelining is not Pipelining.OFF
        self._level = Level.MESSAGE if offered else Level.OFF
        self._may_rise = pipelining is Pipelining.AUTO and offered
        self._good = 0
        self._closing = False

    @property
    def level(self) -> Level:
        """How far the lane goes now."""
        return self._level

    async def deliver(self, source: Source) -> AsyncIterator[Delivery]:
        """Send what the source has; yields each message's fate in order. Ends early with :attr:`failure` set:
        what the source still has was not touched."""
        current: Opened | None = None
        while self.failure is None:
            if current is None:
                prepared = await source.next()
                if prepared is None:
                    return
                begun = await self._begin(prepared)
                if isinstance(begun, Delivery):
                    yield begun
                else:
                    current = begun
                continue
            permit = self._before_body(current.prepared) if self._before_body is not None else None
            # A server that waits for a body must not wait for our list: only what is ready now comes along.
            following = source.ready() if self._goes_across(current) else None
            if permit is not None and (refused := await self._refused_by(permit)) is not None:
                yield self._lost(current, refused, sent=False)
                if following is not None:
                    yield untouched(following, refused)
                return
            if following is None:
                yield await self._finish(current)
                current = None
                continue
            finished, begun = await self._finish_and_begin(current, following)
            yield finished
            if isinstance(begun, Delivery):
                yield begun
                current = None
            else:
                current = begun

    async def _refused_by(self, permit: Awaitable[None]) -> Failure | None:
        """Why the message may not go out, or None. After a 354 there is no other way to say nothing but to go."""
        try:
            await permit
        except SessionError as error:
            self.failure, self._closing = error.failure, True
            self.client.wire.abort()
            return error.failure
        return None

    def _goes_across(self, current: Opened) -> bool:
        fits = len(current.prepared.content) <= LARGEST_GROUPED
        return self._level is Level.ACROSS and not self._lmtp and fits and not self._closing

    # The envelope.

    async def _begin(self, prepared: Prepared) -> Opened | Delivery:
        try:
            commands = word(prepared, self._terms)
        except SessionError as error:
            return untouched(prepared, error.failure)
        if self._level is Level.OFF:
            return await self._begin_stepwise(prepared, commands)
        parts = _envelope_parts(commands)
        return await self._answered(Opened(prepared), parts, [self._write(parts)])

    async def _begin_stepwise(self, prepared: Prepared, commands: EnvelopeCommands) -> Opened | Delivery:
        opened = Opened(prepared)
        steps = _envelope_parts(commands)
        replies: list[Reply] = []
        for part in steps:
            if part[0] is Stage.DATA and not any(map(_takes, replies[1:])):
                break
            written = self._write((part,))
            heard = await self._hear(1, part[0], ends_in_data=part[0] is Stage.DATA)
            opened.exchange += [written, *heard]
            replies += [each.reply for each in heard]
            if self.failure is not None or (part[0] is Stage.MAIL and replies[-1].code != 250):
                break
        return await self._judge(opened, replies)

    async def _answered(self, opened: Opened, parts: tuple[Part, ...], written: list[Written]) -> Opened | Delivery:
        heard = await self._hear(len(parts), parts[0][0], ends_in_data=True)
        opened.exchange += [*written, *heard]
        return await self._judge(opened, [each.reply for each in heard])

    async def _judge(self, opened: Opened, replies: list[Reply]) -> Opened | Delivery:
        """What the replies to MAIL, RCPT… and DATA, as many as came, mean."""
        count = len(opened.prepared.recipients)
        mail = replies[0] if replies else None
        data = replies[count + 1] if len(replies) > count + 1 else None
        if mail is not None and mail.code == 250:
            opened.rcpt = replies[1 : 1 + count]
            opened.accepted = [i for i, reply in enumerate(opened.rcpt) if _takes(reply)]
        opened.reply = replies[-1] if replies else None
        if self.failure is not None or mail is None:
            return self._lost(opened, self.failure or _CLOSED, sent=False)
        if data is not None and data.code == 354:
            if opened.accepted:
                self._went_well()
                return opened
            return await self._void(opened, mail, replies[1 : 1 + count])
        if mail.code != 250:
            self._step_down()
            error = refusal(Stage.MAIL, f"The sender <{opened.prepared.envelope.sender}>", mail)
            return await self._refused(opened, error.failure)
        if not opened.accepted or data is None:
            self._went_well()
            return await self._refused(opened, opened.lost())
        self._step_down()
        if not data.positive:
            opened.decided, opened.stage = dict.fromkeys(opened.accepted, data), Stage.DATA
        return await self._refused(opened, refusal(Stage.DATA, "DATA", data).failure)

    async def _void(self, opened: Opened, mail: Reply, rcpt: list[Reply]) -> Delivery:
        """A 354 with nobody to send to: RFC 2920 section 3.1 wants a lone dot, which delivers to nobody.

        Unless the server took a recipient all the same, after a MAIL that it did not: the dot would then deliver
        an empty message, so the connection is dropped.
        """
        failure = refusal(Stage.MAIL, "The sender", mail).failure if mail.code != 250 else opened.lost()
        if any(reply.code < 400 for reply in rcpt):
            self._out_of_step(Stage.DATA)
            return self._delivery(opened, failure)
        written = self._write((_DOT,))
        opened.exchange += [written, *await self._hear(1, Stage.DOT)]
        return self._delivery(opened, failure)

    async def _refused(self, opened: Opened, failure: Failure) -> Delivery:
        """The transaction came to nothing: RSET, so that the next MAIL finds none."""
        if not self._closing and self.failure is None:
            written = self._write(((Stage.RSET, b"RSET\r\n"),))
            opened.exchange += [written, *await self._hear(1, Stage.RSET)]
        return self._delivery(opened, failure)

    # The message.

    async def _finish(self, opened: Opened) -> Delivery:
        count = len(opened.accepted) if self._lmtp else 1
        if len(opened.prepared.content) > LARGEST_GROUPED:
            return await self._finish_large(opened, count)
        self.recorder.expect_more(count - 1)
        written = self._write(((Stage.BODY, opened.prepared.stuffed), _DOT))
        if self.failure is not None:
            return self._lost(opened, self.failure, sent=False)
        opened.exchange.append(written)
        heard = await self._hear(count, Stage.DOT)
        opened.exchange += heard
        return self._concluded(opened, [each.reply for each in heard], count)

    async def _finish_large(self, opened: Opened, count: int) -> Delivery:
        stuffed = opened.prepared.stuffed
        started = self.recorder.now
        complete, done = False, 0

        def progress(octets: int) -> None:
            nonlocal done
            done = octets

        try:
            await self.client.upload(stuffed, self._seconds(Stage.BODY), progress, replies=count)
            complete = not self.client.wire.answered
            if complete:
                self.client.wire.say_dot()
        except SessionError as error:
            self.failure = error.failure
        opened.exchange.append(Written(started, ((Stage.BODY, stuffed[:done]), *([_DOT] if complete else []))))
        if self.failure is not None:
            return self._lost(opened, self.failure, sent=False)
        heard = await self._hear(count, Stage.DOT)
        opened.exchange += heard
        if not complete:
            # Answered in its midst: what would be written now is still the message.
            opened.stage = Stage.BODY
            self._closing = True
            self.failure = self.failure or Failure(
                Stage.BODY,
                FailureKind.PROTOCOL,
                "The server answered a message in its midst; the connection is dropped.",
            )
            self.client.wire.abort()
            if any(each.reply.positive for each in heard):
                return self._lost(opened, self.failure, sent=False)
        return self._concluded(opened, [each.reply for each in heard], count)

    async def _finish_and_begin(self, opened: Opened, following: Prepared) -> tuple[Delivery, Opened | Delivery]:
        try:
            commands = word(following, self._terms)
        except SessionError as error:
            return await self._finish(opened), untouched(following, error.failure)
        envelope = _envelope_parts(commands)
        message: tuple[Part, ...] = ((Stage.BODY, opened.prepared.stuffed), _DOT)
        written = self._write(message + envelope)
        if self.failure is not None:
            return self._lost(opened, self.failure, sent=False), untouched(following, self.failure)
        opened.exchange.append(Written(written.at, message))
        heard = await self._hear(1 + len(envelope), Stage.DOT, ends_in_data=True)
        dot = heard[:1]
        opened.exchange += dot
        finished = self._concluded(opened, [each.reply for each in dot], 1)
        begun = Opened(following)
        begun.exchange += [Written(written.at, envelope), *heard[1:]]
        return finished, await self._judge(begun, [each.reply for each in heard[1:]])

    def _concluded(self, opened: Opened, replies: list[Reply], count: int) -> Delivery:
        """What the replies to the dot mean; ``count`` are due, one for each recipient with LMTP."""
        if len(replies) < count:
            assert self.failure is not None
            opened.decided = dict(zip(opened.accepted, replies, strict=False))
            return self._lost(opened, self.failure, sent=opened.stage is Stage.DOT)
        stray = self.client.wire.stray
        opened.reply = last = replies[-1]
        if stray is None and not self._lmtp and last.code < 300 and len(opened.accepted) == len(opened.rcpt):
            # The usual end.
            taken = tuple(
                RecipientOutcome(recipient.address, Verdict.ACCEPTED, Stage.DOT, last)
                for recipient in opened.prepared.envelope.recipients
            )
            return Delivery(opened.prepared, taken, last, None, tuple(opened.exchange))
        opened.decided = dict(
            zip(opened.accepted, replies if self._lmtp else replies * len(opened.accepted), strict=True)
        )
        verdicts = {verdict_of(reply, opened.stage) for reply in replies}
        if Verdict.UNCERTAIN in verdicts:
            self._out_of_step(Stage.DOT)
            return self._unknown(opened, f"The message was answered {replies[-1]}, which is no answer to it.")
        if stray is not None and opened.stage is Stage.DOT and contradicts(stray, verdicts):
            why = f"After the reply to the message came {stray}, which contradicts it."
            return self._unknown(opened, why, MessageEnd.CONTRADICTED)
        if Verdict.ACCEPTED not in verdicts:
            failed = refusal(opened.stage, "The message", replies[-1]).failure
            return self._delivery(opened, failed, MessageEnd.ANSWERED)
        outcomes = opened.outcomes(MessageEnd.ANSWERED)
        good = all(each.verdict is Verdict.ACCEPTED for each in outcomes)
        failure = None if good else opened.lost()
        return Delivery(opened.prepared, outcomes, opened.reply, failure, tuple(opened.exchange))

    # The wire.

    def _write(self, parts: tuple[Part, ...]) -> Written:
        written = self.recorder.group(parts)
        try:
            self.client.wire.write_raw(b"".join([data for _, data in parts]))
        except SessionError as error:
            self.failure = error.failure
        return written

    async def _hear(self, count: int, stage: Stage, *, ends_in_data: bool = False) -> list[Heard]:
        """The next replies; fewer when the connection fails, and then :attr:`failure` says why."""
        wire = self.client.wire
        try:
            await wire.arrived(count, self._seconds(stage))
        except SessionError as error:
            self.failure = self.failure or error.failure
        heard = self.recorder.take(count)
        for position, (_, reply) in enumerate(heard):
            if reply.code == 421:
                self._shut(reply, stage)
            elif reply.code == 354 and not (ends_in_data and position == count - 1):
                self._out_of_step(stage)
        if wire.stray is not None and wire.fault is not None:
            self.failure = self.failure or wire.fault.failure
        return heard

    def _out_of_step(self, stage: Stage) -> None:
        """Whatever is said next may be taken for a message."""
        self._closing = True
        self.client.wire.abort()
        self.failure = self.failure or Failure(
            stage, FailureKind.PROTOCOL, "The server's replies are out of step with the commands."
        )

    def _shut(self, reply: Reply, stage: Stage) -> None:
        self._closing = True
        self.failure = self.failure or Failure(
            stage, FailureKind.DEFERRED, f"The server is closing the connection: {reply}", reply
        )

    def _went_well(self) -> None:
        self._good += 1
        if self._may_rise and self._good >= TRUST_AFTER:
            self._level = Level.ACROSS

    def _step_down(self) -> None:
        """An oddity: go one step slower, and stay there."""
        self._may_rise = False
        if self._level is Level.ACROSS:
            self._level = Level.MESSAGE
        elif self._level is Level.MESSAGE:
            self._level = Level.OFF

    def _lost(self, opened: Opened, failure: Failure, *, sent: bool) -> Delivery:
        """The connection failed under a message: unknown once its dot was written, untouched before."""
        if not sent:
            return self._delivery(opened, failure)
        outcomes = opened.outcomes(MessageEnd.UNANSWERED)
        if any(each.verdict is Verdict.UNCERTAIN for each in outcomes):
            failure = Failure(Stage.DOT, FailureKind.UNCERTAIN, f"{failure.message} The outcome is unknown.")
        return Delivery(opened.prepared, outcomes, opened.reply, failure, tuple(opened.exchange))

    def _unknown(self, opened: Opened, why: str, end: MessageEnd = MessageEnd.ANSWERED) -> Delivery:
        failure = Failure(Stage.DOT, FailureKind.UNCERTAIN, f"{why} The outcome is unknown.", opened.reply)
        return self._delivery(opened, failure, end)

    def _delivery(self, opened: Opened, failure: Failure | None, end: MessageEnd = MessageEnd.UNSENT) -> Delivery:
        return Delivery(opened.prepared, opened.outcomes(end), opened.reply, failure, tuple(opened.exchange))


_DOT: Part = (Stage.DOT, b".\r\n")
_CLOSED = Failure(Stage.MAIL, FailureKind.CLOSED, "The connection is closed.")


def _takes(reply: Reply) -> bool:
    """Whether a reply to RCPT takes the recipient."""
    return verdict_of(reply, Stage.RCPT) is Verdict.ACCEPTED


def _envelope_parts(commands: EnvelopeCommands) -> tuple[Part, ...]:
    return (
        (Stage.MAIL, commands.mail.encode() + b"\r\n"),
        *((Stage.RCPT, line.encode() + b"\r\n") for line in commands.rcpt),
        (Stage.DATA, b"DATA\r\n"),
    )
