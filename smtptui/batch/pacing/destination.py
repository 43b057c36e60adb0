"""One destination's queue: who waits for it, how many are on their way, and when the next may go."""

from collections import deque

from smtptui.batch.pacing.limits import Limits
from smtptui.batch.pacing.rates import Rate
from smtptui.batch.pacing.throttle import Throttle
from smtptui.batch.pacing.time_format import moment, rate_words

_CRAWL = 0.5
"""Seconds between two messages."""
_STILL = 5.0


class Destination:
    """Times are seconds since the epoch."""

    __slots__ = ("_most", "_rate", "busy", "listed", "moved_at", "name", "queue", "throttle")

    def __init__(self, name: str, limits: Limits, now: float) -> None:
        self.name = name
        self.queue: deque[int] = deque()
        self.busy = 0
        """Messages on their way."""
        self.moved_at = now
        """When the last one began or ended."""
        self.listed = False
        """Whether it stands in line, or will at a known time."""
        self.throttle: Throttle | None = None
        self._most = limits.destination_connections
        per_minute = limits.destination_per_minute
        self._rate = Rate(per_minute, 60.0, now) if per_minute is not None else None

    @property
    def full(self) -> bool:
        """Whether as many are on their way as may be."""
        return self._most is not None and self.busy >= self._most

    def forgettable(self, now: float) -> bool:
        """Whether nothing is known of it that still counts."""
        rate, throttle = self._rate, self.throttle
        return not (
            self.queue
            or self.busy
            or (rate is not None and rate.counts(now))
            or (throttle is not None and (throttle.next_at(now) > now or throttle.slowed_to is not None))
        )

    def crawls(self, now: float) -> bool:
        """Whether it takes few messages, by a limit or because those on their way do not come to an end."""
        throttle, rate = self.throttle, self._rate
        intervals = (
            rate.interval if rate is not None else 0.0,
            60.0 / throttle.slowed_to if throttle is not None and throttle.slowed_to else 0.0,
        )
        return max(intervals) > _CRAWL or (self.full and now - self.moved_at > _STILL)

    def next_at(self, now: float) -> float:
        """When the next may go; ``now`` if it may go now."""
        at = now
        if self.throttle is not None:
            at = self.throttle.next_at(now)
        if self._rate is not None:
            at = max(at, self._rate.next_at(now))
        return at

    def words(self, at: float, now: float) -> str:
        """Why nothing goes before ``at``."""
        throttle = self.throttle
        if throttle is not None and throttle.held_until > now:
            return f"{self.name} is held until {moment(throttle.held_until, now)}: {throttle.reason}"
        if throttle is not None and throttle.slowed_to is not None and throttle.next_at(now) > now:
            return f"{self.name} takes {rate_words(throttle.slowed_to, 60.0)} for now: {throttle.reason}"
        return f"the limit for each destination; {self.name} is next at {moment(at, now)}"

    def take(self, now: float) -> int:
        """The next goes now."""
        if self.throttle is not None:
            self.throttle.take(now)
        if self._rate is not None:
            self._rate.take(now)
        self.busy += 1
        self.moved_at = now
        return self.queue.popleft()
