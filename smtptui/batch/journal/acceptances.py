"""Who was sent to by which batch, so that another batch does not send the same again unnoticed."""

import hashlib
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal.applying import text
from smtptui.batch.journal.errors import damaged, telling
from smtptui.batch.journal.schema import transaction

KEPT_S = 90 * 86_400
"""Seconds after which it is forgotten that a batch sent to somebody."""
_PERSON = 16
"""Octets that stand for an address: far too many for two addresses to share them."""

TABLES = (
    # Who was sent to is kept as a keyed hash of the address: nobody reads addresses out of this file.
    "CREATE TABLE person_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL)",
    "INSERT INTO person_key VALUES (1, randomblob(32))",
    # What a batch sends: another template makes another mailing of the same batch.
    "CREATE TABLE mailing (id INTEGER PRIMARY KEY, batch TEXT NOT NULL, created REAL NOT NULL, message TEXT NOT NULL, "
    "last REAL NOT NULL, UNIQUE (batch, created, message))",
    "CREATE TABLE mailed (person BLOB NOT NULL, mailing INTEGER NOT NULL, at REAL NOT NULL, unsure INTEGER NOT NULL, "
    "PRIMARY KEY (person, mailing)) WITHOUT ROWID",
    # What a run appends while it sends: many persons in one row. It is sorted into the table above when somebody asks.
    "CREATE TABLE fresh (id INTEGER PRIMARY KEY, mailing INTEGER NOT NULL, at REAL NOT NULL, unsure INTEGER NOT NULL, "
    "persons BLOB NOT NULL)",
    # Which batches were looked at; one that is not whole has sent more than the tables above know.
    "CREATE TABLE indexed (batch TEXT PRIMARY KEY, created REAL NOT NULL, whole INTEGER NOT NULL) WITHOUT ROWID",
)
"""What format 2 of the shared file has for this, one statement each."""

# Cuts the octets of many persons into rows: one statement for a thousand costs little more than for one.
_CUT = f"""WITH RECURSIVE
  place(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM place WHERE (i + 1) * {_PERSON} < length(?1)),
  asked AS (SELECT i, substr(?1, i * {_PERSON} + 1, {_PERSON}) AS person FROM place)"""  # noqa: S608
_TEMPORARY = "CREATE TEMP TABLE arrived (person BLOB, mailing INTEGER, at REAL, unsure INTEGER)"
_ARRIVED = f"INSERT INTO temp.arrived {_CUT} SELECT person, ?2, ?3, ?4 FROM asked"  # noqa: S608 - constants alone
# In the order of the table that they go into, each of its pages is written once.
_SORTED = """INSERT INTO mailed SELECT person, mailing, at, unsure FROM temp.arrived WHERE true ORDER BY person, rowid
ON CONFLICT (person, mailing) DO UPDATE SET at = excluded.at, unsure = excluded.unsure"""
_LOOK = f"""{_CUT} SELECT i, mailing, at, unsure FROM asked CROSS JOIN mailed ON mailed.person = asked.person
WHERE length(?1) > 0"""  # noqa: S608 - constants alone


@dataclass(frozen=True, slots=True)
class Mailing:
    """What one batch sent, or may have sent."""

    number: int
    batch: str
    created: float
    """When the batch was made: together with its name this tells it from every other one."""
    message: str
    """The hash of what makes its messages."""
    last: float
    """When it last sent one; 0 before."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody whom a mailing went to: the place among those who were asked about."""

    place: int
    mailing: int
    at: float
    unsure: bool
    """Whether nobody knows if the server took the message."""


