"""Long work in slices, so that the screen answers meanwhile."""

import time
from collections.abc import Iterator

SLICE = 0.004
"""Seconds a slice may take: a third of what the eye and the session would notice."""
PAUSE = 0.012
"""Seconds between two slices."""
_MOST = 8192


class Pace:
    """Cuts a range into portions, as large as they can be and still keep to the time of a slice."""

    def __init__(self) -> None:
        self._portion = 64

    def portions(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Start and end of one portion after the other, until the slice is over."""
        until = time.perf_counter() + SLICE
        while start < end:
            stop = min(start + self._portion, end)
            began = time.perf_counter()
            yield start, stop
            now = time.perf_counter()
            if now - began < SLICE / 8:
                self._portion = min(self._portion * 2, _MOST)
            elif now - began > SLICE / 2:
                self._portion = max(self._portion // 2, 16)
            start = stop
            if now >= until:
                return
