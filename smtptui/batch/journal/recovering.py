"""Recovering a damaged journal: nobody is pending in it any more who may have the message already."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal import reading
from smtptui.batch.journal.errors import damaged
from smtptui.batch.journal.schema import layout, names, transaction
from smtptui.batch.journal.wholeness import content_fault
from smtptui.batch.journal.witness import RETIRED
from smtptui.batch.model import OPEN, BatchState, RecipientState

DAMAGE = "damage"
"""The reason of whoever is uncertain because the journal was damaged."""
BROKEN = "damaged row"
"""The reason of whoever is skipped because what the row says can no longer be trusted."""
_STARTED = "recovered after damage"
_REVIVED = (RecipientState.FAILED, RecipientState.SKIPPED)
"""The states from which “retry” and “correct” bring somebody back."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """What became of the recipients of a journal that was recovered."""

    uncertain: int
    """Who may have the message, or not."""
    skipped: int
    """Whose rows are damaged, so that nobody can say to whom the message would go."""
    unsent: int
    """Who provably does not have it, and is still to be sent to."""


def doubt(
    connection: sqlite3.Connection,
    path: Path,
    *,
    identity: str,
    reach: int,
    revived: bool,
    now: float,
    before_commit: Callable[[], None],
) -> Doubted:
    """Make a journal one that can be sent from, in one transaction. Raises :class:`JournalError`.

    Uncertain is whoever is not decided and has a number up to ``reach``, and whoever is in a state that there is not.
    With ``revived`` somebody who had failed or was skipped was made pending later, which this journal does not know: it
    is not said who, so all of these are uncertain.
    ``before_commit`` is called once all has gone well; what it raises changes nothing.
    """
    with transaction(connection, path):
        _lay_out_again(connection)
        known = names(RecipientState)
        undecided = names({*OPEN, RecipientState.INFLIGHT})
        doubtful = names({*OPEN, RecipientState.INFLIGHT, *(_REVIVED if revived else ())})
        # Rows whose numbers were damaged: those who lost theirs are in doubt, too.
        connection.execute("DELETE FROM standing WHERE seq NOT IN (SELECT seq FROM recipient)")
        connection.execute(
            "INSERT INTO standing (seq, state, destination) SELECT seq, '?', 'unknown' FROM recipient "
            "WHERE seq NOT IN (SELECT seq FROM standing)"
        )
        uncertain = connection.execute(
            f"UPDATE standing SET state = 'uncertain', reason = ?, began = 0, next_at = 0 "  # noqa: S608
            f"WHERE state NOT IN ({known}) OR state = 'inflight' OR (state IN ({doubtful}) AND seq <= ?)",
            (DAMAGE, min(reach, RETIRED)),
        ).rowcount
        skipped = 0
        for seq in list(reading.broken_rows(connection)):
            skipped += connection.execute(
                f"UPDATE standing SET state = 'skipped', reason = ? "  # noqa: S608
                f"WHERE seq = ? AND state IN ({undecided}, 'uncertain', 'failed')",
                (BROKEN, seq),
            ).rowcount
        connection.execute("DELETE FROM tally")
        counted = reading.recount(connection)
        connection.executemany(
            "INSERT INTO tally VALUES (?, ?)", [(state.value, counted[state]) for state in RecipientState]
        )
        connection.execute("UPDATE progress SET identity = ?, commits = 0", (identity,))
        connection.execute("UPDATE batch SET open = 0")
        (word,) = connection.execute("SELECT state FROM batch").fetchone()
        state = BatchState(word)
        if state is BatchState.RUNNING or (not state.started and uncertain):
            # Messages went out that the journal knows nothing of: it is no longer at its beginning.
            connection.execute(
                "UPDATE batch SET state = ?, reason = ?, changed = ?", (BatchState.PAUSED, _STARTED, now)
            )
        if (why := content_fault(path, connection)) is not None:
            raise damaged(path, why.rstrip("."))
        before_commit()
    return Doubted(counted[RecipientState.UNCERTAIN], skipped, sum(counted[state] for state in OPEN))


def _lay_out_again(connection: sqlite3.Connection) -> None:
    """Indexes, triggers and views again, whatever became of them: the rows are all that is trusted."""
    for kind, name in connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL AND type <> 'trigger'"
    ).fetchall():
        # Their triggers go with them.
        connection.execute(f'DROP {kind} IF EXISTS "{name}"')
    connection.execute("DROP TRIGGER IF EXISTS tallied")
    for statement in layout().values():
        connection.execute(statement)
