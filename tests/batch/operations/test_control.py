"""Pausing, resuming and cancelling, asked of the core alone."""

from pathlib import Path

import pytest

from smtptui.batch import (
    BatchError,
    BatchErrorKind,
    BatchState,
    Journal,
    Request,
    RunnerLock,
    Waiting,
    cancel,
    pause,
    resume,
)
from tests.cli.batch.journals import NOW, make_journal, recipient


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.at = 0.0

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    @property
    def waiting(self) -> Waiting:
        return Waiting(lambda: NOW, lambda: self.at, self.sleep)


def test_without_a_runner_the_journal_is_told_at_once(tmp_path: Path) -> None:
    with Journal.open(make_journal(tmp_path, "news", recipient("a@good.test"))) as journal:
        with pytest.raises(BatchError, match=r"not being sent \(draft\)") as caught:
            pause(journal)
        assert caught.value.kind is BatchErrorKind.STATE
        journal.set_state(BatchState.RUNNING, now=NOW)
        assert pause(journal).done == "paused"
        assert journal.facts().state is BatchState.PAUSED
        assert pause(journal).sentence == "Batch news is paused already."
        done = cancel(journal)
        assert (done.done, journal.facts().state) == ("cancelled", BatchState.CANCELLED)
        assert "For the 1 recipient it did not reach: smtptui batch new --from-batch news" in done.sentence


def test_a_runner_that_does_not_answer_is_waited_for_five_seconds(tmp_path: Path) -> None:
    path, clock = make_journal(tmp_path, "news", recipient("a@good.test")), Clock()
    with Journal.open(path) as journal, RunnerLock(path, pid=1, host="here"):
        done = pause(journal, clock.waiting)
        assert (done.done, journal.asked()) == ("asked", Request.PAUSE)
        assert "has not confirmed yet" in done.sentence
        assert 5.0 <= clock.at < 5.2
        # What it was asked is not done yet, so the state is the runner's.
        assert journal.facts().state is BatchState.DRAFT


def test_a_runner_that_answers_has_done_it(tmp_path: Path) -> None:
    path = make_journal(tmp_path, "news", recipient("a@good.test"))
    with Journal.open(path) as journal, Journal.open(path) as runners, RunnerLock(path, pid=1, host="here"):
        waiting = Waiting(lambda: NOW, lambda: 0.0, lambda _: runners.forget_asked(NOW + 1))
        assert resume(journal, waiting).sentence == "Batch news is resumed."
        assert cancel(journal, waiting).sentence == "Batch news is cancelled. What is on its way is finished first."
