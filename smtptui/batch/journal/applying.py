"""Operations written into the journal: a group of the usual size is one statement, and that is its own transaction.

Around every call of SQLite the interpreter's lock is given up and asked for again, which under load costs far more
than what is written.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

from smtptui.batch.journal.errors import JournalError, telling
from smtptui.batch.journal.life import may_follow
from smtptui.batch.journal.reading import seal
from smtptui.batch.journal.records import Answered, FailedOpening, Heartbeat, Operation, PaceMemory, StateChange
from smtptui.batch.journal.schema import COUNTED, FOREIGN, names, transaction
from smtptui.batch.model import Attempted, BatchState, Inflight, NewRecipient, RecipientState

Parameter = str | float | None
Other = StateChange | Heartbeat | Answered | FailedOpening | PaceMemory
"""What is written one by one."""

_HEARTBEAT = "INSERT OR REPLACE INTO heartbeat VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = 15
_MOST = 49
"""How many rows one statement takes. There is a text for every number up to it, which SQLite keeps prepared."""
_NOBODY = (0.0, 0.0, None, None, "", "", "", "", "", "", "", 0.0, False)
_NOTHING = (0.0, None, None, "", "", "", "", "", "", "", 0.0, False)


def write(
    connection: sqlite3.Connection, operations: Iterable[Operation], path: Path, *, commits: int | None = None
) -> None:
    """Write ``operations`` in their order, all or none, durably. Those that are written one by one come last.

    ``commits`` is what the journal has counted with this one; without it, one more than before. Raises
    :class:`JournalError`, also where an operation does not fit what the journal has.
    """
    rows, others = _sorted(operations)
    if commits is not None:
        rows.append((commits, COUNTED, *_NOBODY))
        if not others and len(rows) <= _MOST:
            with telling(path):
                _post(connection, rows, path)
            return
    with transaction(connection, path):
        if commits is None:
            count(connection)
        for start in range(0, len(rows), _MOST):
            _post(connection, rows[start : start + _MOST], path)
        for operation in others:
            match operation:
                case StateChange():
                    change_state(connection, operation, path)
                case Heartbeat():
                    _heartbeat(connection, operation)
                case FailedOpening(at, server, sentence, dialogue):
                    kept = (at, text(server), text(sentence), text(dialogue))
                    connection.execute("INSERT OR REPLACE INTO opening VALUES (1, ?, ?, ?, ?)", kept)
                case PaceMemory(kept_text):
                    connection.execute("INSERT OR REPLACE INTO pace VALUES (1, ?)", (text(kept_text),))
                case Answered():
                    connection.execute("DELETE FROM control WHERE request = ?", (operation.request,))


def count(connection: sqlite3.Connection) -> None:
    """Count one more commit; inside a transaction, and only for whoever has the lock."""
    connection.execute("UPDATE progress SET commits = commits + 1")


def _sorted(operations: Iterable[Operation]) -> tuple[list[tuple[Parameter, ...]], list[Other]]:
    rows: list[tuple[Parameter, ...]] = []
    others: list[Other] = []
    for o in operations:
        if isinstance(o, Attempted):
            rows.append(
                (
                    o.seq, o.state, o.began, o.ended, o.stage, o.code, o.enhanced, text(o.reply), text(o.reason),
                    text(o.queue_id), text(o.host), text(o.timings), text(o.transcript), o.next_at, o.counts,
                )
            )  # fmt: skip
        elif isinstance(o, Inflight):
            rows.append((o.seq, RecipientState.INFLIGHT, o.at, *_NOTHING))
        else:
            others.append(o)
    return rows, others


def _post(connection: sqlite3.Connection, rows: Sequence[Sequence[Parameter]], path: Path) -> None:
    if not rows:
        return
    try:
        connection.execute(_posting(len(rows)), [value for row in rows for value in row])
    except sqlite3.IntegrityError as error:
        if FOREIGN in str(error):
            raise _foreign(path) from error
        raise


@cache
def _posting(size: int) -> str:
    row = "(" + ", ".join("?" * _COLUMNS) + ")"
    return "INSERT INTO posted VALUES " + ", ".join([row] * size)  # noqa: S608 - question marks alone


def decide(
    connection: sqlite3.Connection,
    seqs: Sequence[int],
    before: Collection[RecipientState],
    after: RecipientState,
    reason: str,
) -> int:
    """Put recipients into another state by somebody's decision, and begin to count anew; how many were changed."""
    cursor = connection.executemany(
        f"""UPDATE standing SET state = ?, reason = ?, attempts = 0, next_at = 0, first_at = 0, began = 0
        WHERE seq = ? AND state IN ({names(before)})""",  # noqa: S608 - names of states alone
        ((after, text(reason), seq) for seq in seqs),
    )
    return max(cursor.rowcount, 0)


def correct(connection: sqlite3.Connection, changed: Iterable[tuple[int, NewRecipient]]) -> None:
    """Put other addresses and rows in the place of those of recipients, who are as new then."""
    for seq, new in changed:
        line, token = connection.execute("SELECT line, token FROM recipient WHERE seq = ?", (seq,)).fetchone()
        row = (text(new.address), text(new.key), token, json.dumps(new.values, separators=(",", ":")))
        connection.execute(
            "UPDATE recipient SET address = ?, key = ?, token = ?, fields = ?, seal = ? WHERE seq = ?",
            (*row, seal(seq, line, *row), seq),
        )
        connection.execute(
            "UPDATE standing SET state = ?, destination = ?, reason = '', attempts = 0, next_at = 0, first_at = 0, "
            "began = 0 WHERE seq = ?",
            (RecipientState.PENDING, text(new.destination), seq),
        )


def text(value: str) -> str:
    """As SQLite can keep it: what is no text at all (half of a surrogate pair) is written out."""
    return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")


def change_state(connection: sqlite3.Connection, change: StateChange, path: Path) -> None:
    """Bring the batch into another state. Raises :class:`JournalError` where that may not follow."""
    (name, word) = connection.execute("SELECT name, state FROM batch").fetchone()
    before = BatchState(word)
    if not may_follow(before, change.state):
        raise JournalError(f"The batch {name} is {before}, and cannot become {change.state} from there.")
    connection.execute(
        "UPDATE batch SET state = ?, reason = ?, changed = iif(state = ?1, changed, ?)",
        (change.state, text(change.reason), change.at),
    )


def _heartbeat(connection: sqlite3.Connection, beat: Heartbeat) -> None:
    connection.execute(
        _HEARTBEAT,
        (beat.pid, beat.host, beat.at, beat.rate, beat.eta_s, text(beat.limited_by), beat.leased, beat.lanes),
    )


def _foreign(path: Path) -> JournalError:
    return JournalError(
        f"{path} does not have a recipient in the state the runner left it in: another program has changed the file. "
        "Nothing more is sent. Look at “smtptui batch status”, then resume."
    )
