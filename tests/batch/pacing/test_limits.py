"""Limits from options, profile and defaults, divided among machines; and when somebody is tried again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import LimitSettings, Shard
from smtptui.batch.pacing import Limits, Pacer, Retries, limits_of
from smtptui.profiles import Limits as ProfileLimits


def test_a_relay_nobody_has_said_more_about_gets_two_connections() -> None:
    limits = limits_of(LimitSettings())
    assert limits.connections == 2
    pacer = Pacer(limits, random=Random(1), now=0.0)
    pacer.offer(1, "good.test")
    assert pacer.limited_by(0.0) == "2 connections, the default for a relay nobody has said more about"


def test_options_say_more_than_the_profile() -> None:
    profile = ProfileLimits(per_minute=30, connections=3, per_day=500)
    limits = limits_of(LimitSettings(per_minute=10), profile)
    assert (limits.per_minute, limits.connections, limits.per_day) == (10, 3, 500)
    assert limits.origin("per_minute") == "as asked for"
    assert limits.origin("connections") == "as the profile says"


@given(st.integers(1, 12), st.integers(12, 1000), st.integers(12, 60))
def test_machines_together_have_what_one_would_have(of: int, per_day: int, connections: int) -> None:
    settings = LimitSettings(per_day=per_day, connections=connections, per_minute=30)
    shards = [limits_of(settings, None, Shard(number=number, of=of)) for number in range(1, of + 1)]
    assert sum(each.per_day or 0 for each in shards) == per_day
    assert sum(each.connections for each in shards) == connections
    assert sum(each.per_minute or 0 for each in shards) <= 30.001


def test_retries_come_less_and_less_often_and_keep_to_what_the_server_says() -> None:
    retries, random = Retries(Limits(max_age=86400)), Random(1)
    waits = [retries.next_at(attempt, 0.0, None, random) / 60 for attempt in range(1, 9)]
    for wait, minutes in zip(waits, (5, 15, 30, 60, 120, 240, 240, 240), strict=True):
        assert 0.8 * minutes <= wait <= 1.2 * minutes
    assert 310 <= retries.next_at(1, 0.0, 300.0, random) <= 345
    assert not retries.expired(0.0, 86400.0)
    assert retries.expired(0.0, 86401.0)
    # A batch that was paused for a weekend: two attempts account for minutes, not for days.
    assert not retries.expired(0.0, 3 * 86400.0, 2)
    assert retries.expired(0.0, 3 * 86400.0, 12)
