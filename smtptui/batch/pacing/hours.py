"""The hours of the week in which messages may be begun, by the clock on the wall."""

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtptui.batch.pacing.time_format import local

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_WEEK = 7 * 24 * 60


class HoursError(ValueError):
    """Hours that cannot be read, in a sentence."""


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day from ``start`` up to ``end``; one that ends before it starts goes on past midnight."""

    days: frozenset[int]
    """Days of the week on which it starts, Monday is 0."""
    start: int
    end: int

    def holds(self, day: int, minute: int) -> bool:
        """Whether a minute of a day is within."""
        if self.start < self.end:
            return day in self.days and self.start <= minute < self.end
        return (day in self.days and minute >= self.start) or ((day - 1) % 7 in self.days and minute < self.end)


@dataclass(frozen=True, slots=True)
class Hours:
    """Sending hours. ``zone`` is the place whose clock counts; None is that of this machine."""

    spans: tuple[Span, ...]
    text: str
    zone: tzinfo | None = None

    @classmethod
    def parse(cls, text: str, zone: tzinfo | None = None) -> Self:
        """Read ``08:00-18:00``, ``Mon-Fri 08:00-12:00, Sat 22:00-02:00 Europe/Berlin``; raises HoursError."""
        rest = text.strip()
        words = rest.split()
        if len(words) > 1 and ("/" in words[-1] or words[-1] == "UTC"):
            try:
                zone = ZoneInfo(words[-1])
            except (ZoneInfoNotFoundError, ValueError):
                raise HoursError(f"The time zone {words[-1]} of the sending hours {text} is not known here.") from None
            rest = rest[: -len(words[-1])].strip()
        spans: list[Span] = []
        days = frozenset(range(7))
        for part in rest.split(","):
            found = _SPAN.search(part)
            if found is None or part[found.end() :].strip():
                raise HoursError(
                    f"The sending hours {text} are not of the form “08:00-18:00” or “Mon-Fri 08:00-18:00”."
                )
            if said := part[: found.start()].strip():
                days = _days(said, text)
            start, end = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
            if start >= 24 * 60 or end > 24 * 60 or int(found[2]) > 59 or int(found[4]) > 59:
                raise HoursError(f"The sending hours {text} have a time that no clock shows.")
            if start == end:
                raise HoursError(f"The sending hours {text} begin and end at the same time, so they are none.")
            spans.append(Span(days, start, end))
        shown = re.sub(r"\s*[-–]\s*", "–", rest)
        return cls(tuple(spans), shown, zone)

    def open(self, now: float) -> bool:
        """Whether messages may be begun at a time (seconds since the epoch)."""
        there = local(now, self.zone)
        minute = there.hour * 60 + there.minute
        return any(span.holds(there.weekday(), minute) for span in self.spans)

    def next_open(self, now: float) -> float:
        """When they begin next; ``now`` within them.

        Minute by minute: no clock in use is set forward or back by less, and a time that a day has not, or has
        twice, needs no thought.
        """
        if self.open(now):
            return now
        at = (now // 60 + 1) * 60
        for _ in range(_WEEK + 24 * 60):
            if self.open(at):
                return at
            at += 60
        return at

    def at(self, now: float) -> datetime:
        """A time by the clock that counts."""
        return local(now, self.zone)


def _days(said: str, text: str) -> frozenset[int]:
    found: set[int] = set()
    for word in said.lower().split():
        first, _, last = re.sub("[–]", "-", word).partition("-")
        try:
            start, end = _day(first), _day(last or first)
        except ValueError:
            raise HoursError(f"{said} in the sending hours {text} is no day of the week: Mon, Tue, Wed, …") from None
        found.update((start + i) % 7 for i in range((end - start) % 7 + 1))
    return frozenset(found)


def _day(word: str) -> int:
    return _DAYS.index(word[:3])
