"""The pacer decides who may be sent to next, and when: one state machine without clock and without I/O."""

import heapq
from collections import deque
from random import Random

from smtptui.batch.model import RecipientState
from smtptui.batch.pacing.destination import Destination
from smtptui.batch.pacing.effects import Action, Consequence, Scope
from smtptui.batch.pacing.hours import Hours
from smtptui.batch.pacing.limits import Limits
from smtptui.batch.pacing.rates import Rate
from smtptui.batch.pacing.throttle import CLEAN, Throttle
from smtptui.batch.pacing.time_format import moment, rate_words
from smtptui.batch.pacing.waves import Stop, Waves

STARTING = "starting"
"""What limits a batch that has not looked yet who is due."""
_AHEAD = 2000
"""Recipients it wants to choose from."""
_HELD = 5.0
"""Seconds from which on a destination that waits is one whose recipients need not be offered."""
_DEEP = 200
"""Recipients of one destination that are enough to choose from where it takes few: more would only be in the way of the
others."""
_SWEEP = 4096
"""Destinations from which on those with nothing to do are forgotten now and then."""
_ONE_EVENT = 5.0
"""Seconds in which several connections that are told the same have been told one thing."""
_FIRST_HOLD = 5.0
_LONGEST_HOLD = 300.0
"""Seconds after a connection that failed: doubled with each that follows."""
_LOST_FREELY = 2
"""Connections that may be lost in a row before the next one waits."""


