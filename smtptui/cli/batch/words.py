"""Numbers and tables as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smtptui.protocol import visible

if TYPE_CHECKING:
    # Not loaded: what only says how a batch stands must not wait for the model of its settings.
    from smtptui.batch import ListSettings, NewRecipient, Recipient, Standing


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows with their columns aligned; a column that is empty in all of them is left out."""
    shown = [[visible(cell) for cell in row] for row in rows]
    columns = [column for column in zip(*shown, strict=True) if any(column)]
    wide = [max(map(len, column)) for column in columns]
    return ["  ".join(map(str.ljust, row, wide)).rstrip() for row in zip(*columns, strict=True)]


def local(at: float) -> datetime:
    """A time in seconds since the epoch, by the clock here."""
    return datetime.fromtimestamp(at).astimezone()


def instant(at: float) -> str:
    """The same for programs: UTC, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """Time left in two units at most: ``42 s``, ``3 min 10 s``, ``2 h 5 min``, ``3 d 4 h``."""
    left = max(0, round(seconds))
    if left < 60:
        return f"{left} s"
    if left < 3600:
        return f"{left // 60} min {left % 60} s" if left < 600 else f"{left // 60} min"
    if left < 86400:
        return f"{left // 3600} h {left % 3600 // 60} min"
    return f"{left // 86400} d {left % 86400 // 3600} h"


def speed(rate: float) -> str:
    """Messages in a time in which it is a whole number or near one: ``230/s``, ``4.2/s``, ``12/min``."""
    if rate >= 10:
        return f"{rate:.0f}/s"
    if rate >= 1:
        return f"{rate:.1f}/s"
    return f"{rate * 60:.1f}/min".replace(".0/", "/")


def counted(number: int, one: str, several: str) -> str:
    """``1 recipient`` or ``2 recipients``."""
    return f"{number} {one if number == 1 else several}"


def place_of(list_: "ListSettings", one: "Recipient | NewRecipient | Standing") -> str:
    """A recipient by the number of its row and its address, to begin a sentence: ``Line 4 (ann@example.org)``."""
    address = f" ({visible(one.address)})" if one.address else ""
    return f"{list_.place(one.line).capitalize()}{address}"
