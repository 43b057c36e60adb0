"""What became of a recipient: one table for the stepwise dialogue and for the pipeline.

Only the dot accepts a message. RCPT merely takes a recipient, and what that comes to depends on how far the message
came afterwards.
"""

from collections.abc import Iterable
from enum import Enum, auto

from smtptui.explain import too_many_recipients
from smtptui.protocol import Reply, Stage
from smtptui.transcript import Verdict

_RCPT_TAKEN = frozenset({250, 251, 252})


class MessageEnd(Enum):
    """How far the message of a transaction came, as far as one recipient is concerned."""

    UNSENT = auto()
    """Its dot was not written: whatever was sent of it, nobody has it."""
    UNANSWERED = auto()
    """Its dot was written, and no reply came."""
    ANSWERED = auto()
    CONTRADICTED = auto()
    """Its dot was answered, and another reply says the opposite: one of them belongs to something else."""


_IN_THE_END: dict[tuple[Stage, Verdict, MessageEnd], Verdict] = {
    # Taken by RCPT, and nothing was decided since.
    (Stage.RCPT, Verdict.ACCEPTED, MessageEnd.UNSENT): Verdict.UNTRIED,
    (Stage.RCPT, Verdict.ACCEPTED, MessageEnd.UNANSWERED): Verdict.UNCERTAIN,
    (Stage.RCPT, Verdict.ACCEPTED, MessageEnd.ANSWERED): Verdict.UNTRIED,
    (Stage.RCPT, Verdict.ACCEPTED, MessageEnd.CONTRADICTED): Verdict.UNCERTAIN,
    # Decided by the dot, and nobody can tell by which reply.
    (Stage.DOT, Verdict.ACCEPTED, MessageEnd.CONTRADICTED): Verdict.UNCERTAIN,
    (Stage.DOT, Verdict.REFUSED, MessageEnd.CONTRADICTED): Verdict.UNCERTAIN,
    (Stage.DOT, Verdict.DEFERRED, MessageEnd.CONTRADICTED): Verdict.UNCERTAIN,
}
"""The stage that decided, what its reply means, and the end of the message. Whatever is not here stays as it was."""


def verdict_of(reply: Reply, stage: Stage) -> Verdict:
    """What a reply at RCPT, DATA, in the midst of a body or at the dot means for a recipient.

    Only the dot accepts a message, and RCPT a recipient with 250, 251 or 252 (RFC 5321 section 4.2.3). A positive
    reply anywhere else is none that can be: it decides nothing, and at the dot it leaves the outcome unknown.
    """
    if stage is Stage.RCPT and too_many_recipients(reply):
        return Verdict.DEFERRED
    if reply.permanent:
        return Verdict.REFUSED
    if reply.temporary:
        return Verdict.DEFERRED
    if stage is Stage.DOT:
        return Verdict.ACCEPTED if reply.code < 300 else Verdict.UNCERTAIN
    return Verdict.ACCEPTED if stage is Stage.RCPT and reply.code in _RCPT_TAKEN else Verdict.UNTRIED


def in_the_end(verdict: Verdict, stage: Stage | None, end: MessageEnd) -> Verdict:
    """What became of a recipient: ``verdict`` is what the last reply meant, at ``stage``; None without a reply."""
    return verdict if stage is None else _IN_THE_END.get((stage, verdict, end), verdict)


def contradicts(other: Reply, verdicts: Iterable[Verdict]) -> bool:
    """Whether a reply that came besides those to the dot is the opposite of what they meant."""
    return other.positive is not (Verdict.ACCEPTED in set(verdicts))
