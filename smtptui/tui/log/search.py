"""Looks for a text in a transcript, in slices, and knows the next hit and the one before."""

from array import array
from bisect import bisect_left, bisect_right

from smtptui.transcript import EventFilter, Transcript
from smtptui.tui.log.pace import Pace


class Search:
    """The events that have a text, among those that a filter lets through; the list grows with the transcript."""

    def __init__(self, transcript: Transcript, sought: EventFilter, within: EventFilter) -> None:
        self.sought = sought
        self.done = False
        """Whether all there is by now has been looked at."""
        self._transcript = transcript
        self._within = within
        self._hits = array("I")
        self._looked_at = 0
        self._pace = Pace()

    @property
    def count(self) -> int:
        """How many hits there are so far."""
        return len(self._hits)

    @property
    def share(self) -> float:
        """How much has been looked at, from 0 to 1."""
        return self._looked_at / len(self._transcript) if len(self._transcript) else 1.0

    def advance(self) -> bool:
        """Look at more events for the time of a slice; returns whether all have been."""
        for start, stop in self._pace.portions(self._looked_at, len(self._transcript)):
            found = self._transcript.matching(self.sought, start, stop)
            if found and not self._within.empty:
                allowed = set(self._transcript.matching(self._within, start, stop))
                found = [position for position in found if position in allowed]
            self._hits.extend(found)
            self._looked_at = stop
        self.done = self._looked_at == len(self._transcript)
        return self.done

    def at_or_after(self, event: int) -> int | None:
        """The first hit from ``event`` on; after the last one it is the first of all, once all are known."""
        place = bisect_left(self._hits, event)
        if place < len(self._hits):
            return self._hits[place]
        return self._hits[0] if self.done and self._hits else None

    def before(self, event: int) -> int | None:
        """The last hit before ``event``; before the first one it is the last of all, once all are known."""
        place = bisect_left(self._hits, event)
        if place:
            return self._hits[place - 1]
        return self._hits[-1] if self.done and self._hits else None

    def number(self, event: int) -> int | None:
        """Which hit this event is, counted from 1; None for one that is none."""
        place = bisect_right(self._hits, event)
        return place if place and self._hits[place - 1] == event else None
