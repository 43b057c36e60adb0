"""Waves: judged on enough evidence, gone on with where they were, and a resume is an answer."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import RecipientState
from smtptui.batch.pacing import Action, Consequence, Ground, Limits, Scope
from smtptui.batch.pacing.waves import Stop, Waves, largest_share, least_share

SENT, FAILED, DEFERRED = RecipientState.SENT, RecipientState.FAILED, RecipientState.DEFERRED


def refused(key: str = "550 unknown") -> Consequence:
    return Consequence(Scope.RECIPIENT, Action.FAIL, reason=key, key=key, ground=Ground.WORDS)


def content(key: str = "554 spam") -> Consequence:
    return Consequence(Scope.MESSAGE, Action.ASIDE, reason=key, key=key)


def sent_to(waves: Waves, states: str) -> Stop | None:
    """Send to as many as there are letters: s for sent, f for failed, d for deferred; the first stop."""
    for number, letter in enumerate(states):
        waves.begun()
        if letter == "s":
            stop = waves.ended(SENT, None)
        elif letter == "f":
            stop = waves.ended(FAILED, refused(f"550 {number}"))
        else:
            stop = waves.ended(DEFERRED, None)
        if stop is not None:
            return stop
    return None


def test_two_of_twenty_may_be_chance_and_five_are_not() -> None:
    assert sent_to(Waves(Limits()), "s" * 18 + "ff") is None
    stop = sent_to(Waves(Limits()), "s" * 15 + "fffff")
    assert stop is not None
    assert "5 of 20 recipients were refused" in stop.reason


@given(st.integers(0, 400), st.integers(1, 400))
def test_the_bounds_are_around_the_share(bad: int, more: int) -> None:
    of = bad + more
    assert 0 <= least_share(bad, of) <= bad / of <= largest_share(bad, of) <= 1


def test_a_share_that_somebody_has_seen_pauses_again_only_if_it_gets_worse() -> None:
    limits = Limits()
    first = Waves(limits)
    assert sent_to(first, "sssf" * 5) is not None
    second = Waves(limits, first.memory())
    assert (second.number, second.size) == (2, 60)
    assert sent_to(second, "sssf" * 200) is None
    assert second.size > 60
    assert sent_to(second, "f" * 400) is not None


@pytest.mark.parametrize("seed", range(20))
def test_a_list_with_a_quarter_unknown_wants_few_resumes(seed: int) -> None:
    random = Random(seed)
    rows = "".join(random.choice("sssf") for _ in range(400))
    memory, resumes, done = "", 0, 0
    while done < len(rows):
        waves = Waves(Limits(), memory)
        for letter in rows[done:]:
            done += 1
            if sent_to(waves, letter) is not None and done < len(rows):
                resumes += 1
                break
        memory = waves.memory()
    assert resumes <= 2


def test_a_wave_is_gone_on_with_after_a_pause_by_hand() -> None:
    limits = Limits(canary=10, wave_factor=2)
    before = Waves(limits)
    assert sent_to(before, "s" * 14) is None
    after = Waves(limits, before.memory())
    assert (after.number, after.size, after.waiting) == (2, 20, False)
    assert sent_to(after, "s" * 15) is None
    assert not after.waiting
    assert sent_to(after, "s") is None
    assert after.number == 3


def test_another_threshold_counts_from_the_next_run_on() -> None:
    first = Waves(Limits())
    assert sent_to(first, "sssf" * 5) is not None
    assert sent_to(Waves(Limits(max_failed=0.5)), "sssf" * 100) is None


def test_content_refused_in_the_same_words_pauses_after_a_few_and_is_then_known() -> None:
    first = Waves(Limits())
    for _ in range(3):
        first.begun()
    assert [first.aside(content()) is not None for _ in range(3)] == [False, False, True]
    second = Waves(Limits(), first.memory())
    stops = []
    for _ in range(10):
        second.begun()
        stops.append(second.aside(content()) is not None)
    assert stops == [False] * 9 + [True]


def test_an_accepted_message_between_them_tells_that_content_is_not_refused_everywhere() -> None:
    waves = Waves(Limits(canary=0))
    for _ in range(10):
        waves.begun()
        assert waves.aside(content()) is None
        assert sent_to(waves, "s") is None


def test_a_reply_that_is_not_understood_pauses_once() -> None:
    odd = Consequence(Scope.BATCH, Action.PAUSE, reason="599 what", key="599 what", understood=False)
    first = Waves(Limits())
    first.begun()
    assert first.aside(odd) is not None
    second = Waves(Limits(), first.memory())
    second.begun()
    assert second.aside(odd) is None


@given(st.text())
def test_a_memory_that_cannot_be_read_is_forgotten(memory: str) -> None:
    assert Waves(Limits(), memory).number == 1
