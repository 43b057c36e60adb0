"""Who is left of a batch becomes another one, and only that one sends to them."""

from pathlib import Path

import pytest

from smtptui.batch import (
    LEFT,
    BatchState,
    Holder,
    Inflight,
    Journal,
    JournalBusy,
    Leftovers,
    RecipientState,
    RunnerLock,
    Selection,
    Shared,
    retry,
)
from tests.batch.operations.test_repeats import NOW, make, people

PENDING, DEFERRED, FAILED = RecipientState.PENDING, RecipientState.DEFERRED, RecipientState.FAILED
SENT, SKIPPED, UNCERTAIN = RecipientState.SENT, RecipientState.SKIPPED, RecipientState.UNCERTAIN


def holder(folder: Path) -> Holder:
    return Holder(folder / "shared.sqlite", 1, "here", now=lambda: NOW)


def states(path: Path) -> list[tuple[RecipientState, str]]:
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally().counts == journal.recount().counts
        return [(each.state, each.reason) for each in journal.standings()]


def test_who_is_left_is_moved_and_who_failed_stays_for_the_record(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(5), {1: SENT, 2: FAILED, 3: DEFERRED, 4: UNCERTAIN})
    with Journal.open(path) as journal:
        journal.set_state(BatchState.RUNNING, now=NOW)
        journal.set_state(BatchState.PAUSED, now=NOW)
    with Leftovers(path, LEFT, holder(tmp_path)) as left:
        assert [(row.line, row.values) for row in left] == [
            (line, (f"user{line - 2}@good.test",)) for line in (3, 4, 6)
        ]
        assert len(left.sample(2)) == 2
        # Nobody sends meanwhile.
        with pytest.raises(JournalBusy, match="being made into another batch"), RunnerLock(path, pid=2, host="there"):
            pass
        assert left.move("members-2") == 3
    moved = (SKIPPED, "moved to members-2")
    assert states(path) == [(SENT, ""), (FAILED, "moved to members-2"), moved, (UNCERTAIN, ""), moved]
    with Journal.open(path, readonly=True) as journal:
        assert journal.facts().state is BatchState.DONE
    make(tmp_path, "members-2", people(3, 1))
    # They are not left over a second time, whatever is asked for, and the old batch does not try them again.
    with Leftovers(path, (*LEFT, SKIPPED), holder(tmp_path)) as left:
        assert list(left) == []
    assert retry(path, Selection.of(), holder(tmp_path)).number == 0


def test_who_was_moved_to_a_batch_that_is_gone_is_left_again_unless_it_sent(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(4), {2: FAILED})
    shared = tmp_path / "shared.sqlite"
    with Leftovers(path, LEFT, holder(tmp_path)) as left:
        assert left.move("gone") == 4
    with Shared(shared) as file:
        mailing = file.acceptances.begin("gone", NOW, "hash")
        file.acceptances.add(mailing, people(1), NOW, unsure=False)
    with Leftovers(path, LEFT, holder(tmp_path)) as left:
        assert [row.values[0] for row in left] == people(3, 1)
        assert left.move("members-2") == 3
    assert states(path) == [
        (SKIPPED, "moved to gone"), (FAILED, "moved to members-2"), *[(SKIPPED, "moved to members-2")] * 2,
    ]  # fmt: skip


def test_what_a_killed_runner_had_in_flight_is_not_left_over(tmp_path: Path) -> None:
    path = make(tmp_path, "members", people(2))
    with Journal.open(path) as journal:
        journal.apply([Inflight(1, NOW)])
    with Leftovers(path, LEFT, holder(tmp_path)) as left:
        assert [row.line for row in left] == [3]
    assert [state for state, _ in states(path)] == [UNCERTAIN, PENDING]
