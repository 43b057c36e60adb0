"""Pacing, in its simplest form."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from smtptui.batch.model import RecipientState
from smtptui.protocol import Reply, Stage
from smtptui.session import Failure, FailureKind


class Action(StrEnum):
    RETRY = "retry"
    FAIL = "fail"
    HOLD = "hold"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Consequence:
    scope: str
    action: Action
    hold: float = 0.0
    hint: float | None = None
    reason: str = ""
    kind: str = "temporary"


@dataclass(frozen=True, slots=True)
class Stop:
    reason: str
    kind: str


@dataclass(frozen=True, slots=True)
class Limits:
    connections: int = 2
    messages_per_connection: int = 100
    canary: int = 0
    per_day: int | None = None


def consequence(stage: Stage, reply: Reply | None, failure: Failure | None, destination: str) -> Consequence:
    if failure is not None and failure.kind is FailureKind.AUTH:
        return Consequence("account", Action.PAUSE, reason=failure.message, kind="auth")
    if reply is not None and reply.permanent:
        if stage in (Stage.RCPT, Stage.DOT, Stage.BODY):
            return Consequence("recipient", Action.FAIL)
        return Consequence("batch", Action.PAUSE, reason=failure.message if failure else str(reply), kind="refused")
    if stage in (Stage.CONNECT, Stage.BANNER):
        return Consequence("account", Action.HOLD, hold=1)
    return Consequence("recipient", Action.RETRY)


class Retries:
    def __init__(self, limits: Limits) -> None: ...

    def next_at(self, attempt: int, now: float, hint: float | None, random: Random) -> float:
        return now + (hint or 300.0)

    def expired(self, first_at: float, now: float) -> bool:
        return now - first_at > 86400


class Pacer:
    def __init__(self, limits: Limits, *, random: Random, now: float) -> None:
        self.limits = limits
        self.queue: deque[int] = deque()
        self.stop: Stop | None = None
        self.allowance = 0
        self.hold = 0.0

    def offer(self, seq: int, destination: str) -> None:
        self.queue.append(seq)

    def room(self, now: float) -> int:
        return 2000 - len(self.queue)

    def take(self, now: float) -> int | None:
        return self.queue.popleft() if self.queue else None

    def give_back(self, seq: int, destination: str, *, requeue: bool = True) -> None:
        if requeue:
            self.queue.appendleft(seq)

    def next_at(self, now: float) -> float | None:
        return max(now, self.hold) if self.queue else None

    def finished(self, destination: str, state: RecipientState, follows: Consequence | None, now: float) -> None:
        if follows is not None and follows.action is Action.PAUSE:
            self.stop = Stop(follows.reason, follows.kind)

    def lanes(self, now: float) -> int:
        return self.limits.connections if now >= self.hold else 0

    def connection_failed(self, follows: Consequence | None, now: float) -> None:
        self.connection_lost(follows, now)

    def connection_lost(self, follows: Consequence | None, now: float) -> None:
        if follows is not None and follows.action is Action.PAUSE:
            self.stop = Stop(follows.reason, follows.kind)
        elif follows is not None:
            self.hold = now + follows.hold

    def connection_opened(self, now: float) -> None: ...

    def allow(self, granted: int, until: float) -> None: ...

    def held_destinations(self, now: float) -> frozenset[str]:
        return frozenset()

    def limited_by(self, now: float) -> str:
        return f"{self.limits.connections} connections"
