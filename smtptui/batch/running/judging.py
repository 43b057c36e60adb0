"""What a delivery means for its recipient: the state it has now, and what follows for the pace."""

from dataclasses import dataclass
from random import Random

from smtptui.batch.model import Attempted, RecipientState
from smtptui.batch.pacing import Action, Consequence, Retries, consequence
from smtptui.batch.running.letter import Letter
from smtptui.protocol import Reply, Stage, queue_id, visible
from smtptui.session import Delivery, Failure, FailureKind, Verdict

_THEIRS = frozenset({Stage.RCPT, Stage.BODY, Stage.DOT})
"""Where a refusal is about the recipient or the message. Anywhere else it is about us."""
_SOON = 5.0
"""Seconds after which a recipient is tried again whose connection was lost before the dot, the first time."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How an attempt ended. ``attempted`` is None where nothing happened that is worth keeping."""

    attempted: Attempted | None
    consequence: Consequence | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges deliveries by one batch's rules. Times are seconds since the epoch."""

    retries: Retries
    random: Random

    def delivered(self, letter: Letter, delivery: Delivery, *, now: float) -> Judgement:
        """What became of a letter."""
        outcome, failure = delivery.recipients[0], delivery.failure
        recipient = letter.recipient
        if outcome.verdict is Verdict.ACCEPTED:
            reply = outcome.reply
            assert reply is not None
            return Judgement(_attempted(letter, RecipientState.SENT, now, Stage.DOT, reply))
        stage, reply = outcome.stage, outcome.reply
        if outcome.verdict is Verdict.UNTRIED:
            # That RCPT was taken is not what ended it.
            stage, reply = (failure.stage, failure.reply) if failure is not None else (None, None)
        if outcome.verdict is Verdict.UNCERTAIN:
            said = failure.message if failure is not None else ""
            ended = _attempted(letter, RecipientState.UNCERTAIN, now, Stage.DOT, outcome.reply, said)
            if failure is None:
                return Judgement(ended)
            return Judgement(ended, consequence(failure.stage, failure.reply, failure, recipient.destination))
        if failure is not None and failure.kind is FailureKind.LOCAL:
            return Judgement(None)
        if stage in _THEIRS and reply is not None and outcome.verdict in (Verdict.REFUSED, Verdict.DEFERRED):
            return self._answered(letter, stage, reply, failure, now)
        follows = consequence(stage, reply, failure, recipient.destination) if stage is not None else None
        if failure is not None and follows is not None and follows.action is Action.FAIL:
            # This message can go to this server never, though others may.
            ended = _attempted(
                letter, RecipientState.FAILED, now, failure.stage, failure.reply, failure.message, str(failure.kind)
            )
            return Judgement(ended, follows)
        if reply is not None and stage is not None and follows is not None and follows.action is Action.RETRY:
            # The words are about this recipient, whatever they answer: greylisted at DATA.
            next_at = self._next_at(letter, now, follows.hint)
            return Judgement(self._deferred(letter, now, stage, reply, "", next_at), follows)
        if reply is not None and stage is not None:
            # About us: the recipient is what it was, and the attempt is none of its own.
            return Judgement(self._untouched(letter, now, stage, reply), follows)
        if not delivery.tape:
            return Judgement(None, follows)
        return Judgement(self._dropped(letter, failure, now), follows)

    def _answered(self, letter: Letter, stage: Stage, reply: Reply, failure: Failure | None, now: float) -> Judgement:
        """RCPT or the message was refused or put off."""
        recipient = letter.recipient
        follows = consequence(stage, reply, failure, recipient.destination)
        if follows.action is Action.PAUSE:
            return Judgement(self._untouched(letter, now, stage, reply), follows)
        if reply.permanent and follows.action is not Action.RETRY:
            ended = _attempted(letter, RecipientState.FAILED, now, stage, reply)
            return Judgement(ended, follows)
        next_at = self._next_at(letter, now, follows.hint)
        return Judgement(self._deferred(letter, now, stage, reply, "", next_at), follows)

    def _dropped(self, letter: Letter, failure: Failure | None, now: float) -> Attempted:
        """The connection was lost before the dot: nothing was delivered."""
        stage = failure.stage if failure is not None else None
        said = failure.message if failure is not None else ""
        if letter.recipient.attempts == 0:
            return self._deferred(letter, now, stage, None, said, now + _SOON)
        return self._deferred(letter, now, stage, None, said, self._next_at(letter, now, None))

    def _next_at(self, letter: Letter, now: float, hint: float | None) -> float:
        return self.retries.next_at(letter.recipient.attempts + 1, now, hint, self.random)

    def _deferred(
        self, letter: Letter, now: float, stage: Stage | None, reply: Reply | None, said: str, next_at: float
    ) -> Attempted:
        if self.retries.expired(letter.recipient.first_at or letter.began, now):
            return _attempted(letter, RecipientState.FAILED, now, stage, reply, said, "expired")
        return _attempted(letter, RecipientState.DEFERRED, now, stage, reply, said, next_at=next_at)

    def _untouched(self, letter: Letter, now: float, stage: Stage, reply: Reply) -> Attempted:
        recipient = letter.recipient
        return _attempted(
            letter,
            recipient.state,
            now,
            stage,
            reply,
            next_at=recipient.next_at,
            counts=False,
        )


def _attempted(
    letter: Letter,
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
        seq=letter.recipient.seq,
        state=state,
        began=letter.began,
        ended=now,
        stage=stage,
        code=reply.code if reply is not None else None,
        enhanced=str(enhanced) if enhanced is not None else "",
        reply=reply.text if reply is not None else visible(said),
        reason=reason,
        next_at=next_at,
        queue_id=(queue_id(reply) or "") if reply is not None and state is RecipientState.SENT else "",
        host=letter.words.host,
        transcript=letter.words.transcript,
        timings=letter.words.timings,
        counts=counts,
    )
