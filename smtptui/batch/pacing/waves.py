"""Waves: a few first, then more, each only if the one before it went well enough; and the breakers that need none.

A share counts as too large once a confidence bound of it is: two of twenty may be chance. A pause is a question, and
the next run is its answer: what paused the batch then counts as known, and pauses it again only if it gets worse.
"""

import hashlib
import json
import math
from dataclasses import dataclass, field
from typing import Any

from smtptui.batch.model import EndKind, RecipientState
from smtptui.batch.pacing.effects import Action, Consequence
from smtptui.batch.pacing.limits import Limits

_FEW = 3
"""So many bad ones at least, whatever share they are."""
_MOST = 0.9
"""Share of a later wave that tells of it: a server that is silent for ten minutes must not hold up all the others."""
AFTER = 100
"""Recipients decided after which a share says something about the whole batch."""
_RECENT = 4 * AFTER
"""Recipients decided after which the older ones count half: what gets worse late must be seen."""
SAME_CONTENT = 3
"""Messages refused for what they say, in the same words and with none accepted between them, at which it pauses."""
_CONFIDENCE = 1.96
"""Standard deviations of a share's bounds: 95 % (E. B. Wilson, 1927)."""
_KNOWN = 100
"""Replies that are remembered as known."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the batch is to pause. ``rest``: for the sake of those who are still to be tried, so not without any."""

    reason: str
    kind: EndKind
    rest: bool = False


def least_share(bad: int, of: int) -> float:
    """The lower bound of the share that ``bad`` of ``of`` are a sample of (Wilson's score interval)."""
    return _bound(bad, of, -1)


def largest_share(bad: int, of: int) -> float:
    """The upper bound of the same."""
    return _bound(bad, of, 1)


def _bound(bad: int, of: int, side: int) -> float:
    if not of:
        return 0.0 if side < 0 else 1.0
    share, square = bad / of, _CONFIDENCE**2
    middle = share + square / (2 * of)
    spread = _CONFIDENCE * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return min(1.0, max(0.0, (middle + side * spread) / (1 + square / of)))


@dataclass(slots=True)
class _Count:
    ended: int = 0
    failed: int = 0
    deferred: int = 0

    def add(self, state: RecipientState, follows: Consequence | None) -> None:
        self.ended += 1
        if state is RecipientState.FAILED:
            self.failed += 1
        elif state is RecipientState.DEFERRED and not (follows is not None and follows.greylisted):
            self.deferred += 1


@dataclass(slots=True)
class _Known:
    """What somebody has seen and gone on with."""

    failed: float = 0.0
    """The share of refused recipients, by its upper bound then."""
    deferred: float = 0.0
    replies: list[str] = field(default_factory=list)
    """Fingerprints of replies that paused the batch."""


