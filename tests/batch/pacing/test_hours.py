"""Sending hours by the clock on the wall: days, midnight, and clocks that are set."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch.pacing import Hours, HoursError

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_days_of_the_week_count_by_the_clock_there() -> None:
    hours = Hours.parse("Mon-Fri 08:00-18:00 Europe/Berlin")
    assert hours.open(at("2026-11-25T08:00"))
    assert not hours.open(at("2026-11-25T18:00"))
    assert not hours.open(at("2026-11-28T12:00"))
    assert hours.next_open(at("2026-11-27T18:00")) == at("2026-11-30T08:00")


def test_hours_past_midnight_belong_to_the_day_they_begin_on() -> None:
    hours = Hours.parse("Sat 22:00-02:00 Europe/Berlin")
    assert hours.open(at("2026-11-28T23:00"))
    assert hours.open(at("2026-11-29T01:59"))
    assert not hours.open(at("2026-11-28T01:00"))
    assert not hours.open(at("2026-11-29T22:30"))


def test_several_spans() -> None:
    hours = Hours.parse("Mon-Thu 08:00-12:00, 13:00-17:00, Fri 09:00-11:00 Europe/Berlin")
    assert not hours.open(at("2026-11-25T12:30"))
    assert hours.next_open(at("2026-11-25T12:30")) == at("2026-11-25T13:00")
    assert not hours.open(at("2026-11-27T08:30"))


def test_an_hour_that_a_day_does_not_have_is_passed_over() -> None:
    hours = Hours.parse("02:00-02:30 Europe/Berlin")
    # On 29 March 2026 the clock goes from 02:00 to 03:00.
    assert hours.next_open(at("2026-03-29T01:30")) == at("2026-03-30T02:00")


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(["08:00-18:00", "Mon-Fri 22:00-06:00", "Sat,Sun 10:00-12:00", "Wed 02:15-02:45", "00:00-24:00"]),
    st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 10)),
)
def test_before_the_next_opening_nothing_is_open(text: str, moment: datetime) -> None:
    hours = Hours.parse(text.replace("Sat,Sun", "Sat Sun"), BERLIN)
    now = moment.replace(tzinfo=UTC).timestamp()
    opens = hours.next_open(now)
    assert hours.open(opens)
    step = max(61.0, (opens - now) / 200)
    while now < opens - 1:
        assert not hours.open(now)
        now += step


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("8-18", "form"),
        ("Mon-Fry 08:00-18:00", "Mon-Fry"),
        ("08:00-25:00", "no clock"),
        ("08:00-08:00", "none"),
        ("08:00-18:00 Europe/Atlantis", "Europe/Atlantis"),
        ("", "form"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, word: str) -> None:
    with pytest.raises(HoursError, match=word):
        Hours.parse(text)
