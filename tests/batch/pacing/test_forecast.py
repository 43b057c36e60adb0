"""When a batch will be done: caps, hours, holds and retries count."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch.pacing import Hours, Outlook, remaining

MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=UTC).timestamp()
HOUR, DAY = 3600.0, 86_400.0


def left(count: int = 100, rate: float = 1.0, **fields: object) -> float | None:
    return remaining(Outlook(count, rate, **{"begins": MONDAY, **fields}), MONDAY)  # type: ignore[arg-type]


def test_without_anything_in_the_way_it_is_the_rate_alone() -> None:
    assert left(380, 10.0) == 38.0


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert left(100, 0.0) is None
    assert left(0, 5.0) is None
    # Years away.
    assert left(10_000_000, 1.0, per_day=10) is None


def test_what_holds_everything_comes_first() -> None:
    assert left(100, 10.0, begins=MONDAY + 46 * HOUR) == 46 * HOUR + 10.0


@pytest.mark.parametrize(
    ("count", "day_left", "days"), [(100, 100, 0), (101, 100, 1), (100, 0, 1), (350, 0, 2), (None, None, 0)]
)
def test_a_daily_cap_takes_days(count: int | None, day_left: int | None, days: int) -> None:
    found = left(count or 200, 100.0, per_day=200, day_left=day_left)
    assert found is not None
    assert found // DAY == days


def test_the_last_retry_is_waited_for() -> None:
    assert left(10, 10.0, last_due=MONDAY + HOUR) == HOUR


def test_work_rests_outside_of_the_hours() -> None:
    hours = Hours.parse("Mon-Fri 08:00-18:00 UTC")
    # Eight hours are left today; the ninth is tomorrow's first.
    assert left(9, 1 / HOUR, hours=hours) == pytest.approx(23 * HOUR)
    # Saturday and Sunday lie between.
    assert left(51, 1 / HOUR, hours=hours) == pytest.approx(7 * DAY + HOUR - 2 * HOUR + 2 * HOUR)


@given(
    count=st.integers(1, 5000),
    rate=st.floats(0.01, 1000),
    hold=st.floats(0, 3 * DAY),
    due=st.floats(0, 3 * DAY),
    cap=st.none() | st.integers(1, 5000),
)
def test_it_is_never_less_than_what_any_one_of_them_takes(
    count: int, rate: float, hold: float, due: float, cap: int | None
) -> None:
    found = left(count, rate, begins=MONDAY + hold, last_due=MONDAY + due, per_day=cap)
    if found is None:
        return
    assert found >= max(hold, due) - 1e-3
    if cap is None:
        assert found >= hold + count / rate - 1e-3
    else:
        assert found >= hold + (count - 1) // cap * DAY - 1e-3
