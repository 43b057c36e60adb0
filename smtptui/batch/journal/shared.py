"""What spans batches: who must not be written to, and how much of an account's day is used."""

import contextlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.batch.journal.acceptances import TABLES, Acceptances
from smtptui.batch.journal.applying import text
from smtptui.batch.journal.errors import JournalDamaged, JournalError, shared_damaged, telling, unreachable
from smtptui.batch.journal.filling import make_folder
from smtptui.batch.journal.schema import BUSY_S, transaction
from smtptui.batch.journal.upgrading import upgrade

APPLICATION = 0x534D5453
"""``SMTS``."""
FORMAT = 2
DAY_S = 86_400
MINUTE_S = 60
_ABANDONED_S = 60
_SLACK = 2
"""Minutes that a reservation counts beyond its 24 hours: what is reserved is sent a little later."""
_DAY = DAY_S // MINUTE_S + _SLACK

# Format 1 counted each port of a server by itself, in an account's name such as me@relay.example.org:587.
_USED_BY_ACCOUNT = (
    "ALTER TABLE used RENAME TO used_by_port",
    "CREATE TABLE used (account TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL, "
    "PRIMARY KEY (account, minute)) WITHOUT ROWID",
    "INSERT INTO used SELECT lower(replace(replace(rtrim(rtrim(rtrim(account, '0123456789'), ':'), '.'), '[', ''), "
    "']', '')), minute, sum(n) FROM used_by_port GROUP BY 1, 2",
    "DROP TABLE used_by_port",
)
_SCHEMA = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = 1;
CREATE TABLE IF NOT EXISTS suppression (
  key TEXT PRIMARY KEY, reason TEXT NOT NULL, source TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (
  account TEXT NOT NULL, minute INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (account, minute)) WITHOUT ROWID;
"""
_UPGRADES = {
    1: (
        *_USED_BY_ACCOUNT,
        *TABLES,
        # How far the journal of each batch has come, see :mod:`.witness`.
        "CREATE TABLE progress (identity TEXT PRIMARY KEY, name TEXT NOT NULL, commits INTEGER NOT NULL, "
        "reach INTEGER NOT NULL, revived INTEGER NOT NULL) WITHOUT ROWID",
    )
}
"""What brings the file of a format to the next one, in place; a new file goes the same way."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address or a whole domain that is not to be written to."""

    key: str
    """The address in the form in which equal ones are equal, or a domain, which has no ``@``."""
    reason: str
    source: str
    """Where it is from: the user, a bounce, a file."""
    at: float


class Shared:
    """The file that all batches of a user share. Used in the thread that opened it; may raise :class:`JournalError`.

    It is made where there is none. Times are seconds since the epoch.
    """

    def __init__(self, path: Path, *, busy_s: float = BUSY_S) -> None:
        self._path = path
        self._acceptances: Acceptances | None = None
        try:
            make_folder(path.parent)
            if not path.exists():
                _make(path)
        except OSError as error:
            raise unreachable(error, path) from error
        with _telling(path):
            self._connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
        try:
            self._prepare()
        except JournalError:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        with _telling(self._path):
            self._connection.execute("BEGIN")
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            self._connection.execute("COMMIT")
        if application != APPLICATION and (application or tables):
            raise shared_damaged(self._path, "it was not written by smtptui")
        if version > FORMAT:
            raise JournalError(f"{self._path} has format {version}; this smtptui knows {FORMAT}. Use a later one.")
        with _telling(self._path):
            self._connection.execute("PRAGMA synchronous = FULL")
            # Whoever is taken off the list is gone from the file as well.
            self._connection.execute("PRAGMA secure_delete = ON")
            if not application:
                # Empty: its machine went down when it had just been made.
                _lay_out(self._connection)
            elif version < FORMAT:
                upgrade(self._connection, _UPGRADES)

    @property
    def connection(self) -> sqlite3.Connection:
        """For the other things that are kept in the same file."""
        return self._connection

    def relax(self) -> None:
        """Let commits of this connection be durable with the next one of another: for what a journal can bring back."""
        with _telling(self._path):
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def acceptances(self) -> Acceptances:
        """Who was sent to by which batch."""
        if self._acceptances is None:
            self._acceptances = Acceptances(self._connection, self._path)
        return self._acceptances

    # Suppressions

    def suppressed(self, keys: Collection[str]) -> set[str]:
        """Those of ``keys`` that are suppressed, by themselves or by their domain."""
        wanted = {text(name) for key in keys for name in (key, _domain(key))}
        with _telling(self._path):
            rows = self._connection.execute(
                "SELECT key FROM suppression WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),)
            ).fetchall()
        found = {name for (name,) in rows}
        return {key for key in keys if text(key) in found or text(_domain(key)) in found} if found else set()

    def suppress(self, keys: Iterable[str], reason: str, source: str, *, now: float) -> int:
        """Put addresses and domains on the list; how many are new. One that is on it keeps its reason and date."""
        before = self._connection.total_changes
        with transaction(self._connection, self._path):
            self._connection.executemany(
                "INSERT OR IGNORE INTO suppression VALUES (?, ?, ?, ?)",
                ((text(key), text(reason), text(source), now) for key in keys),
            )
        return self._connection.total_changes - before

    def unsuppress(self, keys: Iterable[str]) -> int:
        """Take addresses and domains off the list; how many were on it."""
        before = self._connection.total_changes
        with transaction(self._connection, self._path):
            self._connection.executemany("DELETE FROM suppression WHERE key = ?", ((text(key),) for key in keys))
        removed = self._connection.total_changes - before
        with _telling(self._path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return removed

    def suppressions(self) -> Iterator[Suppression]:
        """The whole list, by address."""
        with _telling(self._path):
            rows = self._connection.execute("SELECT key, reason, source, at FROM suppression ORDER BY key")
        while True:
            with _telling(self._path):
                row = rows.fetchone()
            if row is None:
                return
            yield Suppression(*row)

    # The account's day

    def reserve(self, account: str, want: int, cap: int, now: float) -> int:
        """How many of ``want`` recipients may be sent to, so that no 24 hours have more than ``cap``.

        They count at once. What is granted is to be used within a minute, or released.
        """
        minute = int(now // MINUTE_S)
        with transaction(self._connection, self._path):
            self._tidy(account, minute)
            granted = max(0, min(want, cap - self._used(account)))
            if granted:
                self._count(account, minute, granted)
        return granted

    def release(self, account: str, unused: int, now: float) -> None:
        """Give back what was reserved and not used: the newest first."""
        with transaction(self._connection, self._path):
            self._tidy(account, int(now // MINUTE_S))
            for minute, n in self._buckets(account, "DESC"):
                back = min(n, unused)
                self._count(account, minute, -back)
                unused -= back
                if not unused:
                    break
            self._connection.execute("DELETE FROM used WHERE account = ? AND n = 0", (account,))

    def used(self, account: str, now: float) -> int:
        """How many count against the cap now."""
        with _telling(self._path):
            (n,) = self._connection.execute(
                "SELECT coalesce(sum(n), 0) FROM used WHERE account = ? AND minute > ?",
                (account, int(now // MINUTE_S) - _DAY),
            ).fetchone()
        return int(n)

    def next_free(self, account: str, cap: int, now: float) -> float:
        """When :meth:`reserve` will grant one: ``now``, if it would already."""
        over = self.used(account, now) - cap + 1
        if over <= 0 or cap <= 0:
            return now if over <= 0 else now + DAY_S
        with _telling(self._path):
            oldest = int(now // MINUTE_S) - _DAY
            for minute, n in self._buckets(account, "ASC"):
                if minute <= oldest:
                    continue
                over -= n
                if over <= 0:
                    return float((minute + _DAY) * MINUTE_S)
        return now + DAY_S

    def _tidy(self, account: str, minute: int) -> None:
        """Forget what is older than a day. What was counted in a time to come is from a clock that has gone back
        since; it counts from now on, and so no longer than a day.
        """
        (ahead,) = self._connection.execute(
            "SELECT coalesce(sum(n), 0) FROM used WHERE account = ? AND minute > ?", (account, minute)
        ).fetchone()
        self._connection.execute(
            "DELETE FROM used WHERE account = ? AND (minute > ? OR minute <= ?)", (account, minute, minute - _DAY)
        )
        if ahead:
            self._count(account, minute, ahead)

    def _used(self, account: str) -> int:
        (n,) = self._connection.execute("SELECT coalesce(sum(n), 0) FROM used WHERE account = ?", (account,)).fetchone()
        return int(n)

    def _buckets(self, account: str, order: str) -> list[tuple[int, int]]:
        return self._connection.execute(
            f"SELECT minute, n FROM used WHERE account = ? ORDER BY minute {order}",  # noqa: S608 - ASC or DESC
            (account,),
        ).fetchall()

    def _count(self, account: str, minute: int, n: int) -> None:
        self._connection.execute(
            "INSERT INTO used VALUES (?1, ?2, ?3) ON CONFLICT (account, minute) DO UPDATE SET n = n + ?3",
            (account, minute, n),
        )


def _make(path: Path) -> None:
    """Make the file beside its place, so that whoever comes meanwhile finds none or a whole one."""
    prefix, suffix = f".{path.name}.", ".new"
    for left in path.parent.glob(f"{prefix}*{suffix}*"):
        # Left by a process that was killed; one that lives is done in an instant.
        with contextlib.suppress(OSError):
            if time.time() - left.lstat().st_mtime > _ABANDONED_S:
                left.unlink()
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=path.parent)
    os.close(descriptor)
    try:
        with _telling(path), contextlib.closing(sqlite3.connect(name, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            _lay_out(connection)
        # Closed by now: closing a file gives up the locks of whoever else in this process has it open.
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
    upgrade(connection, _UPGRADES)


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        with telling(path):
            yield
    except JournalDamaged as error:
        raise shared_damaged(path, str(error.__cause__ or error).rstrip(".")) from error


def _domain(key: str) -> str:
    return key.rpartition("@")[2]
