"""What a run of a batch came to: its exit code, and a sentence that says what to do next."""

from smtptui.batch import BatchState, EndKind, RecipientState, Tally
from smtptui.cli.batch.words import counted
from smtptui.cli.exitcodes import ExitCode

_OF_END = {
    EndKind.AUTH: ExitCode.PERMISSION,
    EndKind.TLS: ExitCode.PROTOCOL,
    EndKind.JOURNAL: ExitCode.IO,
    EndKind.CONFIGURATION: ExitCode.CONFIGURATION,
    EndKind.INPUT: ExitCode.DATA,
    EndKind.TEMPORARY: ExitCode.TEMPORARY,
    EndKind.INTERRUPTED: ExitCode.TEMPORARY,
    EndKind.CANCELLED: ExitCode.TEMPORARY,
    EndKind.REFUSED: ExitCode.UNAVAILABLE,
}
_OF_STATE = {
    RecipientState.UNCERTAIN: ExitCode.PROTOCOL,
    RecipientState.INFLIGHT: ExitCode.PROTOCOL,
    RecipientState.PENDING: ExitCode.TEMPORARY,
    RecipientState.DEFERRED: ExitCode.TEMPORARY,
    RecipientState.FAILED: ExitCode.UNAVAILABLE,
}
_ORDER = (
    ExitCode.PERMISSION,
    ExitCode.PROTOCOL,
    # A disk, a setting or a template has to be seen to before anything that waiting would help with.
    ExitCode.IO,
    ExitCode.CONFIGURATION,
    ExitCode.DATA,
    ExitCode.TEMPORARY,
    ExitCode.UNAVAILABLE,
)


def exit_code(tally: Tally, kind: EndKind | None = None) -> ExitCode:
    """The code for how a batch stands, and for how its run ended; the first that applies of several."""
    codes = {code for state, code in _OF_STATE.items() if tally[state]}
    if kind is EndKind.JOURNAL and not tally[RecipientState.UNCERTAIN]:
        # What was in flight when the journal failed is for the next run to tell; the disk comes first.
        codes.discard(ExitCode.PROTOCOL)
    if kind in _OF_END:
        codes.add(_OF_END[kind])
    return next((code for code in _ORDER if code in codes), ExitCode.OK)


def conclusion(name: str, state: BatchState, reason: str, tally: Tally, *, unopened: bool = False) -> str:
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
        who = counted(uncertain, "recipient", "recipients")
        resolve = f"smtptui batch resolve {name}"
        said.append(f"{who} may or may not have it; decide with “{resolve} --assume-sent” or “{resolve} --resend”.")
    if state is BatchState.PAUSED:
        said.append(f"“smtptui batch resume {name}” goes on.")
    return " ".join(said)


def _numbers(tally: Tally) -> str:
    rest = [f"{tally[state]} {state}" for state in RecipientState if state is not RecipientState.SENT and tally[state]]
    sent = f"{tally[RecipientState.SENT]} of {counted(tally.total, 'recipient', 'recipients')} sent"
    return f"{', '.join([sent, *rest])}."
