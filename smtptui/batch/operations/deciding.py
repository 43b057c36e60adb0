"""What is to become of recipients whose turn is over: tried again, sent to again, or taken as sent."""

from array import array
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal import Journal, JournalError
from smtptui.batch.model import BatchState, RecipientState
from smtptui.batch.operations.leftovers import moved_to
from smtptui.batch.operations.taking_over import Holder, taken_over
from smtptui.batch.selecting import Selection

RETRIABLE = frozenset({RecipientState.FAILED, RecipientState.DEFERRED})
"""Those of whom it is known that they do not have the message."""


@dataclass(frozen=True, slots=True)
class Decided:
    """How many recipients were changed, and whether a process that waited with the batch has ended for it."""

    number: int
    ended: bool = False


def retry(path: Path, selection: Selection, holder: Holder) -> Decided:
    """Have those of the failed and deferred that are selected tried again from the start.

    Raises :class:`JournalBusy` while a runner sends the batch, which would be at odds with what changes under it.
    """
    return _decide(path, selection, RETRIABLE, RecipientState.PENDING, "", holder)


def resolve(path: Path, selection: Selection, holder: Holder, *, resend: bool) -> Decided:
    """Have those of the uncertain that are selected sent to again, or take them as sent.

    Who is sent to again gets the same Message-ID, and may get the message twice. Raises as :func:`retry`.
    """
    after, reason = (RecipientState.PENDING, "") if resend else (RecipientState.SENT, "assumed")
    return _decide(path, selection, frozenset({RecipientState.UNCERTAIN}), after, reason, holder)


def _decide(
    path: Path,
    selection: Selection,
    before: frozenset[RecipientState],
    after: RecipientState,
    reason: str,
    holder: Holder,
) -> Decided:
    states = selection.states & before if selection.states else before
    with (
        taken_over(path, holder, doing="being changed") as ended,
        Journal.open(path, shared=holder.shared) as journal,
    ):
        journal.check_whole()
        facts = journal.facts()
        if facts.state is BatchState.CANCELLED and after is RecipientState.PENDING:
            raise JournalError(
                f"Batch {facts.name} is cancelled, so nobody of it is sent to any more. Make another one of those "
                f"who are left: smtptui batch new --from-batch {facts.name}"
            )
        now = holder.now()
        # What a runner that died had in flight is uncertain, and may be what is asked about.
        journal.recover(now)
        # Whom another batch has taken over, that one sends to.
        chosen = array(
            "q",
            (
                standing.seq
                for standing in journal.standings(states)
                if standing in selection and moved_to(standing.reason) is None
            ),
        )
        return Decided(journal.decide(chosen, states, after, reason, now=now), ended)
