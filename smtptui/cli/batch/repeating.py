"""What is said, and refused, where a list or a message was sent before."""

import time
from collections.abc import Iterable

from smtptui.batch import (
    Earlier,
    catch_up,
    day_of,
)
from smtptui.cli.batch.opened import batch_errors, catalog
from smtptui.cli.batch.words import counted, instant

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