class Waves:
    """The gate before each wave, and the breakers. :meth:`memory` is what the next run goes on with."""

    def __init__(self, limits: Limits, memory: str = "") -> None:
        self._limits = limits
        self.number = 1
        self.size = limits.canary
        self._wave = _Count()
        self._all = _Count()
        self._known = _Known()
        self._begun = 0
        self._last = ""
        self._in_a_row = 0
        if memory:
            self._remember(memory)

    @property
    def waiting(self) -> bool:
        """Whether the wave is out, and not all of it is decided."""
        return bool(self.size) and self._begun >= self.size

    def begun(self, by: int = 1) -> None:
        """A message has begun, or with -1 has not after all."""
        self._begun += by

    def ended(self, state: RecipientState, follows: Consequence | None) -> Stop | None:
        """A recipient is decided; why that is the end for now, or None."""
        self._wave.add(state, follows)
        self._all.add(state, follows)
        if state is RecipientState.SENT:
            self._in_a_row = 0
        elif state is RecipientState.FAILED and follows is not None and follows.key:
            stop = self._same(follows, self._limits.same_in_a_row, "recipients in a row were refused in the same words")
            if stop is not None:
                return stop
        return self._whole() or self._gate()

    def aside(self, follows: Consequence) -> Stop | None:
        """A message was refused, and nothing is known of its recipient; why that is the end for now, or None."""
        self._begun -= 1
        if follows.action is Action.PAUSE:
            fingerprint = _fingerprint(follows.key)
            if fingerprint in self._known.replies:
                return None
            self._seen(fingerprint)
            return Stop(follows.reason, follows.kind)
        most = self._limits.same_in_a_row if _fingerprint(follows.key) in self._known.replies else SAME_CONTENT
        return self._same(follows, most, "messages in a row were refused in the same words", again=True)

    def _same(self, follows: Consequence, most: int, what: str, *, again: bool = False) -> Stop | None:
        self._in_a_row = self._in_a_row + 1 if follows.key == self._last else 1
        self._last = follows.key
        fingerprint = _fingerprint(follows.key)
        if self._in_a_row < most or (fingerprint in self._known.replies and not again):
            return None
        self._in_a_row = 0
        self._seen(fingerprint)
        reason = follows.reason.rstrip(".")
        if not again:
            reason += ". Look at the list and at the message, then resume"
        return Stop(f"{most} {what}: {reason}.", EndKind.REFUSED, rest=True)

    def _seen(self, fingerprint: str) -> None:
        self._known.replies = [*[each for each in self._known.replies if each != fingerprint], fingerprint][-_KNOWN:]

    def _whole(self) -> Stop | None:
        count = self._all
        if count.ended < AFTER:
            return None
        stop = self._too_many(count, deferred=False)
        if stop is not None:
            self._all = _Count()
        elif count.ended >= _RECENT:
            self._all = _Count(count.ended // 2, count.failed // 2, count.deferred // 2)
        return stop

    def _gate(self) -> Stop | None:
        wave = self._wave
        if not self.waiting or wave.ended < self._begun * (1.0 if self.number == 1 else _MOST):
            return None
        self._begun -= wave.ended
        self._wave = _Count()
        self.number += 1
        self.size = int(self.size * self._limits.wave_factor)
        return self._too_many(wave, deferred=True)

    def _too_many(self, count: _Count, *, deferred: bool) -> Stop | None:
        limits, known = self._limits, self._known
        if _exceeds(count.failed, count.ended, max(limits.max_failed, known.failed)):
            known.failed = largest_share(count.failed, count.ended)
            return _stop("refused", count.failed, count.ended, limits.max_failed)
        if deferred and _exceeds(count.deferred, count.ended, max(limits.max_deferred, known.deferred)):
            known.deferred = largest_share(count.deferred, count.ended)
            return _stop("deferred", count.deferred, count.ended, limits.max_deferred)
        return None

    # From one run to the next.

    def memory(self) -> str:
        """Where the waves are, as JSON."""
        known = self._known
        return json.dumps(
            {
                "number": self.number,
                "size": self.size,
                "wave": _plain(self._wave),
                "all": _plain(self._all),
                "failed": known.failed,
                "deferred": known.deferred,
                "replies": known.replies,
            }
        )

    def _remember(self, memory: str) -> None:
        """Go on from :meth:`memory`; what cannot be read is forgotten, and the waves begin with the first."""
        try:
            kept = json.loads(memory)
            wave, whole = _Count(*map(int, kept["wave"])), _Count(*map(int, kept["all"]))
            known = _Known(float(kept["failed"]), float(kept["deferred"]), [str(each) for each in kept["replies"]])
            number, size = int(kept["number"]), int(kept["size"])
        except (ValueError, TypeError, KeyError):
            return
        self._wave, self._all, self._known = wave, whole, known
        if self._limits.canary and number > 1:
            self.number, self.size = number, max(size, self._limits.canary)
        self._begun = wave.ended
        if self.waiting:
            # The limits are others now, and what has ended is more than the wave: it begins with nobody.
            self._begun, self._wave = 0, _Count()


def _plain(count: _Count) -> list[Any]:
    return [count.ended, count.failed, count.deferred]


def _exceeds(bad: int, of: int, most: float) -> bool:
    return bad >= _FEW and least_share(bad, of) > most


def _stop(what: str, count: int, of: int, most: float) -> Stop:
    return Stop(
        f"{count} of {of} recipients were {what}, so most likely more than {most:.0%} of the list is. See what the "
        "servers said; resume to go on with this share.",
        EndKind.REFUSED,
        rest=True,
    )


def _fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
