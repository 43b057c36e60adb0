"""Why a run ended, in words for people and in a kind for exit codes."""

from dataclasses import dataclass
from datetime import datetime

from smtptui.batch.composer import ComposerError
from smtptui.batch.journal import JournalError
from smtptui.batch.model import BatchState, EndKind, RecipientState, Tally
from smtptui.batch.pacing import Stop


@dataclass(frozen=True, slots=True)
class Ending:
    """The state the batch is left in, why, and what kind of an end it is."""

    state: BatchState
    reason: str
    kind: EndKind


def journal_trouble(error: JournalError) -> Ending:
    """Nothing is sent that cannot be recorded."""
    return Ending(BatchState.PAUSED, str(error), EndKind.JOURNAL)


def of_stop(stop: Stop) -> Ending:
    """The pace says that the batch is to pause."""
    return Ending(BatchState.PAUSED, stop.reason, stop.kind)


def set_aside(count: int, reason: str) -> Ending:
    """Nobody is left but those whose message was refused while nothing is known of them."""
    who = "1 recipient stays" if count == 1 else f"{count} recipients stay"
    advice = "To leave a recipient out, use: smtptui batch suppress ADDRESS"
    return Ending(BatchState.PAUSED, f"{who} pending: {reason.rstrip('.')}. {advice}.", EndKind.REFUSED)


def no_letters(error: ComposerError) -> Ending:
    """The messages cannot be composed: nobody on the list is to blame, and nobody is sent to."""
    return Ending(BatchState.PAUSED, str(error), EndKind.INPUT)


def jumped(seconds: float) -> Ending:
    """The clock was set, or the machine slept: what is due when is no longer sure."""
    way = "forward" if seconds > 0 else "back"
    return Ending(
        BatchState.PAUSED,
        f"The clock jumped {way} by {abs(seconds):.0f} s, so rate limits cannot be enforced. Check the "
        "system clock, then resume.",
        EndKind.TEMPORARY,
    )


def retries_left(tally: Tally, next_at: float) -> Ending:
    """All that could be done now is done."""
    at = datetime.fromtimestamp(next_at).astimezone()
    deferred = tally[RecipientState.DEFERRED]
    who = "1 recipient is" if deferred == 1 else f"{deferred} recipients are"
    return Ending(BatchState.PAUSED, f"{who} deferred; the next is due at {at:%Y-%m-%d %H:%M}.", EndKind.TEMPORARY)
