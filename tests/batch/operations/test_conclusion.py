"""What a run came to: what has to be seen to first, and in words."""

from smtptui.batch import BatchState, Conclusion, EndKind, RecipientState, Tally, conclude, conclusion_sentence


def tally(**counts: int) -> Tally:
    return Tally({RecipientState(name): number for name, number in counts.items()})


def test_a_connection_that_could_not_be_opened_can_be_looked_at() -> None:
    said = conclusion_sentence("news", BatchState.PAUSED, "refused", tally(pending=1), unopened=True)
    assert "“smtptui batch errors news” shows the attempt." in said
    said = conclusion_sentence("news", BatchState.PAUSED, "refused", tally(failed=1, pending=1), unopened=True)
    assert said.count("batch errors") == 1


def test_what_was_in_flight_when_the_journal_failed_is_said() -> None:
    left = tally(sent=3, inflight=2, pending=1)
    assert "2 inflight" in conclusion_sentence("news", BatchState.PAUSED, "the disk is full", left)
    assert "the next run finds them uncertain" in conclusion_sentence(
        "news", BatchState.PAUSED, "the disk is full", left
    )
    assert conclude(left, EndKind.JOURNAL) is Conclusion.JOURNAL
    assert conclude(left) is Conclusion.UNCERTAIN


def test_the_words_have_the_numbers_and_what_to_do_next() -> None:
    said = conclusion_sentence("news", BatchState.PAUSED, "interrupted by SIGINT", tally(sent=3, failed=1, uncertain=2))
    assert said.startswith(
        "Batch news is paused: interrupted by SIGINT. 3 of 6 recipients sent, 1 failed, 2 uncertain."
    )
    for verb in ("errors", "resolve", "resume"):
        assert f"batch {verb} news" in said
    assert (
        conclusion_sentence("news", BatchState.DONE, "", tally(sent=1)) == "Batch news is done. 1 of 1 recipient sent."
    )
    asked = conclusion_sentence("news", BatchState.PAUSED, "is the server running?", tally(pending=1))
    assert asked.startswith("Batch news is paused: is the server running? 0 of 1 recipient sent, 1 pending.")
