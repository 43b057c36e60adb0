"""A message on a lane: what is known of it while it is on its way, and what became of it."""

from dataclasses import dataclass, field

from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.session.envelope_commands import Prepared
from smtptui.session.fast_recorder import Heard, Tape, Written
from smtptui.session.steps.verdicts import lost, verdict_of
from smtptui.transcript import Failure, RecipientOutcome, Verdict


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message. ``failure`` is None when every recipient was accepted."""

    prepared: Prepared
    recipients: tuple[RecipientOutcome, ...]
    reply: Reply | None
    """The reply to the dot, or the one that ended it before."""
    failure: Failure | None
    tape: Tape
    """What passed for this message; :func:`smtptui.session.fast_recorder.develop` makes events of it."""


@dataclass(slots=True)
class Opened:
    """A message on its way: its envelope is said, its body is not."""

    prepared: Prepared
    tape: list[Written | Heard] = field(default_factory=list)
    rcpt: list[Reply] = field(default_factory=list)
    """Replies to RCPT, as far as they count."""
    accepted: list[int] = field(default_factory=list)
    """Positions of the recipients that the server took."""
    decided: dict[int, Reply] = field(default_factory=dict)
    """What became of them at ``stage``."""
    stage: Stage = Stage.DOT
    contradicted: bool = False
    """Whether more came in answer to the message than one reply, and not the same."""
    reply: Reply | None = None

    def outcomes(self, unfinished: Verdict = Verdict.UNTRIED) -> tuple[RecipientOutcome, ...]:
        """Each recipient's fate; ``unfinished`` is that of one that was taken and never decided on."""
        found = []
        for index, recipient in enumerate(self.prepared.envelope.recipients):
            verdict, stage, reply = Verdict.UNTRIED, None, None
            if index in self.decided:
                reply, stage = self.decided[index], self.stage
                verdict = Verdict.UNCERTAIN if self.contradicted else verdict_of(reply, stage)
            elif index < len(self.rcpt):
                reply, stage = self.rcpt[index], Stage.RCPT
                verdict = verdict_of(reply, stage)
                if verdict is Verdict.ACCEPTED:
                    verdict = unfinished
            found.append(RecipientOutcome(recipient.address, verdict, stage, reply))
        return tuple(found)

    def lost(self) -> Failure:
        """What is to be said of the recipients that were not accepted."""
        return lost(self.outcomes()) or Failure(Stage.RCPT, FailureKind.PROTOCOL, "No recipient was accepted.")


def untouched(prepared: Prepared, failure: Failure) -> Delivery:
    """A message of which nothing was said."""
    return Delivery(prepared, Opened(prepared).outcomes(), None, failure, ())
