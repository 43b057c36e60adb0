"""A rate holds in every window, is spread evenly, and is not lost to a coarse timer."""

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch.pacing.rates import Rate


@given(
    cap=st.integers(1, 30),
    steps=st.lists(st.tuples(st.floats(0, 0.3), st.booleans()), min_size=1, max_size=200),
)
def test_no_window_has_more_though_some_never_went(cap: int, steps: list[tuple[float, bool]]) -> None:
    rate, now, went = Rate(cap, 1.0, 0.0), 0.0, list[float]()
    for step, is_given_back in steps:
        now += step
        if rate.next_at(now) > now:
            continue
        rate.take(now)
        if is_given_back:
            rate.give_back()
        else:
            went.append(now)
    for index, at in enumerate(went):
        assert bisect_right(went, at + 1.0 - 1e-9) - index <= cap


def test_a_timer_of_ten_milliseconds_is_fine_enough_for_five_thousand_a_second() -> None:
    rate, went, now = Rate(5000, 1.0, 0.0), list[float](), 0.0
    while now < 10.0:
        now += 0.010
        while rate.next_at(now) <= now:
            rate.take(now)
            went.append(now)
    assert len(went) > 0.97 * 50_000
    for index in range(0, len(went), 100):
        assert bisect_right(went, went[index] + 1.0 - 1e-6) - index <= 5000


def test_it_is_spread_evenly() -> None:
    rate, gaps, now, last = Rate(30, 60.0, 0.0), list[float](), 0.0, 0.0
    for _ in range(90):
        now = rate.next_at(now)
        rate.take(now)
        gaps.append(now - last)
        last = now
    assert max(gaps) <= 2.001
    assert min(gaps[1:]) >= 1.999


def test_after_a_rest_only_little_is_caught_up_on() -> None:
    rate = Rate(30, 60.0, 0.0)
    now, burst = 10_000.0, 0
    while rate.next_at(now) <= now:
        rate.take(now)
        burst += 1
    assert burst == 2


def test_less_than_one_is_one_in_a_longer_while() -> None:
    rate = Rate(0.25, 60.0, 0.0)
    rate.take(0.0)
    assert rate.next_at(1.0) == 240.0
