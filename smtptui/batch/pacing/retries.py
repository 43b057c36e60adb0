"""When a recipient that was put off is tried again, and when that has to end."""

from random import Random

from smtptui.batch.pacing.limits import Limits

_SCHEDULE = (5, 15, 30, 60, 120, 240)
"""Minutes after the first attempt, the second, …; the last one stays."""
_JITTER = 0.2
_AFTER_HINT = 10.0
"""Seconds added to what a server says: its clock and ours need not agree."""
_LONGEST_HINT = 24 * 3600.0


class Retries:
    """The schedule of one batch. Times are seconds since the epoch."""

    def __init__(self, limits: Limits) -> None:
        self._max_age = limits.max_age

    def next_at(self, attempt: int, now: float, hint: float | None, random: Random) -> float:
        """When to try again after attempt number ``attempt``; ``hint`` are the seconds that the server named."""
        if hint is not None:
            # Spread all the same, later only: many are put off in the same second.
            return now + min(hint, _LONGEST_HINT) * (1 + random.uniform(0, _JITTER / 2)) + _AFTER_HINT
        minutes = _SCHEDULE[min(max(attempt, 1), len(_SCHEDULE)) - 1]
        return now + minutes * 60 * random.uniform(1 - _JITTER, 1 + _JITTER)

    def expired(self, first_at: float, now: float, attempts: int | None = None) -> bool:
        """Whether a recipient is not to be tried any more: first tried at ``first_at``, and deferred ``attempts`` times
        for its own sake.

        Both count: the time, and what these attempts, if they are known, account for. A batch that was paused for a
        weekend, or a provider that was held for a day, ends nobody's lifetime.
        """
        over = now - first_at > self._max_age
        return over and (attempts is None or self._waited(attempts) > self._max_age)

    def _waited(self, attempts: int) -> float:
        """The longest that so many attempts may be apart, in seconds; hints of servers are not known any more."""
        minutes = sum(_SCHEDULE[min(number, len(_SCHEDULE)) - 1] for number in range(1, attempts + 1))
        return minutes * 60 * (1 + _JITTER)
