"""A recipient gets another address as if the list had had it, and nobody gets anything twice by that."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from smtptui.batch import (
    BatchSettings,
    BatchState,
    Corrected,
    CorrectionError,
    Holder,
    Journal,
    JournalBusy,
    ListSettings,
    RecipientState,
    Relay,
    RunnerLock,
    Shared,
    check_rows,
    correct,
)
from smtptui.batch.lists import Row
from smtptui.batch.model import Attempted
from smtptui.protocol import Connection
from tests.batch.operations.test_repeats import NOW, TEMPLATE, message_of

ROWS = [
    ("Ann", "ann@good.test"),
    ("Bob", "Bob Low <bob@gmial.com>"),
    ("Cy", "broken"),
    ("Di", "di@good.test"),
    ("Ed", "info@good.test"),
    ("Flo", "ANN@good.test"),
]
PENDING, SKIPPED = RecipientState.PENDING, RecipientState.SKIPPED


def make(folder: Path, rows: Sequence[tuple[str, str]] = tuple(ROWS), **rules: Any) -> Path:
    path = folder / "june.sqlite"
    settings = BatchSettings(
        list=ListSettings(address_column="email", **rules),
        message=message_of(folder),
        relay=Relay(connection=Connection("127.0.0.1")),
    )
    tokens = iter(range(100))
    with Journal.create(
        path, name="june", columns=("name", "email"), settings=settings.to_json(), documents={"template": TEMPLATE},
        now=NOW, token=lambda: f"token{next(tokens)}", shared=folder / "shared.sqlite",
    ) as journal:  # fmt: skip
        journal.add(check_rows([Row(line, row) for line, row in enumerate(rows, 2)], 1, 2))
    return path


def change(path: Path, old: str, new: str) -> Corrected:
    return correct(path, old, new, Holder(path.parent / "shared.sqlite", 1, "here", now=lambda: NOW))


def row(path: Path, seq: int) -> tuple[Any, ...]:
    with Journal.open(path, readonly=True) as journal:
        assert journal.tally().counts == journal.recount().counts
        one = journal.recipient(seq)
        return one.state, one.address, one.key, one.destination, one.values


@pytest.mark.parametrize(
    ("seq", "old", "name"),
    [(1, "ann@good.test", "Ann"), (2, "bob@GMIAL.com", "Bob"), (3, "broken", "Cy"), (5, "info@good.test", "Ed")],
)
def test_envelope_and_row_say_the_new_one(seq: int, old: str, name: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    if seq == 1:
        with Journal.open(path) as journal:
            failed = Attempted(1, RecipientState.FAILED, NOW, NOW, reply="no such user")
            journal.apply([failed])
    assert change(path, old, " New.One@Other.Test ").seqs == (seq,)
    assert row(path, seq) == (
        PENDING, "New.One@other.test", "new.one@other.test", "other.test", (name, "New.One@Other.Test"),
    )  # fmt: skip
    with Journal.open(path, readonly=True) as journal:
        # What was said of the old one is not forgotten, and does not count.
        assert (len(journal.attempts(1)), journal.recipient(seq).attempts) == (seq == 1, 0)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("zed@good.test", "new@good.test", "has no recipient zed@good.test"),
        ("ann@good.test", "x y@z", "cannot be sent to: no valid address"),
        ("ann@good.test", "new@gmial.com", "looks like gmail.com"),
        ("ann@good.test", "postmaster@good.test", "--allow-roles"),
        ("ann@good.test", "gone@good.test", "on the suppression list"),
        ("ann@good.test", "DI@good.test", "is a recipient already (line 5, pending)"),
        ("broken", "ann@good.test", "is a recipient already (line 2, pending)"),
    ],
)
def test_the_new_one_has_to_be_one_that_new_takes(old: str, new: str, why: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    with Shared(tmp_path / "shared.sqlite") as shared:
        shared.suppress(["gone@good.test"], "asked", "user", now=NOW)
    before = [row(path, seq) for seq in range(1, 7)]
    with pytest.raises(CorrectionError) as error:
        change(path, old, new)
    assert why in str(error.value)
    assert [row(path, seq) for seq in range(1, 7)] == before


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (RecipientState.SENT, "was sent there already"),
        (RecipientState.UNCERTAIN, "smtptui batch resolve june --assume-sent"),
        (RecipientState.SUPPRESSED, "suppression list"),
    ],
)
def test_who_has_it_or_may_have_it_keeps_the_address(state: RecipientState, why: str, tmp_path: Path) -> None:
    path = make(tmp_path, ROWS[:1])
    with Journal.open(path) as journal:
        journal.apply([Attempted(1, state, NOW, NOW)])
    with pytest.raises(CorrectionError, match=why):
        change(path, "ann@good.test", "new@good.test")


def test_not_while_it_is_sent_nor_after_it_was_cancelled(tmp_path: Path) -> None:
    path = make(tmp_path)
    with RunnerLock(path, pid=2, host="there"), pytest.raises(JournalBusy, match="process 2 on there"):
        change(path, "ann@good.test", "new@good.test")
    with Journal.open(path) as journal:
        journal.set_state(BatchState.CANCELLED, now=NOW)
    with pytest.raises(CorrectionError, match="smtptui batch new --from-batch june"):
        change(path, "ann@good.test", "new@good.test")


def test_a_batch_that_was_done_goes_on(tmp_path: Path) -> None:
    path = make(tmp_path, ROWS[:1])
    with Journal.open(path) as journal:
        journal.set_state(BatchState.RUNNING, now=NOW)
        journal.apply([Attempted(1, RecipientState.FAILED, NOW, NOW)])
        journal.set_state(BatchState.DONE, now=NOW)
    change(path, "ann@good.test", "new@good.test")
    with Journal.open(path, readonly=True) as journal:
        assert (journal.facts().state, journal.tally().open) == (BatchState.PAUSED, 1)
