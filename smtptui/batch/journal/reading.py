"""Questions to the journal, and what its rows mean."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from typing import Any
from zlib import crc32

from smtptui.batch.journal.records import Attempt, BatchFacts, Heartbeat, Request, Standing
from smtptui.batch.journal.schema import ATTEMPTS
from smtptui.batch.model import BatchState, Recipient, RecipientState, Tally, Value
from smtptui.protocol import Stage

_RECIPIENT = """
seal, recipient.seq, line, address, key, destination, fields, token, state, reason, attempts, next_at, first_at, tries
FROM standing CROSS JOIN recipient ON recipient.seq = standing.seq"""
_STANDING = f"""SELECT recipient.seq, line, address, key, destination, token, standing.state, standing.reason, attempts,
  next_at, stage, code, enhanced, reply, queue_id, host, ended
FROM standing CROSS JOIN recipient ON recipient.seq = standing.seq
LEFT JOIN attempt ON attempt.id = standing.seq * {ATTEMPTS} + tries AND tries > 0"""  # noqa: S608
_HELD = "destination NOT IN (SELECT value FROM json_each(?))"


def facts(connection: sqlite3.Connection) -> BatchFacts:
    """The batch as a whole."""
    name, state, reason, created, changed, columns, settings = connection.execute(
        "SELECT name, state, reason, created, changed, columns, settings FROM batch"
    ).fetchone()
    documents = dict(connection.execute("SELECT name, sha256 FROM document").fetchall())
    return BatchFacts(
        name, BatchState(state), reason, created, changed, tuple(json.loads(columns)), settings, documents
    )


def tally(connection: sqlite3.Connection) -> Tally:
    """How many are in each state, kept up to date by whoever writes."""
    return Tally({RecipientState(state): n for state, n in connection.execute("SELECT state, n FROM tally")})


def recount(connection: sqlite3.Connection) -> Tally:
    """How many are in each state, by looking at every one of them."""
    counts = dict.fromkeys(RecipientState, 0)
    for state, n in connection.execute("SELECT state, count(*) FROM standing GROUP BY state"):
        counts[RecipientState(state)] = n
    return Tally(counts)


def waiting(connection: sqlite3.Connection, after: int, held: Collection[str]) -> Iterator[Recipient]:
    """Pending ones behind ``after``, in the list's order, by index."""
    condition, parameters = _not_held(held)
    cursor = connection.execute(
        f"SELECT {_RECIPIENT} WHERE state = 'pending' AND standing.seq > ?{condition} ORDER BY standing.seq",
        (after, *parameters),
    )
    return map(_recipient, cursor)


def retriable(connection: sqlite3.Connection, now: float, held: Collection[str]) -> Iterator[Recipient]:
    """Deferred ones whose time has come, the longest due first, by index."""
    condition, parameters = _not_held(held)
    cursor = connection.execute(
        f"SELECT {_RECIPIENT} WHERE state = 'deferred' AND next_at <= ?{condition} ORDER BY next_at, standing.seq",
        (now, *parameters),
    )
    return map(_recipient, cursor)


def _not_held(held: Collection[str]) -> tuple[str, tuple[str, ...]]:
    return (f" AND {_HELD}", (json.dumps(list(held)),)) if held else ("", ())


def next_due(connection: sqlite3.Connection) -> float | None:
    """When the first of the deferred may be tried again."""
    row: tuple[float | None] = connection.execute(
        "SELECT min(next_at) FROM standing WHERE state = 'deferred'"
    ).fetchone()
    return row[0]


def due_span(connection: sqlite3.Connection) -> tuple[float, float] | None:
    """When the first and the last of the deferred may be tried again, by index; None if none is deferred."""
    first, last = connection.execute(
        "SELECT (SELECT min(next_at) FROM standing WHERE state = 'deferred'), "
        "(SELECT max(next_at) FROM standing WHERE state = 'deferred')"
    ).fetchone()
    return None if first is None else (first, last)


def recipient(connection: sqlite3.Connection, seq: int) -> Recipient | None:
    """One recipient by number."""
    row = connection.execute(f"SELECT {_RECIPIENT} WHERE standing.seq = ?", (seq,)).fetchone()
    return _recipient(row) if row is not None else None


def last_begun(connection: sqlite3.Connection) -> int:
    """The highest number of a recipient of whom the journal says that something was begun; 0 if there is none."""
    (highest,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM standing WHERE tries > 0 "
        "OR state NOT IN ('pending', 'skipped', 'suppressed')"
    ).fetchone()
    return int(highest)


def recipient_at(connection: sqlite3.Connection, line: int) -> Recipient | None:
    """The recipient whose row of the list begins in ``line``."""
    row = connection.execute(f"SELECT {_RECIPIENT} WHERE line = ? ORDER BY standing.seq LIMIT 1", (line,)).fetchone()
    return _recipient(row) if row is not None else None


def lines(connection: sqlite3.Connection) -> tuple[int, int]:
    """The first and the last line of the list in which a recipient's row begins; noughts for a list without any."""
    row: tuple[int, int] = connection.execute(
        "SELECT coalesce(min(line), 0), coalesce(max(line), 0) FROM recipient"
    ).fetchone()
    return row


