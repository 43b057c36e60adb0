"""The pacer keeps every cap in every window, starves nobody, slows down and recovers as it is asked to."""

import heapq
from bisect import bisect_right
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch import RecipientState
from smtptui.batch.pacing import Action, Consequence, Hours, Limits, Pacer, Scope, consequence
from smtptui.protocol import Reply, Stage

START = 1_800_000_000.0
SENT, FAILED, DEFERRED = RecipientState.SENT, RecipientState.FAILED, RecipientState.DEFERRED


def pacer(**limits: object) -> Pacer:
    chosen: dict[str, object] = {"canary": 0, **limits}
    return Pacer(Limits(**chosen), random=Random(1), now=START)  # type: ignore[arg-type]


def said(text: str, stage: Stage = Stage.RCPT) -> Consequence:
    reply = Reply(int(text[:3]), f"{text}\r\n".encode(), len(text) + 2)
    return consequence(stage, reply, None, "good.test")


def all_sent(pace: Pacer, names: list[str], *, took: float = 0.1, lanes: int = 10) -> list[tuple[float, int]]:
    """Send to everybody on a virtual clock; when each began."""
    for seq, name in enumerate(names):
        pace.offer(seq, name)
    begun: list[tuple[float, int]] = []
    now, busy = START, list[tuple[float, int]]()
    while len(begun) < len(names) or busy:
        while len(busy) < min(lanes, pace.lanes(now)) and (taken := pace.take(now)) is not None:
            begun.append((now, taken))
            heapq.heappush(busy, (now + took, taken))
        at = pace.next_at(now)
        if len(busy) >= lanes or at is None:
            at = float("inf")
        assert busy or at < float("inf"), "it would wait for ever"
        if busy and busy[0][0] <= max(at, now + 1e-6):
            now, seq = heapq.heappop(busy)
            pace.finished(names[seq], SENT, None, now)
        else:
            now = max(at, now + 1e-6)
    return begun


@settings(deadline=None, max_examples=60)
@given(
    per_second=st.none() | st.integers(1, 50),
    per_minute=st.none() | st.integers(1, 300),
    per_hour=st.none() | st.floats(0.5, 5000),
    took=st.floats(0.001, 3),
    count=st.integers(1, 400),
)
def test_no_window_has_more_than_its_cap(
    per_second: int | None, per_minute: int | None, per_hour: float | None, took: float, count: int
) -> None:
    pace = pacer(per_second=per_second, per_minute=per_minute, per_hour=per_hour, connections=10)
    times = [at for at, _ in all_sent(pace, ["good.test"] * count, took=took)]
    assert len(times) == count
    for cap, window in ((per_second, 1.0), (per_minute, 60.0), (per_hour, 3600.0)):
        if cap is None:
            continue
        most, span = max(1, int(cap)), window if cap >= 1 else window / cap
        for index, at in enumerate(times):
            within = bisect_right(times, at + span - 1e-3) - index
            assert within <= most


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=300), st.integers(1, 3))
def test_everybody_is_sent_to_once_and_no_destination_has_more_than_its_share(names: list[str], most: int) -> None:
    pace = pacer(connections=10, destination_connections=most)
    begun = all_sent(pace, names)
    assert sorted(seq for _, seq in begun) == list(range(len(names)))


def test_destinations_take_turns() -> None:
    names = ["big.test"] * 500 + ["small.test"] * 5
    begun = all_sent(pacer(connections=1), names, lanes=1)
    order = [names[seq] for _, seq in begun]
    assert order[:10].count("small.test") == 5


