"""Operations written into the journal: a whole group in few statements, whatever its size.

Around every row that SQLite is handed, the interpreter's lock is given up and asked for again, which under load costs
far more than the row. So the rows of a group are bound all at once.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from smtptui.batch.journal.errors import JournalError
from smtptui.batch.journal.life import DOUBTED, UNDECIDED, may_follow
from smtptui.batch.journal.records import Answered, FailedOpening, Heartbeat, Operation, StateChange
from smtptui.batch.journal.schema import ATTEMPTS
from smtptui.batch.model import OPEN, Attempted, BatchState, Inflight, RecipientState

Parameter = str | float | None
Other = StateChange | Heartbeat | Answered | FailedOpening
"""What is written one by one."""


def _names(states: Iterable[RecipientState]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


_INFLIGHT = f"""
UPDATE standing SET state = 'inflight', began = new.column2
FROM (VALUES {{rows}}) AS new WHERE seq = new.column1 AND state IN ({_names(OPEN)})
"""  # noqa: S608 - names of states alone
_ATTEMPT = f"""
INSERT INTO attempt SELECT seq * {ATTEMPTS} + tries + 1, new.column2, new.column3, new.column4, new.column5,
  new.column6, new.column7, new.column8, new.column9, new.column10, new.column11, new.column12
FROM (VALUES {{rows}}) AS new CROSS JOIN standing ON seq = new.column1
"""  # noqa: S608
_STANDING = f"""
UPDATE standing SET state = new.column2, reason = new.column3, next_at = new.column4, began = 0, tries = tries + 1,
  attempts = attempts + new.column5, first_at = iif(first_at = 0 AND new.column5, new.column6, first_at)
FROM (VALUES {{rows}}) AS new WHERE seq = new.column1
  AND (state IN ({_names(UNDECIDED)}) OR (new.column2 = 'uncertain' AND state IN ({_names(DOUBTED)})))
"""  # noqa: S608
_TRANSCRIPT = f"INSERT INTO transcript SELECT seq * {ATTEMPTS} + tries, ? FROM standing WHERE seq = ?"  # noqa: S608
_HEARTBEAT = "INSERT OR REPLACE INTO heartbeat VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)"
_MOST = 24
"""How many rows one statement takes. There is a text for every number up to it, which SQLite keeps prepared."""


def apply(connection: sqlite3.Connection, operations: Iterable[Operation], path: Path) -> None:
    """Write ``operations`` in their order, inside the transaction that is open.

    Raises :class:`JournalError` where one does not fit what the journal has, and then nothing of them may be kept.
    """
    for attempted, inflight, others in _phases(operations):
        if attempted:
            _attempted(connection, attempted, path)
        if inflight:
            rows = [(operation.seq, operation.at) for operation in inflight]
            if _many(connection, _INFLIGHT, rows) != len(rows):
                raise _foreign(path)
        for operation in others:
            match operation:
                case StateChange():
                    change_state(connection, operation, path)
                case Heartbeat():
                    _heartbeat(connection, operation)
                case FailedOpening(at, server, sentence, dialogue):
                    kept = (at, text(server), text(sentence), text(dialogue))
                    connection.execute("INSERT OR REPLACE INTO opening VALUES (1, ?, ?, ?, ?)", kept)
                case Answered():
                    connection.execute("DELETE FROM control WHERE request = ?", (operation.request,))


def _phases(operations: Iterable[Operation]) -> Iterator[tuple[list[Attempted], list[Inflight], list[Other]]]:
    """Groups within which the order does not matter, as long as attempts come before what is begun next."""
    attempted: dict[int, Attempted] = {}
    inflight: dict[int, Inflight] = {}
    others: list[Other] = []
    for operation in operations:
        if isinstance(operation, Attempted):
            if operation.seq in attempted or operation.seq in inflight:
                yield list(attempted.values()), list(inflight.values()), others
                attempted, inflight, others = {}, {}, []
            attempted[operation.seq] = operation
        elif isinstance(operation, Inflight):
            if operation.seq in inflight:
                yield list(attempted.values()), list(inflight.values()), others
                attempted, inflight, others = {}, {}, []
            inflight[operation.seq] = operation
        else:
            others.append(operation)
    yield list(attempted.values()), list(inflight.values()), others


def _attempted(connection: sqlite3.Connection, operations: Sequence[Attempted], path: Path) -> None:
    _many(
        connection,
        _ATTEMPT,
        [
            (
                o.seq, o.state, o.began, o.ended, o.stage, o.code, o.enhanced,
                text(o.reply), text(o.reason), text(o.queue_id), text(o.host), text(o.timings),
            )
            for o in operations
        ],
    )  # fmt: skip
    rows = [(o.seq, o.state, text(o.reason), o.next_at, o.counts, o.began) for o in operations]
    if _many(connection, _STANDING, rows) != len(rows):
        raise _foreign(path)
    transcripts = [(text(o.transcript), o.seq) for o in operations if o.transcript]
    if transcripts:
        connection.executemany(_TRANSCRIPT, transcripts)


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
        WHERE seq = ? AND state IN ({_names(before)})""",  # noqa: S608 - names of states alone
        ((after, text(reason), seq) for seq in seqs),
    )
    return max(cursor.rowcount, 0)


def _many(connection: sqlite3.Connection, statement: str, rows: Sequence[Sequence[Parameter]]) -> int:
    """Run a statement over all rows; how many rows of the journal it changed."""
    changed = 0
    for start in range(0, len(rows), _MOST):
        part = rows[start : start + _MOST]
        values = [value for row in part for value in row]
        changed += connection.execute(_text_for(statement, len(rows[0]), len(part)), values).rowcount
    return changed


@cache
def _text_for(statement: str, width: int, size: int) -> str:
    row = "(" + ", ".join("?" * width) + ")"
    return statement.replace("{rows}", ", ".join([row] * size))


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