def recipients(connection: sqlite3.Connection) -> Iterator[Recipient]:
    """All of them, in the list's order."""
    return map(_recipient, connection.execute(f"SELECT {_RECIPIENT} ORDER BY standing.seq"))


def standings(connection: sqlite3.Connection, states: Collection[RecipientState]) -> Iterator[Standing]:
    """All in one of ``states``, with how the last attempt ended, in the list's order."""
    cursor = connection.execute(
        f"{_STANDING} WHERE standing.state IN (SELECT value FROM json_each(?)) ORDER BY standing.seq",  # noqa: S608
        (json.dumps(list(states)),),
    )
    return map(_standing, cursor)


def exported(
    connection: sqlite3.Connection, states: Collection[RecipientState]
) -> Iterator[tuple[Standing, tuple[Value, ...]]]:
    """The same with the rows of the list."""
    columns, _, source = _STANDING.partition("\nFROM")
    chosen = "standing.state IN (SELECT value FROM json_each(?)) ORDER BY standing.seq"
    cursor = connection.execute(
        f"{columns}, fields FROM{source} WHERE {chosen}",
        (json.dumps(list(states)),),
    )
    return ((_standing(row[:-1]), tuple(json.loads(row[-1]))) for row in cursor)


def untouched(connection: sqlite3.Connection) -> Iterator[Standing]:
    """Those who are pending though something was answered at their turn: it was about us, and they were left alone."""
    cursor = connection.execute(
        f"{_STANDING} WHERE standing.state = 'pending' AND tries > 0 AND attempt.state = 'pending' "
        "ORDER BY standing.seq"
    )
    return map(_standing, cursor)


def attempts(connection: sqlite3.Connection, seq: int) -> list[Attempt]:
    """The attempts at one recipient, the first one first."""
    rows = connection.execute(
        "SELECT attempt.id, state, began, ended, stage, code, enhanced, reply, reason, queue_id, host, timings, "
        "coalesce(dialogue, '') FROM attempt LEFT JOIN transcript ON transcript.id = attempt.id "
        "WHERE attempt.id BETWEEN ? AND ? ORDER BY attempt.id",
        (seq * ATTEMPTS, seq * ATTEMPTS + ATTEMPTS - 1),
    )
    return [
        Attempt(
            number=row[0] % ATTEMPTS,
            state=RecipientState(row[1]),
            began=row[2],
            ended=row[3],
            stage=Stage(row[4]) if row[4] is not None else None,
            code=row[5],
            enhanced=row[6],
            reply=row[7],
            reason=row[8],
            queue_id=row[9],
            host=row[10],
            timings=row[11],
            transcript=row[12],
        )
        for row in rows
    ]


def asked(connection: sqlite3.Connection) -> Request | None:
    """What another terminal wants."""
    row = connection.execute("SELECT request FROM control").fetchone()
    return Request(row[0]) if row is not None else None


def heartbeat(connection: sqlite3.Connection) -> Heartbeat | None:
    """What the last runner said last."""
    row = connection.execute("SELECT pid, host, at, rate, eta_s, limited_by, leased, lanes FROM heartbeat").fetchone()
    return Heartbeat(*row) if row is not None else None


def seal(*parts: str | int) -> int:
    """A checksum over what a row says, for SQLite has none: a flipped bit makes another address of one."""
    return crc32("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"))


def broken_rows(connection: sqlite3.Connection) -> Iterator[int]:
    """The numbers of those who may still be sent to and whose rows do not say what was written."""
    # As octets: what is no UTF-8 any more cannot be read as text.
    rows = connection.execute(
        "SELECT recipient.seq, line, cast(address AS BLOB), cast(key AS BLOB), cast(token AS BLOB), "
        "cast(fields AS BLOB), seal FROM recipient JOIN standing ON standing.seq = recipient.seq "
        "WHERE seal IS NOT NULL AND state NOT IN ('sent', 'skipped', 'suppressed')"
    )
    for seq, line, *texts, kept in rows:
        if kept != crc32(b"\0".join((str(seq).encode(), str(line).encode(), *texts))):
            yield int(seq)


def _recipient(row: tuple[Any, ...]) -> Recipient:
    kept, seq, line, address, key, destination, fields, token, state, *rest = row
    if kept is not None and kept != seal(seq, line, address, key, token, fields):
        raise ValueError(f"row {seq} does not say what was written")
    values = tuple(json.loads(fields))
    return Recipient(seq, line, address, key, destination, values, token, RecipientState(state), *rest)


def _standing(row: tuple[Any, ...]) -> Standing:
    seq, line, address, key, destination, token, state, reason, attempts, next_at, stage, *last = row
    if last[-1] is None:
        last = [None, "", "", "", "", 0.0]
    return Standing(
        seq,
        line,
        address,
        key,
        destination,
        token,
        RecipientState(state),
        reason,
        attempts,
        next_at,
        Stage(stage) if stage is not None else None,
        *last,
    )
