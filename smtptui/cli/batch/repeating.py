"""What is said, and refused, where a list or a message was sent before."""

import time
from collections.abc import Iterable

from smtptui.batch import (
    DAYS,
    BatchSettings,
    Earlier,
    Journal,
    Repetition,
    catch_up,
    day_of,
    message_hash,
    repetition,
)
from smtptui.cli.batch.opened import batch_errors, catalog, settings_of, shared_path
from smtptui.cli.batch.words import counted, instant
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode

_SHOWN = 3
"""Earlier batches that are named."""


def take_over_acceptances() -> list[str]:
    """Have the index of acceptances know what all batches sent; sentences on what could not be read."""
    there = catalog()
    with batch_errors():
        return catch_up(there.folder, there.shared, now=time.time())


def earlier_lines(earlier: Iterable[Earlier], people: int, *, now: float) -> list[str]:
    """One sentence for each earlier batch: to how many of these people it sent, and when."""
    found = list(earlier)
    lines = [_line(each, people, now) for each in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"{counted(len(found) - _SHOWN, 'other batch', 'other batches')} sent to some of them, too.")
    return lines


def _line(each: Earlier, people: int, now: float) -> str:
    perhaps = f", {each.uncertain} of them perhaps (uncertain)" if each.uncertain else ""
    same = ", with the same message" if each.same_message else ""
    were = "was" if each.recipients == 1 else "were"
    return (
        f"{each.recipients} of these {people} {were} already sent to by {each.batch} ({day_of(each.last, now)})"
        f"{same}{perhaps}; --not-in {each.batch} leaves them out."
    )


def earlier_documents(earlier: Iterable[Earlier]) -> list[dict[str, object]]:
    """The same for programs."""
    return [
        {
            "batch": each.batch,
            "recipients": each.recipients,
            "uncertain": each.uncertain,
            "last": instant(each.last),
            "same_message": each.same_message,
        }
        for each in earlier
    ]


def check_repetition(name: str, journal: Journal, settings: BatchSettings, *, again: bool) -> str:
    """The hash of what makes the messages, if they may be sent; raises :class:`CommandError` if many of those who are
    left had the same from another batch and nobody has decided that they get it again.
    """
    documents = {each: journal.document(each) for each in journal.facts().documents}
    message = message_hash(documents, settings.message)
    kept = settings_of(journal.facts())
    if again and not kept.again:
        journal.set_settings(kept.model_copy(update={"again": True}).to_json())
    if not (again or kept.again):
        with batch_errors():
            found = repetition(journal, shared_path(), message, now=time.time())
        if found.needs_decision:
            raise CommandError(ExitCode.DATA, "repeated", *_refusal(name, found))
    return message


def _refusal(name: str, found: Repetition) -> list[str]:
    now = time.time()
    batches = [f"{each.batch} ({day_of(each.last, now)})" for each in found.earlier[:_SHOWN]]
    if len(found.earlier) > _SHOWN:
        batches.append("others")
    uncertain = sum(each.uncertain for each in found.earlier)
    perhaps = f", {uncertain} of them perhaps (uncertain)" if uncertain else ""
    left_out = " ".join(f"--not-in {each.batch}" for each in found.earlier)
    # Without others the command would move everybody into a batch that sends to nobody.
    others = f"To send it only to the others: smtptui batch new --from-batch {name} {left_out}"
    return [
        f"{found.recipients} of the {found.left} recipients that batch {name} has left were sent the same message in"
        f" the last {DAYS} days, by {', '.join(batches)}{perhaps}. Nothing was sent.",
        *([others] if found.recipients < found.left else []),
        f"To send it to all of them again: smtptui batch run {name} --again",
    ]