def test_a_destination_that_asks_to_slow_down_is_slow_alone_and_recovers() -> None:
    pace = pacer(connections=10)
    for seq in range(100):
        pace.offer(seq, "slow.test" if seq % 2 else "fast.test")
    assert {pace.take(START), pace.take(START)} == {0, 1}
    pace.finished("slow.test", DEFERRED, said("421 4.7.0 unusual rate of mail", Stage.DOT), START)
    taken = [each for _ in range(60) if (each := pace.take(START + 1)) is not None]
    assert all(each % 2 == 0 for each in taken)
    assert len(taken) == 49
    assert pace.held_destinations(START + 1) == {"slow.test"}
    assert "slow.test is held until" in pace.limited_by(START + 1)
    soon = [pace.take(START + 61 + i) for i in range(60)]
    assert 9 <= sum(each is not None for each in soon) <= 11
    # Ten clean minutes later it is twice as fast.
    later = [pace.take(START + 700 + i) for i in range(60)]
    assert 18 <= sum(each is not None for each in later) <= 22


def test_greylisting_slows_nobody_and_closes_no_gate() -> None:
    pace = pacer(canary=10, connections=10)
    for seq in range(30):
        pace.offer(seq, "grey.test")
    follows = said("450 4.2.0 <u@grey.test>: Recipient address rejected: Greylisted, try again in 5 minutes")
    assert follows.hint == 300
    for _ in range(10):
        assert pace.take(START) is not None
    assert pace.take(START) is None
    assert "wave 1 of 10" in pace.limited_by(START)
    for _ in range(10):
        pace.finished("grey.test", DEFERRED, follows, START)
    assert pace.stop is None
    assert pace.take(START) is not None


def test_a_canary_that_fails_pauses_the_batch() -> None:
    pace = pacer(canary=10, connections=10)
    for seq in range(30):
        pace.offer(seq, "bad.test")
        if seq < 10:
            assert pace.take(START) is not None
    for number in range(10):
        state, follows = (
            (FAILED, said(f"550 5.1.1 unknown user {'abcdefghij'[number]}")) if number % 2 else (SENT, None)
        )
        pace.finished("bad.test", state, follows, START)
    assert pace.stop is not None
    assert "5 of 10 recipients were refused" in pace.stop.reason
    assert pace.take(START) is None


def test_ten_refusals_in_the_same_words_pause_the_batch() -> None:
    pace = pacer(max_failed=1.0)
    for seq in range(10):
        pace.offer(seq, "good.test")
        assert pace.take(START) is not None
        pace.finished("good.test", FAILED, said(f"550 5.1.1 <user{seq}@good.test>: no id{seq} known"), START)
    assert pace.stop is not None
    assert "10 recipients in a row" in pace.stop.reason


