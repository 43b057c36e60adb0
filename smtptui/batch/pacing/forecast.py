"""When a batch will be done, by what is known now: its rate, what holds it up, caps, hours and retries."""

import math
from dataclasses import dataclass

from smtptui.batch.pacing.hours import Hours

_DAY_S = 86_400.0
_STEP_S = 900.0
"""Sending hours are looked at in quarters of an hour."""
_FAR_S = 60 * _DAY_S
"""Nobody is told a time that is further away."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the end of a batch depends on. Times are seconds since the epoch."""

    left: int
    """Recipients that are still to be sent to."""
    rate: float
    """Messages a second, while it sends; 0 if that is not known."""
    begins: float
    """When the next message may go: later than now while everything is held."""
    last_due: float = 0.0
    """When the last of the deferred may be tried again."""
    per_day: int | None = None
    day_left: int | None = None
    """How many may still go in this day; None if that is not known."""
    hours: Hours | None = None


def remaining(outlook: Outlook, now: float) -> float | None:
    """Seconds until everybody has been sent to once more; None if that cannot be said."""
    if outlook.rate <= 0 or not outlook.left:
        return None
    begins, count = max(now, outlook.begins), outlook.left
    days = 0
    if outlook.per_day:
        # While the cap holds everything, what it grants next is a day's portion at most.
        today = outlook.day_left if outlook.day_left is not None and begins <= now + 1 else outlook.per_day
        if count > today:
            days = math.ceil((count - today) / outlook.per_day)
            count -= today + (days - 1) * outlook.per_day
    ends = _within(outlook.hours, begins + days * _DAY_S, count / outlook.rate)
    ends = max(ends, outlook.last_due)
    return ends - now if ends - now <= _FAR_S else None


def _within(hours: Hours | None, begins: float, seconds: float) -> float:
    """When work of so many seconds is done that begins then and rests outside of the hours."""
    if hours is None:
        return begins + seconds
    at, stop = hours.next_open(begins), begins + _FAR_S
    while seconds > _STEP_S and at < stop:
        at += _STEP_S
        seconds -= _STEP_S
        if not hours.open(at):
            at = hours.next_open(at)
    return at + seconds
