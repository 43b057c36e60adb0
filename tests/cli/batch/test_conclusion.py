"""What a run came to, as an exit code and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.batch import BatchState, EndKind, RecipientState, Tally
from smtptui.cli.batch.conclusion import conclusion, exit_code


def tally(**counts: int) -> Tally:
    return Tally({RecipientState(name): number for name, number in counts.items()})


@pytest.mark.parametrize(
    ("counts", "kind", "code"),
    [
        ({"sent": 9, "skipped": 2, "suppressed": 1}, EndKind.DONE, 0),
        ({"sent": 9, "failed": 1}, EndKind.DONE, 69),
        ({"sent": 9, "failed": 1, "deferred": 1}, EndKind.TEMPORARY, 75),
        ({"sent": 9, "pending": 1}, EndKind.INTERRUPTED, 75),
        ({"sent": 9, "pending": 1}, EndKind.CANCELLED, 75),
        ({"sent": 9, "uncertain": 1, "deferred": 1, "failed": 1}, EndKind.DONE, 76),
        ({"pending": 9, "uncertain": 1}, EndKind.AUTH, 77),
        ({"pending": 9}, EndKind.TLS, 76),
        ({"pending": 9}, EndKind.CONFIGURATION, 78),
        ({"pending": 9}, EndKind.JOURNAL, 74),
        ({"pending": 9, "uncertain": 1}, EndKind.JOURNAL, 76),
        ({"pending": 9, "failed": 3}, EndKind.REFUSED, 75),
    ],
)
def test_the_code_of_an_end(counts: dict[str, int], kind: EndKind, code: int) -> None:
    assert exit_code(tally(**counts), kind) == code


@given(st.dictionaries(st.sampled_from(RecipientState), st.integers(0, 3)), st.sampled_from(EndKind))
def test_only_a_batch_that_is_all_sent_is_well(counts: dict[RecipientState, int], kind: EndKind) -> None:
    bad = set(RecipientState) - {RecipientState.SENT, RecipientState.SKIPPED, RecipientState.SUPPRESSED}
    well = not any(counts.get(state, 0) for state in bad) and kind is EndKind.DONE
    assert (exit_code(Tally(counts), kind) == 0) is well


def test_a_connection_that_could_not_be_opened_can_be_looked_at() -> None:
    said = conclusion("news", BatchState.PAUSED, "refused", tally(pending=1), unopened=True)
    assert "“smtptui batch errors news” shows the attempt." in said
    said = conclusion("news", BatchState.PAUSED, "refused", tally(failed=1, pending=1), unopened=True)
    assert said.count("batch errors") == 1


def test_what_was_in_flight_when_the_journal_failed_is_said() -> None:
    left = tally(sent=3, inflight=2, pending=1)
    assert "2 inflight" in conclusion("news", BatchState.PAUSED, "the disk is full", left)
    assert "the next run finds them uncertain" in conclusion("news", BatchState.PAUSED, "the disk is full", left)
    assert exit_code(left, EndKind.JOURNAL) == 74
    assert exit_code(left) == 76


def test_the_words_have_the_numbers_and_what_to_do_next() -> None:
    said = conclusion("news", BatchState.PAUSED, "interrupted by SIGINT", tally(sent=3, failed=1, uncertain=2))
    assert said.startswith(
        "Batch news is paused: interrupted by SIGINT. 3 of 6 recipients sent, 1 failed, 2 uncertain."
    )
    for verb in ("errors", "resolve", "resume"):
        assert f"batch {verb} news" in said
    assert conclusion("news", BatchState.DONE, "", tally(sent=1)) == "Batch news is done. 1 of 1 recipient sent."
    asked = conclusion("news", BatchState.PAUSED, "is the server running?", tally(pending=1))
    assert asked.startswith("Batch news is paused: is the server running? 0 of 1 recipient sent, 1 pending.")