@pytest.mark.parametrize(
    ("text", "stage", "scope", "action"),
    [
        ("550 5.1.1 <a@b.test>: Recipient address rejected: User unknown", Stage.RCPT, Scope.RECIPIENT, Action.FAIL),
        ("452 4.2.2 mailbox full", Stage.RCPT, Scope.RECIPIENT, Action.RETRY),
        (
            "450 4.2.1 The user you are trying to contact is receiving mail too quickly",
            Stage.RCPT,
            Scope.RECIPIENT,
            Action.RETRY,
        ),
        ("450 4.2.1 Peak SMTP relay limit exceeded for customer", Stage.RCPT, Scope.ACCOUNT, Action.HOLD),
        ("421 4.7.0 [TSS04] Messages temporarily deferred", Stage.MAIL, Scope.DESTINATION, Action.HOLD),
        ("554 5.7.1 <a@b.test>: Relay access denied", Stage.RCPT, Scope.BATCH, Action.PAUSE),
        ("454 4.7.1 <a@b.test>: Relay access denied", Stage.RCPT, Scope.BATCH, Action.PAUSE),
        ("550 5.4.5 Daily user sending limit exceeded", Stage.DOT, Scope.BATCH, Action.PAUSE),
        ("454 Throttling failure: Maximum sending rate exceeded.", Stage.DOT, Scope.ACCOUNT, Action.SLOW),
        ("450 4.7.1 Error: too much mail from 127.0.0.1", Stage.MAIL, Scope.ACCOUNT, Action.SLOW),
        ("421 4.7.0 Error: too many connections from 127.0.0.1", Stage.BANNER, Scope.ACCOUNT, Action.FEWER),
        ("535 5.7.8 authentication failed", Stage.AUTH, Scope.BATCH, Action.PAUSE),
        ("553 5.7.1 not owned by user", Stage.RCPT, Scope.BATCH, Action.PAUSE),
        ("451 4.3.0 local trouble", Stage.MAIL, Scope.ACCOUNT, Action.HOLD),
        ("550 5.7.1 refused", Stage.MAIL, Scope.BATCH, Action.PAUSE),
        ("421 4.3.2 shutting down", Stage.RCPT, Scope.ACCOUNT, Action.FEWER),
        ("421 4.4.2 Error: timeout exceeded", Stage.RCPT, Scope.RECIPIENT, Action.RETRY),
        ("421 4.7.0 Error: too many errors", Stage.RCPT, Scope.RECIPIENT, Action.RETRY),
        ("454 Throttling failure: Daily message quota exceeded.", Stage.DOT, Scope.BATCH, Action.PAUSE),
        ("550 5.7.1 Email quota exceeded", Stage.DOT, Scope.BATCH, Action.PAUSE),
        ("550 5.1.1 <a@b.test>: unknown, seen from 15.4.5.2", Stage.RCPT, Scope.RECIPIENT, Action.FAIL),
        ("451 4.3.0 put off by 34.7.1.5", Stage.DOT, Scope.RECIPIENT, Action.RETRY),
        (
            "550 5.1.1 <a@b.test>: undeliverable address: host mx said: 554 5.7.1 <a@b.test>: Relay access denied",
            Stage.RCPT,
            Scope.RECIPIENT,
            Action.FAIL,
        ),
        (
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
            Stage.DOT,
            Scope.RECIPIENT,
            Action.FAIL,
        ),
        (
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
            Stage.RCPT,
            Scope.BATCH,
            Action.PAUSE,
        ),
        ("450 4.7.25 Client host rejected: cannot find your hostname", Stage.RCPT, Scope.ACCOUNT, Action.HOLD),
        ("450 4.1.8 <a@b.test>: Sender address rejected: Domain not found", Stage.RCPT, Scope.ACCOUNT, Action.HOLD),
        (
            "451 4.7.500 Server busy. Please try again later from [203.0.113.10]. (S77714)",
            Stage.DOT,
            Scope.DESTINATION,
            Action.SLOW,
        ),
        (
            "421 4.7.1 Messages to a@icloud.test deferred due to excessive volume. Try again later",
            Stage.RCPT,
            Scope.RECIPIENT,
            Action.RETRY,
        ),
        (
            "421 web.test Service unavailable. Too many messages have been received in a short period of time.",
            Stage.DOT,
            Scope.DESTINATION,
            Action.SLOW,
        ),
        ("421 Service refused, please try later. OFR004_105", Stage.RCPT, Scope.DESTINATION, Action.SLOW),
    ],
)
def test_a_reply_has_its_scope(text: str, stage: Stage, scope: Scope, action: Action) -> None:
    follows = said(text, stage)
    if scope is Scope.DESTINATION and stage is Stage.MAIL:
        assert follows.scope in (Scope.DESTINATION, Scope.ACCOUNT)
    else:
        assert follows.scope is scope
    assert follows.action is action


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("450 4.2.0 Greylisted for 300 seconds", 300),
        ("451 4.7.1 Greylisting in action, please come back in 00:05:00", 300),
        ("450 4.7.1 Please try again in 5 minutes", 300),
        ("450 4.7.1 retry after 90s", 90),
        ("450 4.7.1 try again in an hour", 3600),
        ("450 4.7.1 deferred 4 messages", None),
        ("451 4.7.500 Server busy. Please try again later from [203.0.113.10]. (S77714)", None),
    ],
)
def test_what_a_server_says_about_when_is_read(text: str, seconds: float | None) -> None:
    assert said(text).hint == seconds


def test_nothing_is_begun_outside_the_sending_hours() -> None:
    pace = pacer(hours=Hours.parse("08:00-18:00 UTC"))
    pace.offer(1, "good.test")
    midnight = START - START % 86400
    assert pace.take(midnight) is None
    assert pace.next_at(midnight) == midnight + 8 * 3600
    assert "sending hours" in pace.limited_by(midnight)
    assert pace.take(midnight + 8 * 3600) == 1


