"""A batch is taken in hand to change it: a process that waits is asked to end, and what is recovered is known of."""

import itertools
import shutil
from pathlib import Path

import pytest

from smtptui.batch import BatchState, Holder, Journal, JournalBusy, RecipientState, RunnerLock, recover, taken_over
from tests.batch.operations.test_repeats import NOW, look, make, people, sent_to

PENDING, UNCERTAIN = RecipientState.PENDING, RecipientState.UNCERTAIN


def holder(folder: Path) -> Holder:
    """Somebody whose clock goes a second forward whenever it is looked at."""
    seconds = itertools.count()
    return Holder(
        folder / "shared.sqlite", 2, "here", now=lambda: NOW, clock=lambda: next(seconds), sleep=lambda _: None
    )


def test_a_process_that_waits_and_does_not_end_is_told_of(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(2))
    with Journal.open(path) as journal:
        journal.set_state(BatchState.RUNNING, now=NOW)
        journal.set_state(BatchState.PAUSED, now=NOW)
    with RunnerLock(path, pid=1, host="here"):
        waits = pytest.raises(JournalBusy, match="was asked to end and has not ended yet")
        with waits, taken_over(path, holder(tmp_path), doing="being changed"):
            pass
        with Journal.open(path) as journal:
            journal.set_state(BatchState.RUNNING, now=NOW)
        sends = pytest.raises(JournalBusy, match="being sent by process 1")
        with sends, taken_over(path, holder(tmp_path), doing="being changed"):
            pass


def test_who_is_uncertain_after_a_recovery_is_known_to_the_next_batch(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(4))
    older = shutil.copy(path, tmp_path / "older")
    assert look(tmp_path, people(4))[0].repeated == 0
    with Journal.open(path, shared=tmp_path / "shared.sqlite") as journal:
        journal.decide(list(sent_to(4)), [PENDING], UNCERTAIN, now=NOW)
    shutil.copy(older, path)
    done = recover(path, holder(tmp_path))
    assert done.doubted is not None
    assert done.doubted.uncertain == 4
    survey, _ = look(tmp_path, people(4))
    assert (survey.repeated, survey.earlier[0].uncertain, survey.earlier[0].last >= NOW) == (4, 4, True)
