"""Waves: a few first, then more, each only if the one before it went well enough."""

from dataclasses import dataclass

from smtptui.batch.model import EndKind, RecipientState
from smtptui.batch.pacing.consequence import Consequence
from smtptui.batch.pacing.limits import Limits

_FEW = 3
"""So many bad ones may be chance, whatever share of a small wave they are."""
_MOST = 0.9
"""Share of a later wave that tells of it: a server that is silent for ten minutes must not hold up all the others."""
AFTER = 100
"""Recipients decided after which a share says something about the whole batch."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the batch is to pause."""

    reason: str
    kind: EndKind


class Waves:
    """The gate before each wave, and the breakers that need none."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.number = 1
        self.size = limits.canary
        self._begun = self._ended = self._failed = self._deferred = 0
        self._all_ended = self._all_failed = 0
        self._last = ""
        self._in_a_row = 0

    @property
    def waiting(self) -> bool:
        """Whether the wave is out, and not all of it is decided."""
        return bool(self.size) and self._begun >= self.size

    def begun(self, by: int = 1) -> None:
        """A message has begun, or with -1 has not after all."""
        self._begun += by

    def ended(self, state: RecipientState, follows: Consequence | None) -> Stop | None:
        """A recipient is decided; why that is the end for now, or None."""
        self._ended += 1
        self._all_ended += 1
        if state is RecipientState.FAILED:
            self._failed += 1
            self._all_failed += 1
        elif state is RecipientState.DEFERRED and not (follows is not None and follows.greylisted):
            self._deferred += 1
        return self._breaker(state, follows) or self._gate()

    def _breaker(self, state: RecipientState, follows: Consequence | None) -> Stop | None:
        limits = self._limits
        if state is RecipientState.FAILED and follows is not None and follows.key:
            self._in_a_row = self._in_a_row + 1 if follows.key == self._last else 1
            self._last = follows.key
            if self._in_a_row >= limits.same_in_a_row:
                self._in_a_row = 0
                return Stop(
                    f"{limits.same_in_a_row} recipients in a row were refused in the same words: {follows.reason}. "
                    "Look at the list and at the message, then resume.",
                    EndKind.REFUSED,
                )
        elif state is RecipientState.SENT:
            self._in_a_row = 0
        if self._all_ended >= AFTER and self._all_failed > limits.max_failed * self._all_ended:
            stop = _too_many("refused", self._all_failed, self._all_ended, limits.max_failed)
            self._all_ended = self._all_failed = 0
            return stop
        return None

    def _gate(self) -> Stop | None:
        if not self.waiting or self._ended < self._begun * (1.0 if self.number == 1 else _MOST):
            return None
        limits, ended = self._limits, self._ended
        failed, deferred = self._failed, self._deferred
        self._begun -= ended
        self._ended = self._failed = self._deferred = 0
        self.number += 1
        self.size = int(self.size * limits.wave_factor)
        if failed > max(_FEW, limits.max_failed * ended):
            return _too_many("refused", failed, ended, limits.max_failed)
        if deferred > max(_FEW, limits.max_deferred * ended):
            return _too_many("put off", deferred, ended, limits.max_deferred)
        return None


def _too_many(what: str, count: int, of: int, most: float) -> Stop:
    return Stop(
        f"{count} of {of} recipients were {what}, which is more than {most:.0%}. See what the servers said, then "
        "resume.",
        EndKind.REFUSED,
    )
