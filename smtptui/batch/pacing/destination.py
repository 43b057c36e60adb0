"""One destination's queue: who waits for it, how many are on their way, and when the next may go."""

from collections import deque

from smtptui.batch.pacing.limits import Limits
from smtptui.batch.pacing.rates import Rate
from smtptui.batch.pacing.throttle import Throttle


class Destination:
    """Times are seconds since the epoch."""

    __slots__ = ("_most", "_rate", "busy", "listed", "name", "queue", "throttle")

    def __init__(self, name: str, limits: Limits, now: float) -> None:
        self.name = name
        self.queue: deque[int] = deque()
        self.busy = 0
        """Messages on their way."""
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

    def next_at(self, now: float) -> float:
        """When the next may go; ``now`` if it may go now."""
        at = now
        if self.throttle is not None:
            at = self.throttle.next_at(now)
        if self._rate is not None:
            at = max(at, self._rate.next_at(now))
        return at

    def take(self, now: float) -> int:
        """The next goes now."""
        if self.throttle is not None:
            self.throttle.take(now)
        if self._rate is not None:
            self._rate.take(now)
        self.busy += 1
        return self.queue.popleft()
