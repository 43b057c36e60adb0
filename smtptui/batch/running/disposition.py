"""What a delivery means for its recipient: the state it has now, and what follows for the pace."""

from dataclasses import dataclass
from random import Random

from smtptui.batch.model import BY_CODE, Attempted, RecipientState
from smtptui.batch.pacing import Action, Consequence, Ground, Retries, consequence
from smtptui.batch.running.queued_message import QueuedMessage
from smtptui.protocol import FailureKind, Reply, Stage, queue_id_of, visible
from smtptui.session import Delivery
from smtptui.transcript import Failure, Verdict

_THEIRS = frozenset({Stage.RCPT, Stage.BODY, Stage.DOT})
"""Where a refusal is about the recipient or the message. Anywhere else it is about us."""
EXPIRED = "expired"
_SOON = 5.0
"""Seconds after which a recipient is tried again whose connection was lost before the dot, the first time."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """How an attempt ended. ``attempted`` is None where nothing happened that is worth keeping."""

    attempted: Attempted | None
    consequence: Consequence | None = None


@dataclass(frozen=True, slots=True)
class DispositionRules:
    """Decides deliveries by one batch's rules. Times are seconds since the epoch."""

    retries: Retries
    random: Random

    def delivered(self, message: QueuedMessage, delivery: Delivery, *, now: float) -> Disposition:
        """What became of a message."""
        outcome, failure = delivery.recipients[0], delivery.failure
        if outcome.verdict is Verdict.ACCEPTED:
            reply = outcome.reply
            assert reply is not None
            return Disposition(_attempted(message, RecipientState.SENT, now, Stage.DOT, reply))
        stage, reply = outcome.stage, outcome.reply
        if outcome.verdict is Verdict.UNTRIED:
            # That RCPT was taken is not what ended it.
            stage, reply = (failure.stage, failure.reply) if failure is not None else (None, None)
        if outcome.verdict is Verdict.UNCERTAIN:
            said = failure.message if failure is not None else ""
            ended = _attempted(message, RecipientState.UNCERTAIN, now, Stage.DOT, outcome.reply, said)
            if failure is None:
                return Disposition(ended)
            return Disposition(ended, self._follows(message, failure.stage, failure.reply, failure))
        if failure is not None and failure.kind is FailureKind.LOCAL:
            return Disposition(None)
        follows = self._follows(message, stage, reply, failure) if stage is not None else None
        if stage is not None and follows is not None:
            answered = stage in _THEIRS and outcome.verdict in (Verdict.REFUSED, Verdict.DEFERRED)
            if reply is not None and (answered or follows.action is Action.RETRY):
                return Disposition(self._answered(message, stage, reply, follows, now), follows)
            if reply is not None or follows.action is Action.ASIDE:
                # About us or the message: the recipient is what it was, and the attempt does not count.
                said = failure.message if failure is not None else ""
                return Disposition(_untouched(message, now, stage, reply, said), follows)
        if not delivery.exchange:
            return Disposition(None, follows)
        return Disposition(self._dropped(message, failure, now), follows)

    def _follows(
        self, message: QueuedMessage, stage: Stage, reply: Reply | None, failure: Failure | None
    ) -> Consequence:
        recipient = message.recipient
        return consequence(
            stage,
            reply,
            failure,
            recipient.destination,
            recipient=recipient.address,
            sender=message.prepared.envelope.sender,
        )

    def _answered(
        self, message: QueuedMessage, stage: Stage, reply: Reply, follows: Consequence, now: float
    ) -> Attempted:
        """RCPT or the message was refused or put off."""
        if follows.action is Action.FAIL:
            reason = BY_CODE if follows.ground is Ground.CODE else ""
            return _attempted(message, RecipientState.FAILED, now, stage, reply, reason=reason)
        if follows.action in (Action.PAUSE, Action.ASIDE):
            return _untouched(message, now, stage, reply)
        recipient, theirs = message.recipient, follows.ground is not Ground.NONE
        if theirs and self.retries.expired(recipient.first_at or message.began, now, recipient.attempts):
            return _attempted(message, RecipientState.FAILED, now, stage, reply, reason=EXPIRED)
        number = (recipient.attempts if theirs else recipient.tries) + 1
        next_at = max(self.retries.next_at(number, now, follows.hint, self.random), now + follows.hold)
        return _attempted(message, RecipientState.DEFERRED, now, stage, reply, next_at=next_at, counts=theirs)

    def _dropped(self, message: QueuedMessage, failure: Failure | None, now: float) -> Attempted:
        """The connection was lost before the dot: nothing was delivered, and nothing is said of the recipient."""
        stage = failure.stage if failure is not None else None
        said = failure.message if failure is not None else ""
        tries = message.recipient.tries
        next_at = now + _SOON if tries == 0 else self.retries.next_at(tries + 1, now, None, self.random)
        return _attempted(message, RecipientState.DEFERRED, now, stage, None, said, next_at=next_at, counts=False)


def _untouched(message: QueuedMessage, now: float, stage: Stage, reply: Reply | None, said: str = "") -> Attempted:
    recipient = message.recipient
    return _attempted(message, recipient.state, now, stage, reply, said, next_at=recipient.next_at, counts=False)


def _attempted(
    message: QueuedMessage,
    state: RecipientState,
    now: float,
    stage: Stage | None,
    reply: Reply | None,
    said: str = "",
    reason: str = "",
    *,
    next_at: float = 0.0,
    counts: bool = True,
) -> Attempted:
    enhanced = reply.enhanced if reply is not None else None
    return Attempted(
        seq=message.recipient.seq,
        state=state,
        began=message.began,
        ended=now,
        stage=stage,
        code=reply.code if reply is not None else None,
        enhanced=str(enhanced) if enhanced is not None else "",
        reply=reply.text if reply is not None else visible(said),
        reason=reason,
        next_at=next_at,
        queue_id=(queue_id_of(reply) or "") if reply is not None and state is RecipientState.SENT else "",
        host=message.words.host,
        transcript=message.words.transcript,
        timings=message.words.timings,
        counts=counts,
    )
