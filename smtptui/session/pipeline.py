"""Many messages over one open session, with as few round trips as the server takes well (RFC 2920).

Three levels. ``OFF``: each command awaits its reply. ``MESSAGE``: MAIL, RCPT and DATA in one write, then the
message with its dot. ``ACROSS``: a message with its dot and the next message's MAIL, RCPT and DATA in one write,
one round trip for each message. RFC 2920 section 3.1 allows it: the body may lead a group, DATA must end it.

Every reply is matched to the command it answers. ``AUTO`` begins within a message, goes across after three
groups answered as they should be, and steps down for good at the first oddity.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from smtptui.message import dot_stuff
from smtptui.protocol import Capabilities, Reply, Stage
from smtptui.session.client import Client
from smtptui.session.outcome import Failure, FailureKind, RecipientOutcome, SessionError, Verdict
from smtptui.session.steps.verdicts import lost, refusal, verdict_of
from smtptui.session.tape import Heard, Part, Tape, TapeRecorder, Written
from smtptui.session.wording import Prepared, Terms, Wording, word

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


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message. ``failure`` is None when every recipient was accepted."""

    prepared: Prepared
    recipients: tuple[RecipientOutcome, ...]
    reply: Reply | None
    """The reply to the dot, or the one that ended it before."""
    failure: Failure | None
    tape: Tape
    """What passed for this message; :func:`smtptui.session.tape.develop` makes events of it."""


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


