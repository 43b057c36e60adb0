"""What a run of a batch came to: a kind that says what to do first, and a sentence for people."""

from enum import Enum, auto

from smtptui.batch.model import BatchState, EndKind, RecipientState, Tally


class Conclusion(Enum):
    """What has to be seen to first; of several the first of these."""

    LOGIN = auto()
    """The login, or a permission."""
    UNCERTAIN = auto()
    """Some may or may not have the message; or TLS failed."""
    JOURNAL = auto()
    """A disk, a setting or a template has to be seen to before anything that waiting would help with."""
    CONFIGURATION = auto()
    INPUT = auto()
    LATER = auto()
    """Some are left."""
    REFUSED = auto()
    """Some were refused."""
    DONE = auto()


_OF_END = {
    EndKind.AUTH: Conclusion.LOGIN,
    EndKind.TLS: Conclusion.UNCERTAIN,
    EndKind.JOURNAL: Conclusion.JOURNAL,
    EndKind.CONFIGURATION: Conclusion.CONFIGURATION,
    EndKind.INPUT: Conclusion.INPUT,
    EndKind.TEMPORARY: Conclusion.LATER,
    EndKind.INTERRUPTED: Conclusion.LATER,
    EndKind.CANCELLED: Conclusion.LATER,
    EndKind.REFUSED: Conclusion.REFUSED,
}
_OF_STATE = {
    RecipientState.UNCERTAIN: Conclusion.UNCERTAIN,
    RecipientState.INFLIGHT: Conclusion.UNCERTAIN,
    RecipientState.PENDING: Conclusion.LATER,
    RecipientState.DEFERRED: Conclusion.LATER,
    RecipientState.FAILED: Conclusion.REFUSED,
}


def conclude(tally: Tally, kind: EndKind | None = None) -> Conclusion:
    """The kind for how a batch stands, and for how its run ended; the first that applies of several."""
    found = {conclusion for state, conclusion in _OF_STATE.items() if tally[state]}
    if kind is EndKind.JOURNAL and not tally[RecipientState.UNCERTAIN]:
        # What was in flight when the journal failed is for the next run to tell; the disk comes first.
        found.discard(Conclusion.UNCERTAIN)
    if kind in _OF_END:
        found.add(_OF_END[kind])
    return next((each for each in Conclusion if each in found), Conclusion.DONE)


def conclusion_sentence(name: str, state: BatchState, reason: str, tally: Tally, *, unopened: bool = False) -> str:
    """How a run ended, with the numbers and what can be done about those that are not sent.

    ``unopened`` is whether the last attempt to connect or to log in failed, the dialogue of which is kept.
    """
    why = f": {reason.rstrip('.')}" if reason else ""
    end = "" if why.endswith(("?", "!")) else "."
    said = [f"Batch {name} is {state}{why}{end}", _numbers(tally)]
    if tally[RecipientState.FAILED] or tally[RecipientState.DEFERRED]:
        said.append(f"“smtptui batch errors {name}” shows what the servers said.")
    elif unopened:
        said.append(f"“smtptui batch errors {name}” shows the attempt.")
    if tally[RecipientState.INFLIGHT]:
        said.append("Those in flight may have it; the next run finds them uncertain.")
    if tally[RecipientState.UNCERTAIN]:
        uncertain = tally[RecipientState.UNCERTAIN]
        who = _recipients(uncertain)
        resolve = f"smtptui batch resolve {name}"
        said.append(f"{who} may or may not have it; decide with “{resolve} --assume-sent” or “{resolve} --resend”.")
    if state is BatchState.PAUSED:
        said.append(f"“smtptui batch resume {name}” goes on.")
    return " ".join(said)


def _numbers(tally: Tally) -> str:
    rest = [f"{tally[state]} {state}" for state in RecipientState if state is not RecipientState.SENT and tally[state]]
    sent = f"{tally[RecipientState.SENT]} of {_recipients(tally.total)} sent"
    return f"{', '.join([sent, *rest])}."


def _recipients(number: int) -> str:
    return "1 recipient" if number == 1 else f"{number} recipients"
