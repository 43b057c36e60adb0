"""What comes after the preflight: the command that fits the state in which the batch is."""

from smtptui.batch.model import BatchState, RecipientState, Tally

_NEXT = {
    BatchState.DRAFT: "Next: smtptui batch test {name} --to YOU",
    BatchState.LINTED: "Next: smtptui batch test {name} --to YOU",
    BatchState.TESTED: "Next: smtptui batch run {name}",
    BatchState.RUNNING: "It is being sent. Watch it with: smtptui batch status {name} --watch",
    BatchState.PAUSED: "It is paused. Next: smtptui batch resume {name}",
    BatchState.DONE: "It is done. See what became of each recipient with: smtptui batch export {name}",
    BatchState.CANCELLED: "It is cancelled. See what became of each recipient with: smtptui batch export {name}",
}


def next_step(name: str, state: BatchState, tally: Tally) -> str:
    """What to do with a batch in which nothing keeps messages from being sent, in a sentence."""
    if state is not BatchState.RUNNING and tally[RecipientState.UNCERTAIN] and not tally.open:
        return (
            "Some recipients may or may not have it. Decide with “smtptui batch resolve"
            f" {name} --assume-sent” or “smtptui batch resolve {name} --resend”."
        )
    return _NEXT[state].format(name=name)


def step_after_errors(name: str, state: BatchState) -> str:
    """What to do once errors were found, in a sentence."""
    if state in (BatchState.DONE, BatchState.CANCELLED):
        return "Nothing more is sent from it."
    again = "run" if state.started else "test"
    more = " --to YOU" if again == "test" else ""
    return (
        f"Correct the template, then “smtptui batch {again} {name}{more} --changes take”; or correct the list, and make"
        " a new batch of it."
    )
