"""A message on a lane: what is known of it while it is on its way, and what became of it."""

from dataclasses import dataclass, field

from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.session.envelope_commands import Prepared
from smtptui.session.failures import lost
from smtptui.session.fast_recorder import Heard, RawExchange, Written
from smtptui.session.recipient_verdict import MessageEnd, in_the_end, verdict_of
from smtptui.transcript import Failure, RecipientOutcome, Verdict


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message. ``failure`` is None when every recipient was accepted."""

    prepared: Prepared
    recipients: tuple[RecipientOutcome, ...]
    reply: Reply | None
    """The reply to the dot, or the one that ended it before."""
    failure: Failure | None
    exchange: RawExchange
    """What passed for this message; :func:`smtptui.session.fast_recorder.develop` makes events of it."""


@dataclass(slots=True)
class Opened:
    """A message on its way: its envelope is said, its body is not."""

    prepared: Prepared
    exchange: list[Written | Heard] = field(default_factory=list)
    rcpt: list[Reply] = field(default_factory=list)
    """Replies to RCPT, as far as they count."""
    accepted: list[int] = field(default_factory=list)
    """Positions of the recipients that the server took."""
    decided: dict[int, Reply] = field(default_factory=dict)
    """What became of them at ``stage``."""
    stage: Stage = Stage.DOT
    reply: Reply | None = None

    def outcomes(self, end: MessageEnd) -> tuple[RecipientOutcome, ...]:
        """What became of each recipient, by how far the message came."""
        found = []
        for index, recipient in enumerate(self.prepared.envelope.recipients):
            verdict, stage, reply = Verdict.UNTRIED, None, None
            if index in self.decided:
                reply, stage = self.decided[index], self.stage
            elif index < len(self.rcpt):
                reply, stage = self.rcpt[index], Stage.RCPT
            if reply is not None and stage is not None:
                verdict = in_the_end(verdict_of(reply, stage), stage, end)
            found.append(RecipientOutcome(recipient.address, verdict, stage, reply))
        return tuple(found)

    def lost(self) -> Failure:
        """What is to be said of the recipients that were not accepted."""
        return lost(self.outcomes(MessageEnd.ANSWERED)) or Failure(
            Stage.RCPT, FailureKind.PROTOCOL, "No recipient was accepted."
        )


def untouched(prepared: Prepared, failure: Failure) -> Delivery:
    """A message of which nothing was said."""
    return Delivery(prepared, Opened(prepared).outcomes(MessageEnd.UNSENT), None, failure, ())