class Pacer:
    """Who may be sent to next. ``now`` are seconds since the epoch and never go back."""

    def __init__(self, limits: Limits, *, random: Random, now: float, memory: str = "") -> None:
        self.limits = limits
        self.stop: Stop | None = None
        """Why the batch is to pause, or None."""
        self.allowance = 0
        """Of the daily cap: what is reserved and not used."""
        self.spent = 0
        """Messages begun since the run began, without those that were given back: what the account's day is counted
        by if nothing caps it."""
        self._random = random
        self._now = now
        self._rates = [
            (name, Rate(cap, window, now))
            for name, cap, window in (
                ("per_second", limits.per_second, 1.0),
                ("per_minute", limits.per_minute, 60.0),
                ("per_hour", limits.per_hour, 3600.0),
            )
            if cap is not None
        ]
        self._free_at = now
        self._account = Throttle()
        self._waves = Waves(limits, memory)
        self._destinations: dict[str, Destination] = {}
        self._line: deque[Destination] = deque()
        self._later: list[tuple[float, int, Destination]] = []
        self._deep: dict[str, Destination] = {}
        self._sweep_at = _SWEEP
        self._ticket = 0
        self._queued = 0
        self._busy = 0
        self._lanes = float(limits.connections)
        self._lanes_since = now
        self._lanes_reason = ""
        self._fewer_at = now - _ONE_EVENT
        self._open_at = 0.0
        self._open_minute = -1
        self._failures = self._losses = 0
        self._connect_at = now
        self._connect_reason = ""

    # What there is to send.

    def offer(self, seq: int, destination: str) -> None:
        """Somebody who is due."""
        found = self._destinations.get(destination)
        if found is None:
            if len(self._destinations) >= self._sweep_at:
                self._sweep()
            found = self._destinations[destination] = Destination(destination, self.limits, 0.0)
        found.queue.append(seq)
        self._queued += 1
        if len(found.queue) == _DEEP:
            self._deep[destination] = found
        self._stand_in_line(found)

    def room(self, now: float) -> int:
        """How many more it would choose from."""
        return _AHEAD - self._queued + sum(len(each.queue) for each in self._held(now))

    def held_destinations(self, now: float) -> frozenset[str]:
        """Those to whom nothing goes for a while, so that nobody more for them need be offered."""
        return frozenset(each.name for each in self._held(now))

    def _held(self, now: float) -> list[Destination]:
        held = {each.name: each for at, _, each in self._later if at > now + _HELD}
        # What only takes turns is left alone: of a large destination much has to be begun early.
        held |= {name: each for name, each in self._deep.items() if each.crawls(now)}
        return list(held.values())

    def _sweep(self) -> None:
        """A list may have as many domains as recipients; a destination is kept while something is known of it."""
        used = set(map(id, self._line)) | {id(each) for _, _, each in self._later}
        now = self._now
        self._destinations = {
            name: each for name, each in self._destinations.items() if id(each) in used or not each.forgettable(now)
        }
        self._sweep_at = max(_SWEEP, 2 * len(self._destinations))

    # Who is next.

    def take(self, now: float) -> int | None:
        """Who may be sent to now, or None."""
        self._now = now
        if self._for_all(now) > now or self._shut:
            return None
        later, line = self._later, self._line
        while later and later[0][0] <= now:
            line.append(heapq.heappop(later)[2])
        while line:
            found = line.popleft()
            if not found.queue or found.full:
                # It comes back into line when somebody is offered, or when somebody is finished.
                found.listed = False
                continue
            at = found.next_at(now)
            if at > now:
                self._ticket += 1
                heapq.heappush(later, (at, self._ticket, found))
                continue
            seq = found.take(now)
            if found.queue:
                line.append(found)
                if len(found.queue) < _DEEP:
                    self._deep.pop(found.name, None)
            else:
                found.listed = False
            self._queued -= 1
            self._busy += 1
            self._waves.begun()
            self._account.take(now)
            for _, rate in self._rates:
                rate.take(now)
            self.spent += 1
            if self.limits.per_day is not None:
                self.allowance -= 1
            return seq
        return None

    def give_back(self, seq: int, destination: str, *, requeue: bool = True) -> None:
        """Somebody who was taken and to whom nothing was said."""
        found = self._destinations[destination]
        found.busy -= 1
        self._busy -= 1
        self._waves.begun(-1)
        for _, rate in self._rates:
            rate.give_back()
        self.spent -= 1
        if self.limits.per_day is not None:
            self.allowance += 1
        if requeue:
            found.queue.appendleft(seq)
            self._queued += 1
            if len(found.queue) == _DEEP:
                self._deep[destination] = found
        self._stand_in_line(found)

    def next_at(self, now: float) -> float | None:
        """When to ask again; None where only what happens meanwhile can change the answer."""
        if self._shut or not self._queued:
            return None
        if self._line:
            return self._for_all(now)
        return max(self._for_all(now), self._later[0][0]) if self._later else None

    def begins(self, now: float) -> float:
        """When the next message may go, as far as time alone decides it."""
        at = self._for_all(now)
        if self._queued and not self._line and self._later:
            at = max(at, self._later[0][0])
        return at

    def allow(self, granted: int, until: float) -> None:
        """Of the daily cap so many more are reserved; if none, the next may be at ``until``."""
        self.allowance += granted
        self._free_at = until

    # What became of them.

    def finished(self, destination: str, state: RecipientState, follows: Consequence | None, now: float) -> None:
        """Somebody was sent to, refused, put off."""
        found = self._destinations[destination]
        found.busy -= 1
        found.moved_at = now
        self._busy -= 1
        self._stand_in_line(found)
        if state in (RecipientState.SENT, RecipientState.FAILED, RecipientState.DEFERRED):
            self._losses = 0
        undecided = state in (RecipientState.PENDING, RecipientState.DEFERRED)
        if undecided and follows is not None and (follows.action is Action.ASIDE or not follows.understood):
            self._stopped(self._waves.aside(follows))
            return
        if undecided and follows is not None and self._ours(follows):
            # About us: it says nothing of the list.
            self._waves.begun(-1)
        else:
            self._stopped(self._waves.ended(state, follows))
        if follows is not None and state is not RecipientState.FAILED:
            self._obey(follows, found, now)
            if state is RecipientState.PENDING and follows.action is Action.FEWER:
                # It was sent away before anything was decided: not again and again without a pause.
                self.connection_lost(follows, now)

    def go_on(self) -> None:
        """Nobody is left for whose sake the batch was to pause."""
        if self.stop is not None and self.stop.rest:
            self.stop = None

    def memory(self) -> str:
        """What the next run is to know, for ``memory``."""
        return self._waves.memory()

    def connection_opened(self, now: float) -> None:
        """A connection stands."""
        self._failures = 0

    def connection_failed(self, follows: Consequence, now: float, *, others: int = 0) -> None:
        """One could not be opened, while ``others`` stand."""
        if follows.action is Action.PAUSE:
            self._obey(follows, None, now)
            return
        self._lanes_reason = follows.reason
        if others:
            # What stands is what the server takes now.
            self._lanes, self._lanes_since = float(others), now
            return
        self._failures += 1
        self._wait_to_connect(self._failures, follows, now)

    def connection_lost(self, follows: Consequence | None, now: float) -> None:
        """One that stood is gone, before anything was said of a message or in its midst."""
        if follows is not None and follows.action is Action.PAUSE:
            self._obey(follows, None, now)
        elif follows is not None and now >= self._connect_at:
            # What else is lost while one waits already was lost with it, and says nothing new.
            self._losses += 1
            if self._losses > _LOST_FREELY:
                self._wait_to_connect(self._losses - _LOST_FREELY, follows, now)

    def lanes(self, now: float) -> int:
        """Connections that may be open now."""
        if now < self._connect_at or self._account.held_until > now + _HELD:
            return 0
        if self._failures:
            # One to try it with: a server that comes back is not met by all of them.
            return 1
        while self._lanes < self.limits.connections and now - self._lanes_since >= CLEAN:
            self._lanes_since += CLEAN
            self._lanes = min(self._lanes * 2, float(self.limits.connections))
        return int(self._lanes)

    def _ours(self, follows: Consequence) -> bool:
        return follows.scope in (Scope.ACCOUNT, Scope.BATCH)

    def _obey(self, follows: Consequence, found: Destination | None, now: float) -> None:
        match follows.action:
            case Action.PAUSE:
                self._stopped(Stop(follows.reason, follows.kind))
            case Action.FEWER:
                self._fewer(follows, now)
            case Action.SLOW | Action.HOLD if follows.scope is Scope.DESTINATION and found is not None:
                found.throttle = found.throttle or Throttle()
                found.throttle.obey(follows, now)
            case Action.HOLD if follows.scope is Scope.ACCOUNT and not follows.hold and not follows.hint:
                self.connection_lost(follows, now)
            case Action.SLOW | Action.HOLD:
                self._account.obey(follows, now)
            case Action.RETRY | Action.FAIL | Action.ASIDE:
                pass

    def _fewer(self, follows: Consequence, now: float) -> None:
        if now - self._fewer_at < _ONE_EVENT:
            return
        self._fewer_at = now
        self._lanes = max(1.0, min(self._lanes, float(max(1, self._busy))) / 2)
        self._lanes_since = now
        self._lanes_reason = follows.reason

    def _wait_to_connect(self, times: int, follows: Consequence, now: float) -> None:
        hold = max(min(_LONGEST_HOLD, _FIRST_HOLD * 2 ** (min(times, 10) - 1)), follows.hold, follows.hint or 0.0)
        self._connect_at = max(self._connect_at, now + hold * self._random.uniform(0.8, 1.2))
        self._connect_reason = follows.reason

    def _stopped(self, stop: Stop | None) -> None:
        self.stop = self.stop or stop

    # When.

    @property
    def _shut(self) -> bool:
        """Whether time alone opens nothing."""
        return self.stop is not None or self._waves.waiting

    def _for_all(self, now: float) -> float:
        """When anybody may be sent to, whoever it is."""
        at = max(now, self._account.next_at(now), self._connect_at)
        for _, rate in self._rates:
            at = max(at, rate.next_at(now))
        if self.limits.per_day is not None and self.allowance <= 0:
            at = max(at, self._free_at, now + 0.05)
        if self.limits.hours is not None:
            at = self._within_hours(self.limits.hours, at)
        return at

    def _within_hours(self, hours: Hours, at: float) -> float:
        """When the hours allow it: looked up once a minute, and while they are closed not again before they open."""
        minute = int(at // 60)
        if minute != self._open_minute and at >= self._open_at:
            self._open_at, self._open_minute = hours.next_open(at), minute
        return max(at, self._open_at)

    def _stand_in_line(self, found: Destination) -> None:
        if not found.listed and found.queue and not found.full:
            found.listed = True
            self._line.append(found)

    # In words.

    def limited_by(self, now: float) -> str:
        """What limits the speed now, in a sentence without a full stop."""
        limits = self.limits
        if self.stop is not None:
            return self.stop.reason
        if limits.hours is not None and not limits.hours.open(now):
            begin = moment(limits.hours.next_open(now), now, limits.hours.zone)
            return f"sending hours {limits.hours.text}; next at {begin}"
        if now < self._connect_at:
            return f"no connection before {moment(self._connect_at, now)}: {self._connect_reason}"
        if now < self._account.held_until:
            return f"the account is held until {moment(self._account.held_until, now)}: {self._account.reason}"
        if limits.per_day is not None and self.allowance <= 0 and self._free_at > now:
            when = moment(self._free_at, now)
            return f"the daily cap of {limits.per_day:,}, {limits.origin('per_day')}; the next goes at {when}"
        if self._waves.waiting:
            return f"wave {self._waves.number} of {self._waves.size:,} recipients: its last outcomes are awaited"
        for name, rate in self._rates:
            if rate.next_at(now) > now:
                return f"{rate_words(rate.cap, rate.window)}, {limits.origin(name)}"
        slowed = self._account.slowed_to
        if slowed is not None:
            return f"{rate_words(slowed, 60.0)}, slowed down: {self._account.reason}"
        if not self._line and self._later:
            at, _, found = self._later[0]
            others = f"; {len(self._later) - 1} other destinations wait, too" if len(self._later) > 1 else ""
            return f"{found.words(at, now)}{others}"
        if not self._queued:
            return f"{self._busy:,} on their way, nobody else is due" if self._busy else STARTING
        if not self._line and limits.destination_connections is not None:
            most = "1 message" if limits.destination_connections == 1 else f"{limits.destination_connections} messages"
            return f"{most} at a time to each destination, {limits.origin('destination_connections')}"
        if self.lanes(now) < limits.connections:
            return f"{_connections(self.lanes(now))} for now: {self._lanes_reason or self._connect_reason}"
        return f"{_connections(limits.connections)}, {limits.origin('connections')}"


def _connections(count: int) -> str:
    return "1 connection" if count == 1 else f"{count} connections"
