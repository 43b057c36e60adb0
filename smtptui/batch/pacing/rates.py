"""A cap on messages in any window of time, spread evenly over it."""

from collections import deque

_GRAINS = 4096
"""Into how many parts a window is cut at most: what many messages cost in memory."""
CATCH_UP = 0.05
"""Seconds that may be caught up on at least: a timer that is late must not cost speed."""


class Rate:
    """At most ``cap`` messages in any ``window`` seconds, evenly spread.

    A message counts until the window after it is over, so no window anywhere has more, not only those that a clock
    cuts. A cap below one is one message in a window that is longer by as much. Times are in seconds.
    """

    __slots__ = ("_due", "_grain", "_interval", "_late", "_marks", "_used", "cap", "window")

    def __init__(self, cap: float, window: float, now: float) -> None:
        self.cap = max(1, int(cap))
        self.window = window if cap >= 1 else window / cap
        self._interval = self.window / self.cap
        self._late = max(CATCH_UP, self._interval)
        self._grain = self.window / _GRAINS if self.cap > _GRAINS else 0.0
        self._due = now
        self._marks: deque[list[float]] = deque()
        """First and last time of a grain, and how many messages it has."""
        self._used = 0

    def next_at(self, now: float) -> float:
        """When the next message may go; ``now`` if it may go now."""
        self._forget(now)
        at = max(now, self._due)
        if self._used >= self.cap:
            at = max(at, self._marks[0][1] + self.window)
        return at

    def take(self, now: float) -> None:
        """Count a message that goes now."""
        marks = self._marks
        if marks and now - marks[-1][0] < self._grain:
            # The grain counts as if all of it had gone last: rather too late than too early.
            mark = marks[-1]
            mark[1] = now
            mark[2] += 1
        else:
            marks.append([now, now, 1])
        self._used += 1
        self._due = max(self._due, now - self._late) + self._interval

    def give_back(self) -> None:
        """One that was counted did not go. The oldest is struck out: those that remain count the longer."""
        if self._marks:
            mark = self._marks[0]
            mark[2] -= 1
            self._used -= 1
            if not mark[2]:
                self._marks.popleft()
            self._due -= self._interval

    def _forget(self, now: float) -> None:
        marks, window = self._marks, self.window
        while marks and marks[0][1] + window <= now:
            self._used -= int(marks.popleft()[2])

    def carry(self, other: "Rate") -> None:
        """Count what another cap of the same window has counted."""
        self._marks.extend(other._marks)
        self._used += other._used