def test_the_daily_cap_is_what_has_been_reserved() -> None:
    pace = pacer(per_day=500)
    for seq in range(5):
        pace.offer(seq, "good.test")
    assert pace.take(START) is None
    pace.allow(2, START)
    assert [pace.take(START), pace.take(START), pace.take(START)] == [0, 1, None]
    pace.give_back(1, "good.test")
    assert pace.take(START) == 1
    pace.allow(0, START + 7200)
    assert "the daily cap of 500" in pace.limited_by(START)


def test_connections_that_fail_are_tried_more_and_more_slowly() -> None:
    pace = pacer(connections=8)
    pace.offer(1, "good.test")
    follows = Consequence(Scope.ACCOUNT, Action.HOLD, reason="the connection was refused")
    now, waits = START, []
    for _ in range(9):
        pace.connection_failed(follows, now)
        assert pace.lanes(now) == 0
        at = pace.next_at(now)
        assert at is not None
        waits.append(at - now)
        now = at
    assert 3 < waits[0] < 7
    assert 200 < waits[-1] < 400
    assert pace.lanes(now) == 1
    pace.connection_opened(now)
    assert pace.lanes(now) == 8
    # With others standing it is their number that the server takes.
    pace.connection_failed(follows, now, others=3)
    assert pace.lanes(now) == 3
    assert pace.limited_by(now).startswith("3 connections for now: the connection was refused")
    assert pace.lanes(now + 2 * 600) == 8


def test_a_hundred_thousand_over_mixed_destinations() -> None:
    """Some are large, some throttle, most are small; nobody is left, and the time is what the caps say."""
    random = Random(7)
    names = [
        random.choice(["google", "microsoft", "yahoo", *(f"domain{number}.test" for number in range(200))])
        if random.random() < 0.5
        else "google"
        for _ in range(100_000)
    ]
    pace = pacer(connections=20, per_second=500, destination_connections=5)
    begun: list[float] = []
    count = Counter[str]()
    now, busy, offered = START, list[tuple[float, int]](), 0
    while len(begun) < len(names) or busy:
        while offered < len(names) and pace.room(now) > 0:
            pace.offer(offered, names[offered])
            offered += 1
        while len(busy) < pace.lanes(now) and (taken := pace.take(now)) is not None:
            begun.append(now)
            heapq.heappush(busy, (now + random.uniform(0.005, 0.05), taken))
        at = pace.next_at(now)
        if len(busy) >= pace.lanes(now) or at is None:
            at = float("inf")
        if busy and busy[0][0] <= max(at, now + 1e-6):
            now, seq = heapq.heappop(busy)
            pace.finished(names[seq], SENT, None, now)
            count[names[seq]] += 1
        else:
            now = max(at, now + 1e-6)
    assert count == Counter(names)
    took = begun[-1] - START
    # google has more than half of all, five at a time of 27 ms each.
    assert took < 1.3 * max(len(names) / 500, count["google"] * 0.0275 / 5)


def test_trouble_of_the_relay_is_waited_out_longer_and_longer_and_forgotten_when_it_is_over() -> None:
    pace = pacer(connections=2)
    for seq in range(20):
        pace.offer(seq, "good.test")
    follows = said("451 4.3.0 local trouble", Stage.MAIL)
    now, waits = START, []
    for _ in range(6):
        assert pace.take(now) is not None
        pace.finished("good.test", RecipientState.PENDING, follows, now)
        at = pace.next_at(now)
        assert at is not None
        waits.append(at - now)
        now = at
    assert waits[:2] == [0.0, 0.0]
    assert 3 < waits[2] < 7
    assert waits[2] < waits[3] < waits[4] < waits[5]
    assert pace.take(now) is not None
    pace.finished("good.test", SENT, None, now)
    assert pace.take(now) is not None
    pace.finished("good.test", RecipientState.PENDING, follows, now)
    assert pace.next_at(now) == now
