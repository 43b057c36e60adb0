"""The time a runner goes by: seconds since the epoch that never jump, and whether the clock on the wall did."""

import time
from collections.abc import Callable

JUMP = 30.0
"""Seconds by which the time of day may part from the time that has passed before it is called a jump."""


class Clock:
    """Starts at the time of day and goes on by what has passed since."""

    def __init__(
        self, *, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._offset = wall() - monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._offset + self._monotonic()

    def jumped(self) -> float:
        """Seconds by which the time of day has left this one; 0 while that is little."""
        off = self._wall() - self.now()
        return off if abs(off) > JUMP else 0.0