class Acceptances:
    """The part of the shared file that knows who was sent to. Every method may raise :class:`JournalError`.

    Times are seconds since the epoch.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        with telling(path):
            row = connection.execute("SELECT key FROM person_key").fetchone()
        if row is None or not isinstance(row[0], bytes):
            raise damaged(path, "it has no key for addresses")
        self._key: bytes = row[0]

    def persons(self, keys: Iterable[str]) -> bytes:
        """What stands for the addresses of these keys, one after another."""
        own = self._key
        return b"".join(
            hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_PERSON, key=own).digest() for key in keys
        )

    # What is sent

    def begin(self, batch: str, created: float, message: str) -> int:
        """A batch begins to send ``message``: from now on the index lags behind. The number of the mailing."""
        with self._written():
            self._mark(batch, created, whole=False)
            return self._mailing(batch, created, message)

    def end(self, batch: str) -> None:
        """All that the batch has sent is in the index."""
        with self._written():
            self._connection.execute("UPDATE indexed SET whole = 1 WHERE batch = ?", (text(batch),))

    def lag(self, batch: str) -> None:
        """More people than the index knows may have what the batch sent; whoever looks next asks its journal."""
        with self._written():
            self._connection.execute("UPDATE indexed SET whole = 0 WHERE batch = ?", (text(batch),))

    def add(self, mailing: int, keys: Sequence[str], at: float, *, unsure: bool) -> None:
        """A mailing went to these; what was known of one of them before is replaced. Costs little: it only appends."""
        if not keys:
            return
        with self._written():
            self._connection.execute(
                "INSERT INTO fresh VALUES (NULL, ?, ?, ?, ?)", (mailing, at, unsure, self.persons(keys))
            )
            self._connection.execute("UPDATE mailing SET last = max(last, ?) WHERE id = ?", (at, mailing))

    def complete(
        self, batch: str, created: float, message: str, sent: Iterable[Sequence[tuple[str, float, bool]]]
    ) -> None:
        """Take over from a batch's journal what the index lacks: portions of key, time, and whether it is uncertain."""
        with self._written():
            own = [each.number for each in self.mailings() if (each.batch, each.created) == (batch, created)]
            number = None
            for portion in sent:
                known = {hit.place for hit in self.look([key for key, _, _ in portion]) if hit.mailing in own}
                new = [each for place, each in enumerate(portion) if place not in known]
                if not new:
                    continue
                number = self._mailing(batch, created, message) if number is None else number
                self._connection.executemany(
                    "INSERT OR REPLACE INTO mailed VALUES (?, ?, ?, ?)",
                    ((self.persons([key]), number, at, unsure) for key, at, unsure in new),
                )
                last = max(at for _, at, _ in new)
                self._connection.execute("UPDATE mailing SET last = max(last, ?) WHERE id = ?", (last, number))
            self._mark(batch, created, whole=True)

    def whole(self) -> set[str]:
        """The names of the batches of which all that they sent is known."""
        with telling(self._path):
            return {name for (name,) in self._connection.execute("SELECT batch FROM indexed WHERE whole")}

    # What was sent

    def mailings(self) -> list[Mailing]:
        """All that is known, the newest last."""
        with telling(self._path):
            rows = self._connection.execute("SELECT id, batch, created, message, last FROM mailing ORDER BY last, id")
            return [Mailing(*row) for row in rows]

    def look(self, keys: Sequence[str]) -> list[Hit]:
        """Which mailings went to these."""
        self._sort_in()
        with telling(self._path):
            rows = self._connection.execute(_LOOK, (self.persons(keys),)).fetchall()
        return [Hit(place, mailing, at, bool(unsure)) for place, mailing, at, unsure in rows]

    def _sort_in(self) -> None:
        """Put what runs have appended where it can be looked up."""
        with telling(self._path):
            if self._connection.execute("SELECT 1 FROM fresh LIMIT 1").fetchone() is None:
                return
        inside = self._connection.in_transaction
        with nullcontext() if inside else self._written():
            self._connection.execute(_TEMPORARY)
            for mailing, at, unsure, persons in self._connection.execute(
                "SELECT mailing, at, unsure, persons FROM fresh ORDER BY id"
            ):
                self._connection.execute(_ARRIVED, (persons, mailing, at, unsure))
            self._connection.execute(_SORTED)
            self._connection.execute("DELETE FROM fresh")
            self._connection.execute("DROP TABLE temp.arrived")

    # What is forgotten

    def prune(self, now: float) -> None:
        """Forget mailings that ended longer ago than :data:`KEPT_S`, with whom they went to."""
        self._forget([each.number for each in self.mailings() if 0 < each.last < now - KEPT_S])

    def forget(self, batch: str) -> int:
        """Forget all that batches of this name have sent; how many persons these are."""
        numbers = [each.number for each in self.mailings() if each.batch == batch]
        self._sort_in()
        forgotten = self._forget(numbers)
        with self._written():
            self._connection.execute("DELETE FROM indexed WHERE batch = ?", (text(batch),))
        with telling(self._path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return forgotten

    def _forget(self, numbers: Collection[int]) -> int:
        forgotten = 0
        for number in numbers:
            with self._written():
                self._connection.execute("DELETE FROM fresh WHERE mailing = ?", (number,))
                forgotten += self._connection.execute("DELETE FROM mailed WHERE mailing = ?", (number,)).rowcount
                self._connection.execute("DELETE FROM mailing WHERE id = ?", (number,))
        return forgotten

    def _mark(self, batch: str, created: float, *, whole: bool) -> None:
        self._connection.execute("INSERT OR REPLACE INTO indexed VALUES (?, ?, ?)", (text(batch), created, whole))

    def _mailing(self, batch: str, created: float, message: str) -> int:
        named = (text(batch), created, message)
        self._connection.execute("INSERT OR IGNORE INTO mailing VALUES (NULL, ?, ?, ?, 0)", named)
        (number,) = self._connection.execute(
            "SELECT id FROM mailing WHERE batch = ? AND created = ? AND message = ?", named
        ).fetchone()
        return int(number)

    @contextmanager
    def _written(self) -> Iterator[None]:
        with transaction(self._connection, self._path):
            yield
