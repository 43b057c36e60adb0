"""The life of a batch and of a recipient: which state may follow which, as tables."""

from collections.abc import Mapping

from smtptui.batch.model import OPEN, BatchState, RecipientState

_B, _R = BatchState, RecipientState

BATCH: Mapping[BatchState, frozenset[BatchState]] = {
    # An untested batch is run where a script says so; a look that finds faults takes a batch back to draft.
    _B.DRAFT: frozenset({_B.LINTED, _B.TESTED, _B.RUNNING, _B.CANCELLED}),
    _B.LINTED: frozenset({_B.DRAFT, _B.TESTED, _B.RUNNING, _B.CANCELLED}),
    _B.TESTED: frozenset({_B.DRAFT, _B.LINTED, _B.RUNNING, _B.CANCELLED}),
    _B.RUNNING: frozenset({_B.PAUSED, _B.DONE, _B.CANCELLED}),
    _B.PAUSED: frozenset({_B.RUNNING, _B.DONE, _B.CANCELLED}),
    # Recipients were set to be tried again.
    _B.DONE: frozenset({_B.RUNNING, _B.PAUSED}),
    _B.CANCELLED: frozenset(),
}
"""A state may always follow itself: a batch whose runner died is running, and is run again."""

UNDECIDED: frozenset[RecipientState] = OPEN | {_R.INFLIGHT}
"""Those at whom an attempt may end. All others are decided, and only a user changes that."""
DOUBTED: frozenset[RecipientState] = frozenset({_R.SENT, _R.FAILED})
"""Of the decided, those who are uncertain after all if the server, instead of goodbye, says the opposite of what it
said before; the undecided may be so as well."""


def may_follow(before: BatchState, after: BatchState) -> bool:
    """Whether a batch may go from one state to the other."""
    return before is after or after in BATCH[before]
