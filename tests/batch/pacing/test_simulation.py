"""A hundred thousand recipients on a virtual clock, at destinations that throttle, greylist, refuse and hang."""

import heapq
from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random

import pytest

from smtptui.batch import RecipientState
from smtptui.batch.pacing import Action, Consequence, Limits, Pacer, Retries, consequence
from smtptui.protocol import Reply, Stage

START = 1_800_000_000.0
SENT, FAILED, DEFERRED = RecipientState.SENT, RecipientState.FAILED, RecipientState.DEFERRED
PORTION = 500


def said(text: str, stage: Stage, destination: str) -> Consequence:
    return consequence(stage, Reply(int(text[:3]), f"{text}\r\n".encode(), len(text) + 2), None, destination)


@dataclass
class Server:
    """What answers for one destination."""

    takes: float = 0.03
    """Seconds for a message."""
    per_minute: int | None = None
    """Above which it complains."""
    greylists: bool = False
    unknown: float = 0.0
    hangs: float = 0.0
    """Share of messages it thinks about for a minute, and then accepts."""
    accepted: deque[float] = field(default_factory=deque)
    complained: int = 0
    seen: set[int] = field(default_factory=set)

    def answer(self, seq: int, now: float, random: Random) -> tuple[float, str, Stage]:
        """How long it takes, what is said, and where."""
        first = seq not in self.seen
        self.seen.add(seq)
        if self.unknown and random.random() < self.unknown:
            return self.takes, f"550 5.1.1 <u{seq}@x.test>: user unknown {random.choice('abcdefgh') * 3}", Stage.RCPT
        if self.greylists and first:
            return self.takes, "450 4.2.0 Greylisted, please try again in 5 minutes", Stage.RCPT
        if self.per_minute is not None:
            while self.accepted and self.accepted[0] <= now - 60:
                self.accepted.popleft()
            if len(self.accepted) >= self.per_minute:
                self.complained += 1
                return self.takes, "421 4.7.28 Gmail has detected an unusual rate of mail", Stage.DOT
            self.accepted.append(now)
        if self.hangs and random.random() < self.hangs:
            return 60.0, "250 2.0.0 ok", Stage.DOT
        return self.takes * random.uniform(0.5, 1.5), "250 2.0.0 ok", Stage.DOT


class World:
    """List, journal and lanes around a pacer, as a run has them, without any of the work."""

    def __init__(self, servers: dict[str, Server], names: list[str], limits: Limits) -> None:
        self.servers, self.names, self.limits = servers, names, limits
        self.random = Random(5)
        self.pacer = Pacer(limits, random=self.random, now=START)
        self.retries = Retries(limits)
        self.begun: list[float] = []
        self.begun_by_name: dict[str, list[float]] = {name: [] for name in servers}
        self.done: dict[int, RecipientState] = {}
        self.done_at: dict[str, float] = {}
        self.attempts = Counter[int]()
        self.sentences = Counter[str]()
        self.now = START
        self._order = deque(range(len(names)))
        self._deferred: list[tuple[float, int]] = []
        self._busy: list[tuple[float, int, str, Stage]] = []

    def run(self) -> None:
        fed = tick = START
        while len(self.done) < len(self.names):
            if self.now >= fed:
                fed = self.now + (0.05 if self._feed() else 2.0)
            self._begin()
            assert self.pacer.stop is None, self.pacer.stop
            if self.now >= tick:
                self.sentences[self.pacer.limited_by(self.now)] += 1
                tick = self.now + 10.0
            at = self.pacer.next_at(self.now) if len(self._busy) < self.pacer.lanes(self.now) else None
            at = min(fed, at if at is not None else float("inf"))
            if self._busy and self._busy[0][0] <= max(at, self.now):
                self._end()
            else:
                # A timer is never finer than this.
                self.now = max(at, self.now + 0.001)

    def _feed(self) -> int:
        """As the feeder does: those that are due, in the order of the list, without those whose destination is held."""
        if self.pacer.room(self.now) <= 0:
            return 0
        held, found, skipped = self.pacer.held_destinations(self.now), list[int](), deque[int]()
        while self._deferred and self._deferred[0][0] <= self.now:
            self._order.appendleft(heapq.heappop(self._deferred)[1])
        while self._order and len(found) < PORTION:
            seq = self._order.popleft()
            (skipped if self.names[seq] in held else found).append(seq)
            if len(skipped) > 20_000:
                break
        self._order.extendleft(reversed(skipped))
        for seq in found:
            self.pacer.offer(seq, self.names[seq])
        return len(found)

    def _begin(self) -> None:
        while len(self._busy) < self.pacer.lanes(self.now) and (seq := self.pacer.take(self.now)) is not None:
            name = self.names[seq]
            self.begun.append(self.now)
            self.begun_by_name[name].append(self.now)
            self.attempts[seq] += 1
            took, text, stage = self.servers[name].answer(seq, self.now, self.random)
            heapq.heappush(self._busy, (self.now + took, seq, text, stage))

    def _end(self) -> None:
        self.now, seq, text, stage = heapq.heappop(self._busy)
        name = self.names[seq]
        if text.startswith("2"):
            self.done[seq] = SENT
            self.pacer.finished(name, SENT, None, self.now)
        else:
            follows = said(text, stage, name)
            if follows.action is Action.FAIL:
                self.done[seq] = FAILED
                self.pacer.finished(name, FAILED, follows, self.now)
            else:
                at = self.retries.next_at(self.attempts[seq], self.now, follows.hint, self.random)
                heapq.heappush(self._deferred, (at, seq))
                self.pacer.finished(name, DEFERRED, follows, self.now)
        if seq in self.done:
            self.done_at[name] = self.now


