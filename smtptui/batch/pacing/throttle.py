"""What a server has asked of one destination, or of the account: to wait, or to be slower for a while."""

from smtptui.batch.pacing.effects import Action, Consequence
from smtptui.batch.pacing.rates import Rate

CLEAN = 600.0
"""Seconds without a complaint after which the pace is doubled."""
_ONE_CUT = 60.0
"""Seconds in which complaints are about what was sent before the last cut."""
_SLOWEST = 1.0
"""Messages a minute at least."""
_ENOUGH = 600.0
"""Messages a minute from which on nothing is held back any more."""


class Throttle:
    """Times are seconds since the epoch."""

    __slots__ = ("_clean_since", "_cut_at", "_rate", "held_until", "reason")

    def __init__(self) -> None:
        self.held_until = 0.0
        self.reason = ""
        self._rate: Rate | None = None
        self._clean_since = 0.0
        self._cut_at = 0.0

    @property
    def slowed_to(self) -> float | None:
        """Messages a minute, or None."""
        return self._rate.cap * 60 / self._rate.window if self._rate is not None else None

    def obey(self, follows: Consequence, now: float) -> None:
        """Do what was asked for."""
        self.reason = follows.reason
        hold = max(follows.hold, min(follows.hint or 0.0, 7200.0))
        if follows.action in (Action.HOLD, Action.SLOW):
            self.held_until = max(self.held_until, now + hold)
        if follows.action is Action.SLOW and follows.per_minute:
            slowed = self.slowed_to
            if slowed is None or slowed > follows.per_minute:
                self._go_at(follows.per_minute, now)
                self._cut_at = now
            elif slowed > _SLOWEST and now >= self._cut_at + _ONE_CUT + hold:
                # It still complains at the pace it should like.
                self._go_at(max(_SLOWEST, slowed / 2), now)
                self._cut_at = now
            self._clean_since = now

    def _go_at(self, per_minute: float, now: float) -> Rate:
        used, self._rate = self._rate, Rate(per_minute, 60.0, now)
        if used is not None:
            self._rate.carry(used)
        return self._rate

    def next_at(self, now: float) -> float:
        """When a message may go; ``now`` if it may go now."""
        at = max(now, self.held_until)
        rate = self._rate
        if rate is None:
            return at
        while now - self._clean_since >= CLEAN:
            self._clean_since += CLEAN
            faster = rate.cap * 60 / rate.window * 2
            if faster >= _ENOUGH:
                self._rate = None
                return at
            rate = self._go_at(faster, now)
        return max(at, rate.next_at(now))

    def take(self, now: float) -> None:
        """A message goes now."""
        if self._rate is not None:
            self._rate.take(now)
