"""Dates and times as a spreadsheet shows them by a format code, in US English."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_DAY_S = 86_400
_FIRST_REAL = 61
"""Serial number of 1900-03-01; 60 is the 29th of February 1900, which there never was."""
_LAST = 2_958_466
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class NotShown(ValueError):
    """A cell that cannot be shown exactly as a sheet shows it; the text is a noun phrase that says what it has."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a format code: what kind it is, and its text."""

    kind: str
    text: str


def is_date(parts: Sequence[Part]) -> bool:
    """Whether a section of a format is one of a date, a time or a duration."""
    return any(part.kind in ("word", "elapsed") for part in parts)


def parse_date(parts: Sequence[Part]) -> list[Part]:
    """The parts of such a section with their meaning: what is a minute, what a fraction of a second."""
    found: list[Part] = []
    for part in parts:
        before = found[-1] if found else None
        if part.kind == "digit":
            point = before is not None and before.kind == "sign" and before.text == "."
            if part.text != "0" or before is None or not (before.kind == "fraction" or point):
                raise NotShown("a format that has digits among a date")
            if point:
                found.pop()
            found.append(Part("fraction", (before.text if before.kind == "fraction" else "") + "0"))
            if not point:
                del found[-2]
        else:
            found.append(Part(part.kind, part.text.lower() if part.kind == "word" else part.text))
    times = [at for at, part in enumerate(found) if part.kind in ("word", "elapsed")]
    for order, at in enumerate(times):
        part = found[at]
        if part.kind == "word" and part.text in ("m", "mm"):
            earlier = found[times[order - 1]].text[0] if order else ""
            later = found[times[order + 1]].text[0] if order + 1 < len(times) else ""
            if earlier == "h" or later == "s":
                found[at] = Part("minute", part.text)
    foreign = next((part.text for part in found if part.kind == "locale"), None)
    if foreign and any(part.text in ("mmm", "mmmm", "mmmmm", "ddd", "dddd", "am/pm", "a/p") for part in found):
        raise NotShown(f"names of months or days in another language ([{foreign}])")
    if any(part.kind == "general" or (part.kind == "sign" and part.text in "@%") for part in found):
        raise NotShown("a format that is not one of a date alone")
    return [part for part in found if part.kind != "locale"]


def show_date(parts: Sequence[Part], serial: float, *, from_1904: bool) -> str:
    """The date, time or duration of a serial number."""
    places = max((len(part.text) for part in parts if part.kind == "fraction"), default=0)
    exact = Decimal(repr(serial)) * _DAY_S
    seconds = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    days, rest = divmod(int(seconds), _DAY_S)
    day = None
    if any(part.kind == "word" and part.text[0] in "ymd" for part in parts):
        day = _day(days, from_1904)
    half = any(part.text in ("am/pm", "a/p") for part in parts)
    return "".join(_shown(part, day, rest, seconds, half) for part in parts).strip()


def _day(days: int, from_1904: bool) -> datetime.date:
    if not 0 <= days < _LAST - 1462 * from_1904:
        raise NotShown("a date after the last one that a sheet has")
    if from_1904:
        return datetime.date(1904, 1, 1) + datetime.timedelta(days)
    if days in (0, _FIRST_REAL - 1):
        raise NotShown(f"a date that there never was ({'January 0' if days == 0 else 'February 29'}, 1900)")
    return datetime.date(1899, 12, 31 if days < _FIRST_REAL else 30) + datetime.timedelta(days)


def _shown(part: Part, day: datetime.date | None, rest: int, seconds: Decimal, half: bool) -> str:
    hour, minute, second = rest // 3600, rest // 60 % 60, rest % 60
    match part.kind, part.text:
        case "elapsed", text:
            unit = {"h": 3600, "m": 60, "s": 1}[text[0]]
            return str(math.floor(seconds / unit)).zfill(len(text))
        case "fraction", text:
            return f"{seconds % 1:.{len(text)}f}"[1:]
        case "minute", text:
            return str(minute).zfill(len(text))
        case "word", ("am/pm" | "a/p") as text:
            return text.upper().split("/")[hour >= 12]
        case "word", text if text[0] == "h":
            shown = (hour % 12 or 12) if half else hour
            return _padded(shown, text)
        case "word", text if text[0] == "s":
            return _padded(second, text)
        case "word", text:
            assert day is not None
            return _of_day(text, day)
        case _:
            return part.text


def _of_day(text: str, day: datetime.date) -> str:
    match text:
        case "y" | "yy":
            return f"{day.year % 100:02d}"
        case "yyy" | "yyyy":
            return f"{day.year:04d}"
        case "mmm":
            return _MONTHS[day.month - 1][:3]
        case "mmmm":
            return _MONTHS[day.month - 1]
        case "mmmmm":
            return _MONTHS[day.month - 1][:1]
        case "ddd":
            return _DAYS[day.weekday()][:3]
        case "dddd":
            return _DAYS[day.weekday()]
        case "m" | "mm":
            return _padded(day.month, text)
        case "d" | "dd":
            return _padded(day.day, text)
    raise NotShown(f"the format {text} of a date")


def _padded(number: int, text: str) -> str:
    if len(set(text)) != 1 or len(text) > 2:
        raise NotShown(f"the format {text} of a date")
    return str(number).zfill(len(text))
