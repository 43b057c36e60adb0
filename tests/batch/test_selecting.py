"""Who is chosen is tried again, and nobody else; what cannot be known is decided by name."""

from pathlib import Path

import pytest

from smtptui.batch.groups import grouped
from smtptui.batch.journal import Journal, JournalBusy, JournalError, RunnerLock
from smtptui.batch.model import Attempted, BatchState, Inflight, RecipientState, Tally
from smtptui.batch.operations.deciding import resolve, retry
from smtptui.batch.operations.taking_over import Holder
from smtptui.batch.selecting import Selection
from smtptui.protocol import Stage
from tests.batch.journal.making import create, new

S = RecipientState


def holder(path: Path) -> Holder:
    return Holder(path.parent / "shared.sqlite", 1, "here", now=lambda: 9000.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two failed at a.test, one at b.test with another reply, one deferred, two uncertain, one sent, one pending."""
    recipients = [
        new(number, address=f"User{number}@{domain}", key=f"user{number}@{domain}", destination=destination)
        for number, (domain, destination) in enumerate(
            [("a.test", "a.test"), ("a.test", "a.test"), ("b.test", "big")] + [("c.test", "big")] * 5, 1
        )
    ]
    path = create(tmp_path / "june.sqlite", recipients, shared=tmp_path / "shared.sqlite")

    def ended(seq: int, state: S, code: int | None, reply: str, **rest: object) -> Attempted:
        return Attempted(seq, state, 2000.0, 2001.0, Stage.RCPT, code, "", reply, **rest)  # type: ignore[arg-type]

    with Journal.open(path) as journal:
        journal.apply(
            [
                ended(1, S.FAILED, 550, "<User1@a.test>: no such user"),
                ended(2, S.FAILED, 550, "<User2@a.test>: no such user"),
                ended(3, S.FAILED, 554, "too much spam"),
                ended(4, S.DEFERRED, 450, "try later", next_at=5000.0),
                ended(5, S.UNCERTAIN, None, "the connection was lost"),
                ended(6, S.UNCERTAIN, None, "the connection was lost"),
                ended(7, S.SENT, 250, "queued as X"),
            ]
        )
        journal.set_state(BatchState.RUNNING, now=2000.0)
        journal.set_state(BatchState.DONE, now=3000.0)
    return path


def states(path: Path) -> str:
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally() == journal.recount()
        return " ".join(recipient.state[0] for recipient in journal.recipients())


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ({}, "p p p p u u s p"),
        ({"states": ["failed"]}, "p p p d u u s p"),
        ({"states": ["deferred"]}, "f f f p u u s p"),
        ({"addresses": ["USER2@A.test", "user3@b.test"]}, "f p p d u u s p"),
        ({"domains": ["@A.TEST"]}, "p p f d u u s p"),
        ({"domains": ["c.test"], "states": ["failed"]}, "f f f d u u s p"),
        ({"domains": ["a.test"], "addresses": ["user3@b.test"]}, "f f f d u u s p"),
        # What is uncertain or sent is not tried again by this, whatever is asked.
        ({"states": ["uncertain"]}, "f f f d u u s p"),
        ({"addresses": ["user7@c.test"]}, "f f f d u u s p"),
        ({"groups": ["zz"]}, "f f f d u u s p"),
    ],
)
def test_those_who_fit_everything_are_tried_again(path: Path, asked: dict[str, list[str]], after: str) -> None:
    before = states(path)
    changed = retry(path, Selection.of(**asked), holder(path)).number
    assert states(path) == after
    assert changed == sum(x != y for x, y in zip(before.split(), after.split(), strict=True))
    with Journal.open(path, readonly=True) as journal:
        assert journal.facts().state is (BatchState.PAUSED if changed else BatchState.DONE)


def test_a_group_is_chosen_by_its_id_or_how_it_begins(path: Path) -> None:
    with Journal.open(path, readonly=True) as journal:
        ids = {summary.group.code: summary.group.id for summary in grouped(journal.standings([S.FAILED]))}
    assert retry(path, Selection.of(groups=[ids[550][:5].upper()]), holder(path)).number == 2
    assert states(path) == "p p f d u u s p"


def test_a_retry_begins_anew_and_keeps_what_was(path: Path) -> None:
    retry(path, Selection(), holder(path))
    with Journal.open(path, readonly=True) as journal:
        again = journal.recipient(4)
        assert (again.attempts, again.next_at, again.first_at, again.reason) == (0, 0.0, 0.0, "")
        assert [attempt.reply for attempt in journal.attempts(4)] == ["try later"]
        assert [r.seq for r in journal.due(0.0, limit=10)] == [1, 2, 3, 4, 8]


def test_the_uncertain_are_sent_to_again_or_taken_as_sent(path: Path) -> None:
    with Journal.open(path, readonly=True) as journal:
        token = journal.recipient(5).token
    assert resolve(path, Selection.of(addresses=["user5@c.test"]), holder=holder(path), resend=True).number == 1
    assert resolve(path, Selection(), holder=holder(path), resend=False).number == 1
    assert states(path) == "f f f d p s s p"
    with Journal.open(path, readonly=True) as journal:
        # The token makes the Message-ID: the same as the first time.
        assert journal.recipient(5).token == token
        assert journal.recipient(6).reason == "assumed"


def test_what_was_in_flight_when_a_runner_died_is_uncertain_and_can_be_resolved(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.apply([Inflight(8, 4000.0)])
    assert retry(path, Selection.of(addresses=["user8@c.test"]), holder(path)).number == 0
    assert resolve(path, Selection.of(addresses=["user8@c.test"]), holder=holder(path), resend=True).number == 1


def test_nothing_is_changed_under_a_runner(path: Path) -> None:
    with RunnerLock(path, pid=4711, host="there"), pytest.raises(JournalBusy, match="process 4711 on there"):
        retry(path, Selection(), holder(path))
    assert states(path) == "f f f d u u s p"


def test_a_cancelled_batch_sends_to_nobody(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.set_state(BatchState.PAUSED, now=4000.0)
        journal.set_state(BatchState.CANCELLED, now=4000.0)
    with pytest.raises(JournalError, match="is cancelled"):
        retry(path, Selection(), holder(path))
    assert resolve(path, Selection(), holder=holder(path), resend=False).number == 2
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally() == Tally(dict.fromkeys(S, 0) | {S.FAILED: 3, S.DEFERRED: 1, S.SENT: 3, S.PENDING: 1})