@dataclass(slots=True)
class _Open:
    """A message on its way: its envelope is said, its body is not."""

    prepared: Prepared
    outcomes: list[RecipientOutcome]
    accepted: list[int]
    tape: list[Written | Heard]
    reply: Reply | None = None


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
    ) -> None:
        self.client = client
        self._terms = Terms.of(capabilities)
        self.recorder = TapeRecorder.after(client.recorder)
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
        current: _Open | None = None
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
            # A server that waits for a body must not wait for our list: only what is ready now comes along.
            following = source.ready() if self._goes_across(current) else None
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

    def _goes_across(self, current: _Open) -> bool:
        fits = len(current.prepared.content) <= LARGEST_GROUPED
        return self._level is Level.ACROSS and not self._lmtp and fits and not self._closing

    # The envelope.

    async def _begin(self, prepared: Prepared) -> "_Open | Delivery":
        try:
            wording = word(prepared, self._terms)
        except SessionError as error:
            return _untouched(prepared, error.failure)
        if self._level is Level.OFF:
            return await self._begin_stepwise(prepared, wording)
        parts = _envelope_parts(wording)
        return await self._answered(_opened(prepared), parts, [self._write(parts)])

    async def _begin_stepwise(self, prepared: Prepared, wording: Wording) -> "_Open | Delivery":
        opened = _opened(prepared)
        steps = _envelope_parts(wording)
        replies: list[Reply] = []
        for part in steps:
            if part[0] is Stage.DATA and not any(verdict_of(reply) is Verdict.ACCEPTED for reply in replies[1:]):
                break
            written = self._write((part,))
            heard = await self._hear(1, part[0])
            opened.tape += [written, *heard]
            replies += [each.reply for each in heard]
            if self.failure is not None or (part[0] is Stage.MAIL and replies[-1].code != 250):
                break
        return await self._judge(opened, replies)

    async def _answered(self, opened: _Open, parts: tuple[Part, ...], written: list[Written]) -> "_Open | Delivery":
        heard = await self._hear(len(parts), parts[0][0])
        opened.tape += [*written, *heard]
        return await self._judge(opened, [each.reply for each in heard])

    async def _judge(self, opened: _Open, replies: list[Reply]) -> "_Open | Delivery":
        """What the replies to MAIL, RCPT… and DATA, as many as came, mean."""
        mail, rcpt = replies[:1], replies[1 : 1 + len(opened.outcomes)]
        data = replies[1 + len(opened.outcomes) : 2 + len(opened.outcomes)]
        for index, reply in enumerate(rcpt if mail and mail[0].code == 250 else []):
            address = opened.outcomes[index].address
            opened.outcomes[index] = RecipientOutcome(address, verdict_of(reply), Stage.RCPT, reply)
        opened.accepted = [i for i, each in enumerate(opened.outcomes) if each.verdict is Verdict.ACCEPTED]
        opened.reply = replies[-1] if replies else None
        if self.failure is not None:
            return self._lost(opened, self.failure, sent=False)
        if data and data[0].code == 354:
            if mail[0].code == 250 and opened.accepted:
                self._went_well()
                return opened
            return await self._void(opened, mail[0])
        if mail and mail[0].code != 250:
            self._step_down()
            error = refusal(Stage.MAIL, f"The sender <{opened.prepared.envelope.sender}>", mail[0])
            return await self._refused(opened, error.failure)
        if not opened.accepted:
            self._went_well()
            return await self._refused(opened, _nobody(opened))
        self._step_down()
        for index in opened.accepted:
            each = opened.outcomes[index]
            opened.outcomes[index] = RecipientOutcome(each.address, verdict_of(data[0]), Stage.DATA, data[0])
        return await self._refused(opened, refusal(Stage.DATA, "DATA", data[0]).failure)

    async def _void(self, opened: _Open, mail: Reply) -> Delivery:
        """A 354 with nobody to send to: RFC 2920 section 3.1 wants a lone dot, which delivers to nobody."""
        failure = refusal(Stage.MAIL, "The sender", mail).failure if mail.code != 250 else _nobody(opened)
        written = self._write(((Stage.DOT, b".\r\n"),))
        opened.tape += [written, *await self._hear(1, Stage.DOT)]
        return self._delivery(opened, failure)

    async def _refused(self, opened: _Open, failure: Failure) -> Delivery:
        """The transaction came to nothing: RSET, so that the next MAIL finds none."""
        if not self._closing and self.failure is None:
            written = self._write(((Stage.RSET, b"RSET\r\n"),))
            opened.tape += [written, *await self._hear(1, Stage.RSET)]
        return self._delivery(opened, failure)

    # The message.

    async def _finish(self, opened: _Open) -> Delivery:
        content = opened.prepared.content
        count = len(opened.accepted) if self._lmtp else 1
        if len(content) > LARGEST_GROUPED:
            return await self._finish_large(opened, count)
        stuffed = dot_stuff(content)
        self.recorder.expect_more(count - 1)
        opened.tape.append(self._write(((Stage.BODY, stuffed), (Stage.DOT, b".\r\n"))))
        if self.failure is not None:
            return self._lost(opened, self.failure, sent=False)
        heard = await self._hear(count, Stage.DOT)
        opened.tape += heard
        return self._concluded(opened, [each.reply for each in heard], count)

    async def _finish_large(self, opened: _Open, count: int) -> Delivery:
        stuffed = dot_stuff(opened.prepared.content)
        started = self.recorder.now
        complete = False
        try:
            await self.client.upload(stuffed, self._seconds(Stage.BODY), lambda _: None, replies=count)
            complete = not self.client.wire.answered
            if complete:
                self.client.wire.say_dot()
        except SessionError as error:
            self.failure = error.failure
        opened.tape.append(Written(started, ((Stage.BODY, stuffed), (Stage.DOT, b".\r\n"))))
        if self.failure is not None:
            return self._lost(opened, self.failure, sent=False)
        heard = await self._hear(count, Stage.DOT)
        opened.tape += heard
        if not complete:
            # Refused in its midst: what would be written now is still the message.
            self._closing = True
            self.failure = self.failure or Failure(
                Stage.BODY, FailureKind.CLOSED, "The server refused a message in its midst; the connection is dropped."
            )
            self.client.wire.abort()
        return self._concluded(opened, [each.reply for each in heard], count)

    async def _finish_and_begin(self, opened: _Open, following: Prepared) -> tuple[Delivery, "_Open | Delivery"]:
        try:
            wording = word(following, self._terms)
        except SessionError as error:
            return await self._finish(opened), _untouched(following, error.failure)
        envelope = _envelope_parts(wording)
        message: tuple[Part, ...] = ((Stage.BODY, dot_stuff(opened.prepared.content)), (Stage.DOT, b".\r\n"))
        written = self._write(message + envelope)
        if self.failure is not None:
            return self._lost(opened, self.failure, sent=False), _untouched(following, self.failure)
        opened.tape.append(Written(written.at, message))
        heard = await self._hear(1 + len(envelope), Stage.DOT)
        dot = heard[:1]
        opened.tape += dot
        finished = self._concluded(opened, [each.reply for each in dot], 1)
        begun = _opened(following)
        begun.tape += [Written(written.at, envelope), *heard[1:]]
        return finished, await self._judge(begun, [each.reply for each in heard[1:]])

    def _concluded(self, opened: _Open, replies: list[Reply], count: int) -> Delivery:
        if len(replies) < count:
            assert self.failure is not None
            for index, reply in zip(opened.accepted, replies, strict=False):
                self._decide(opened, index, reply)
            return self._lost(opened, self.failure, sent=True)
        for position, index in enumerate(opened.accepted):
            self._decide(opened, index, replies[position if self._lmtp else 0])
        opened.reply = replies[-1]
        if len(opened.outcomes) == 1 and replies[0].code == 250:
            return self._delivery(opened, None)
        bad = [each for each in opened.outcomes if each.verdict is not Verdict.ACCEPTED]
        if all(verdict_of(reply) is not Verdict.ACCEPTED for reply in replies):
            return self._delivery(opened, refusal(Stage.DOT, "The message", replies[-1]).failure)
        if bad:
            return self._delivery(opened, _nobody(opened))
        return self._delivery(opened, None)

    def _decide(self, opened: _Open, index: int, reply: Reply) -> None:
        opened.outcomes[index] = RecipientOutcome(opened.outcomes[index].address, verdict_of(reply), Stage.DOT, reply)

    # The wire.

    def _write(self, parts: tuple[Part, ...]) -> Written:
        written = self.recorder.group(parts)
        try:
            self.client.wire.write_raw(b"".join([data for _, data in parts]))
        except SessionError as error:
            self.failure = error.failure
        return written

    async def _hear(self, count: int, stage: Stage) -> list[Heard]:
        """The next replies; fewer when the connection fails, and then :attr:`failure` says why."""
        wire = self.client.wire
        try:
            await wire.replies(count, self._seconds(stage))
        except SessionError as error:
            wire.remaining()
            self.failure = self.failure or error.failure
        heard = self.recorder.take(count)
        for each in heard:
            if each.reply.code == 421:
                self._shut(each.reply)
            elif each.reply.code == 354 and each.stage is not Stage.DATA:
                # Out of step: whatever is said next may be taken for a message.
                self._closing = True
                wire.abort()
                self.failure = self.failure or Failure(
                    each.stage or stage, FailureKind.PROTOCOL, "The server's replies are out of step with the commands."
                )
        return heard

    def _shut(self, reply: Reply) -> None:
        self._closing = True
        self.failure = self.failure or Failure(
            Stage.DOT, FailureKind.DEFERRED, f"The server is closing the connection: {reply}", reply
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

    def _lost(self, opened: _Open, failure: Failure, *, sent: bool) -> Delivery:
        """The connection failed under a message: unknown once its dot was written, untouched before."""
        verdict = Verdict.UNCERTAIN if sent else Verdict.UNTRIED
        opened.outcomes = [
            RecipientOutcome(each.address, verdict, each.stage, each.reply)
            if each.verdict is Verdict.ACCEPTED and each.stage is Stage.RCPT
            else each
            for each in opened.outcomes
        ]
        if sent:
            failure = Failure(Stage.DOT, FailureKind.UNCERTAIN, f"{failure.message} The outcome is unknown.")
        return self._delivery(opened, failure)

    def _delivery(self, opened: _Open, failure: Failure | None) -> Delivery:
        return Delivery(opened.prepared, tuple(opened.outcomes), opened.reply, failure, tuple(opened.tape))


def _opened(prepared: Prepared) -> _Open:
    outcomes = [RecipientOutcome(recipient.address, Verdict.UNTRIED) for recipient in prepared.envelope.recipients]
    return _Open(prepared, outcomes, [], [])


def _untouched(prepared: Prepared, failure: Failure) -> Delivery:
    return Delivery(prepared, tuple(_opened(prepared).outcomes), None, failure, ())


def _envelope_parts(wording: Wording) -> tuple[Part, ...]:
    return (
        (Stage.MAIL, wording.mail.encode() + b"\r\n"),
        *((Stage.RCPT, line.encode() + b"\r\n") for line in wording.rcpt),
        (Stage.DATA, b"DATA\r\n"),
    )


def _nobody(opened: _Open) -> Failure:
    """What is to be said of the recipients that were not accepted."""
    return lost(opened.outcomes) or Failure(Stage.RCPT, FailureKind.PROTOCOL, "No recipient was accepted.")