def most_within(times: list[float], window: float) -> int:
    return max(bisect_right(times, at + window - 1e-3) - index for index, at in enumerate(times))


@pytest.fixture(scope="module")
def world() -> World:
    random = Random(3)
    servers = {
        "google": Server(),
        "yahoo": Server(per_minute=120),
        "grey.test": Server(greylists=True),
        "lossy.test": Server(unknown=0.2),
        "hang.test": Server(hangs=0.02),
        **{f"small{number}.test": Server() for number in range(500)},
    }
    names = random.choices(["google", "yahoo", "grey.test", "lossy.test", "hang.test"], [50, 4, 10, 6, 5], k=75_000) + [
        f"small{number % 500}.test" for number in range(25_000)
    ]
    random.shuffle(names)
    limits = Limits(connections=20, per_second=100, per_hour=350_000, destination_connections=8, max_deferred=0.2)
    world = World(servers, names, limits)
    world.run()
    return world


def test_everybody_is_finished_and_only_the_unknown_failed(world: World) -> None:
    assert len(world.done) == 100_000
    failed = {world.names[seq] for seq, state in world.done.items() if state is FAILED}
    assert failed == {"lossy.test"}


def test_no_cap_is_exceeded_in_any_window(world: World) -> None:
    assert most_within(world.begun, 1.0) <= 100
    assert most_within(world.begun, 3600.0) <= 350_000


def test_greylisting_costs_one_attempt_and_slows_nobody(world: World) -> None:
    grey = [world.attempts[seq] for seq, name in enumerate(world.names) if name == "grey.test"]
    assert set(grey) == {2}
    assert "grey.test" not in world.pacer.held_destinations(world.now)


def test_who_throttles_is_slowed_down_alone_and_recovers(world: World) -> None:
    yahoo = world.servers["yahoo"]
    assert 0 < yahoo.complained < 0.1 * len(world.begun_by_name["yahoo"])
    # All the others go at the cap meanwhile: the theoretical minimum, and five minutes for the last one greylisted.
    others = [at for name, times in world.begun_by_name.items() if name != "yahoo" for at in times]
    assert max(others) - START < 1.05 * len(others) / (350_000 / 3600) + 400
    by_minute = Counter(int((at - START) // 60) for at in world.begun_by_name["yahoo"])
    last = max(by_minute)
    slowest = min(by_minute[minute] for minute in range(5, last))
    assert slowest <= 12
    assert max(by_minute[minute] for minute in range(5, last)) >= 80


def test_nobody_starves(world: World) -> None:
    """Whoever is so far down in the list is begun when so much of it can have been sent, whatever the others do."""
    first = {name: seq for seq, name in reversed(list(enumerate(world.names)))}
    for name, times in world.begun_by_name.items():
        assert times[0] - START < 1.2 * first[name] / (350_000 / 3600) + 5, name
    small = [at for name, times in world.begun_by_name.items() if name.startswith("small") for at in times]
    assert max(small) - START < 1.05 * 110_000 / (350_000 / 3600)


def test_what_limits_is_always_said(world: World) -> None:
    assert world.sentences.most_common(1)[0][1] > 80
    assert any(
        sentence.startswith("yahoo takes 10 a minute for now: it asks to slow down") for sentence in world.sentences
    )
    assert any(sentence.startswith("350,000 an hour, as asked for") for sentence in world.sentences)
