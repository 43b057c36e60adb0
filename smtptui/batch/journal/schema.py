"""The file of a batch: its tables, its format, and how it is opened."""

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from smtptui.batch.journal.errors import JournalBusy, JournalDamaged, JournalError, NoSuchBatch, damaged, telling
from smtptui.batch.journal.life import DOUBTED, UNDECIDED
from smtptui.batch.journal.lock import held_here, runner_lives
from smtptui.batch.journal.upgrading import Step, upgrade
from smtptui.batch.model import BY_CODE, OPEN, RecipientState

APPLICATION = 0x534D5442
"""``SMTB``: what ``file`` and SQLite show as the application of the file."""
FORMAT = 2
"""Raised with every change after which an older version must not touch the file."""
BUSY_S = 10.0
"""How long another process may hold the lock for writing; a group of the runner takes milliseconds."""
ATTEMPTS = 65536
"""Attempts of one recipient that have room in the key of an attempt."""
UPGRADED = "1:"
"""How the identity of a journal begins that was made in format 1."""
_LOST_LOG = 2
"""The mark of a journal whose log was not there when it was opened."""
_MARK_S = 10.0
"""How long to wait for those who keep the mark from the file, as an export that reads."""
_PAUSE_S = 0.05
_STATEMENTS = 128
_OLDEST = (3, 33, 0)

_FORMAT_1 = f"""
CREATE TABLE batch (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  name TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL,
  columns TEXT NOT NULL, settings TEXT NOT NULL,
  open INTEGER NOT NULL DEFAULT 0);
CREATE TABLE document (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE tally (state TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE control (one INTEGER PRIMARY KEY CHECK (one = 1), request TEXT, at REAL);
CREATE TABLE heartbeat (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  pid INTEGER NOT NULL, host TEXT NOT NULL, at REAL NOT NULL, rate REAL, eta_s REAL, limited_by TEXT NOT NULL,
  leased INTEGER NOT NULL, lanes INTEGER NOT NULL);
-- The last connection that could not be opened.
CREATE TABLE opening (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at REAL NOT NULL, server TEXT NOT NULL, sentence TEXT NOT NULL, dialogue TEXT NOT NULL);
-- What the relay said with SIZE, and which message is the largest: known once somebody has looked.
CREATE TABLE size_limit (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  octets INTEGER NOT NULL, server TEXT NOT NULL, user TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE largest (
  one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, line INTEGER NOT NULL, octets INTEGER NOT NULL);
CREATE TABLE recipient (
  seq INTEGER PRIMARY KEY, line INTEGER NOT NULL, address TEXT NOT NULL, key TEXT NOT NULL, token TEXT NOT NULL,
  fields TEXT NOT NULL);
-- Apart from the rows, which are long and stay as they are: a page holds a hundred of these.
CREATE TABLE standing (
  seq INTEGER PRIMARY KEY, state TEXT NOT NULL, destination TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
  next_at REAL NOT NULL DEFAULT 0, first_at REAL NOT NULL DEFAULT 0, began REAL NOT NULL DEFAULT 0);
-- The key is seq * {ATTEMPTS} + number: the attempts of a recipient lie together, and need no index.
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY, state TEXT NOT NULL, began REAL NOT NULL, ended REAL NOT NULL, stage TEXT, code INTEGER,
  enhanced TEXT NOT NULL, reply TEXT NOT NULL, reason TEXT NOT NULL, queue_id TEXT NOT NULL, host TEXT NOT NULL,
  timings TEXT NOT NULL);
CREATE TABLE transcript (id INTEGER PRIMARY KEY, dialogue TEXT NOT NULL);
"""

FORMAT_2: Step = (
    # How far the journal has come: counted with each commit that changes what became of somebody.
    "CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL, commits INTEGER NOT NULL)",
    # What a row was written as, see :func:`.reading.seal`; rows of format 1 have none.
    "ALTER TABLE recipient ADD COLUMN seal INTEGER",
    # The same of the settings and the names of the columns.
    "ALTER TABLE batch ADD COLUMN seal INTEGER",
    # Where the waves are, as JSON: the next run goes on from there.
    "CREATE TABLE pace (one INTEGER PRIMARY KEY CHECK (one = 1), memory TEXT NOT NULL)",
    f"CREATE INDEX by_code ON standing (seq) WHERE reason = '{BY_CODE}'",
)
"""What format 2 adds, one statement each, for a new journal and for one of format 1 alike."""
# Always the same for the same batch of format 1, so that an older copy of it is known as one.
_IDENTIFY_1 = f"""INSERT INTO progress SELECT 1, '{UPGRADED}' || digest(printf('%s:%.6f:%s', name, created,
  coalesce((SELECT token FROM recipient ORDER BY seq LIMIT 1), ''))), 0 FROM batch"""  # noqa: S608 - a constant alone

INDEXES: Step = (
    "CREATE INDEX waiting ON standing (seq, destination) WHERE state = 'pending'",
    "CREATE INDEX deferred ON standing (next_at, seq, destination) WHERE state = 'deferred'",
    """CREATE TRIGGER tallied AFTER UPDATE OF state ON standing WHEN old.state <> new.state BEGIN
  UPDATE tally SET n = n - 1 WHERE state = old.state;
  UPDATE tally SET n = n + 1 WHERE state = new.state;
END""",
)


def names(states: Iterable[RecipientState]) -> str:
    """States as SQL has them in a list."""
    return ", ".join(f"'{state}'" for state in sorted(states))


FOREIGN = "not in the state it was left in"
"""What a posted row is refused with whose recipient is not where the runner left it."""
COUNTED = "counted"
"""The state of a posted row that is about nobody: its number is how far the journal has come."""
# Where the runner's rows are put: one statement for those who begin and those who are done, see :mod:`.applying`.
POSTED: Step = (
    """CREATE VIEW posted AS SELECT
  0 AS seq, '' AS state, 0 AS began, 0 AS ended, '' AS stage, 0 AS code, '' AS enhanced, '' AS reply, '' AS reason,
  '' AS queue_id, '' AS host, '' AS timings, '' AS transcript, 0 AS next_at, 0 AS counts""",
    f"""CREATE TRIGGER begun INSTEAD OF INSERT ON posted WHEN new.state = 'inflight' BEGIN
  UPDATE standing SET state = 'inflight', began = new.began WHERE seq = new.seq AND state IN ({names(OPEN)});
  SELECT raise(ABORT, '{FOREIGN}') WHERE changes() = 0;
END""",  # noqa: S608 - names of states alone
    f"""CREATE TRIGGER ended INSTEAD OF INSERT ON posted WHEN new.state NOT IN ('inflight', '{COUNTED}') BEGIN
  INSERT INTO attempt SELECT seq * {ATTEMPTS} + tries + 1, new.state, new.began, new.ended, new.stage, new.code,
    new.enhanced, new.reply, new.reason, new.queue_id, new.host, new.timings FROM standing WHERE seq = new.seq;
  INSERT INTO transcript SELECT seq * {ATTEMPTS} + tries + 1, new.transcript FROM standing
    WHERE seq = new.seq AND new.transcript <> '';
  UPDATE standing SET state = new.state, reason = new.reason, next_at = new.next_at, began = 0, tries = tries + 1,
    attempts = attempts + new.counts, first_at = iif(first_at = 0 AND new.counts, new.began, first_at)
    WHERE seq = new.seq AND (
      state IN ({names(UNDECIDED)}) OR (new.state = 'uncertain' AND state IN ({names(DOUBTED)})));
  SELECT raise(ABORT, '{FOREIGN}') WHERE changes() = 0;
END""",  # noqa: S608 - names of states alone
    f"""CREATE TRIGGER counted INSTEAD OF INSERT ON posted WHEN new.state = '{COUNTED}' BEGIN
  UPDATE progress SET commits = new.seq;
END""",  # noqa: S608 - a constant alone
)
UPGRADES = {1: (*FORMAT_2, _IDENTIFY_1, "DROP VIEW posted", *POSTED)}
"""What brings a journal of a format to the next one, in place."""


def schema() -> str:
    """The tables of a new journal, to be executed as a script."""
    return _FORMAT_1 + ";\n".join((*FORMAT_2, ""))


def views() -> str:
    """Indexes and views, which are made once the rows are in."""
    return ";\n".join((*INDEXES, *POSTED, ""))


def layout() -> dict[str, str]:
    """The text of each index, trigger and view that a journal has, by name."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema() + views())
        return texts(connection)


def texts(connection: sqlite3.Connection) -> dict[str, str]:
    """The same of a file."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL")
    return dict(rows.fetchall())


def connect(path: Path, *, readonly: bool, busy_s: float = BUSY_S) -> tuple[sqlite3.Connection, bool]:
    """A connection to a journal that exists and is one, and whether a log is missing that it is not whole without.

    Raises :class:`JournalError`.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise JournalError(f"A batch needs SQLite 3.33 or later; this Python has {sqlite3.sqlite_version}.")
    if not path.exists():
        raise NoSuchBatch(f"There is no batch {path.stem}: {path} does not exist. “smtptui batch list” shows them.")
    logged = _has_log(path)
    with telling(path):
        connection = _connection(path, "ro" if readonly else "rw", busy_s)
    try:
        with telling(path):
            version = _check(connection, path)
            mark = _mark(connection)
            lost = mark == _LOST_LOG or (bool(mark) and not logged and not _has_log(path))
            if version < FORMAT:
                if lost:
                    raise damaged(path, f"{path.name}-wal is missing, which had what was recorded last")
                _upgrade(path, busy_s)
            if lost and not readonly:
                # Kept, for from here on there is a log again.
                connection.execute("UPDATE batch SET open = ?", (_LOST_LOG,))
            if not readonly:
                # WAL and FULL: what a commit has returned for survives a power cut.
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA cache_size = -8000")
    except JournalError:
        close(connection, path, keep_log=True)
        raise
    return connection, lost


def _has_log(path: Path) -> bool:
    try:
        return Path(f"{path}-wal").stat().st_size > 0
    except OSError:
        return False


def _mark(connection: sqlite3.Connection) -> int:
    """Whether the file is marked as one that is not whole without its log, and as one that has lost it."""
    (mark,) = connection.execute("SELECT open FROM batch").fetchone()
    return int(mark)


def mark_open(
    connection: sqlite3.Connection,
    path: Path,
    *,
    busy_s: float = _MARK_S,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """A runner begins: from here on the file alone may lag behind, and would have messages sent twice.

    So the mark goes into the file itself, where a copy without the log has it, before anything is sent. Raises
    :class:`JournalBusy` if others keep it from there for longer than ``busy_s`` seconds.
    """
    with telling(path):
        connection.execute("UPDATE batch SET open = 1")
        deadline = clock() + busy_s
        while True:
            busy, logged, checkpointed = connection.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
            if not busy and logged == checkpointed:
                return
            if clock() >= deadline:
                break
            sleep(_PAUSE_S)
    raise JournalBusy(
        f"{path} cannot be marked as being sent, because another program keeps reading or writing it. Nothing was "
        "sent. End that program (an export, a backup, sqlite3), then run the batch again."
    )


def mark_whole(connection: sqlite3.Connection) -> None:
    """The runner is done. Where that cannot be written (a full disk), the mark and the log stay."""
    with contextlib.suppress(sqlite3.Error):
        connection.execute("UPDATE batch SET open = 0 WHERE open")


def close(connection: sqlite3.Connection, path: Path, *, keep_log: bool = False) -> None:
    """Close a connection. The last one empties the log into the file and takes it away, but never while the mark asks
    for it, nor if it is another's by all one knows (``keep_log``): whoever only reads does not take it away, so one
    such outlives this one.
    """
    with contextlib.ExitStack() as stack, contextlib.suppress(sqlite3.Error, ValueError, TypeError):
        stack.callback(connection.close)
        if keep_log or _mark(connection):
            reader = _connection(path, "ro", 0.0)
            stack.pop_all()
            stack.callback(reader.close)
            stack.callback(connection.close)
            # Only now has it the file in use.
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _connection(path: Path, mode: str, busy_s: float) -> sqlite3.Connection:
    # Never made anew by SQLite: an empty file would be a batch that has nobody.
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=busy_s, isolation_level=None, cached_statements=_STATEMENTS)


def _upgrade(path: Path, busy_s: float) -> None:
    """Bring a journal that an earlier version made up to date, in place."""
    if runner_lives(path) and not held_here(path):
        raise JournalBusy(
            f"The batch {path.stem} is in use by an earlier version of smtptui. Wait until that has ended, then try "
            "again."
        )
    with contextlib.closing(_connection(path, "rw", busy_s)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.create_function("digest", 1, lambda text: hashlib.sha256(text.encode()).hexdigest())
        upgrade(connection, UPGRADES)


def _check(connection: sqlite3.Connection, path: Path) -> int:
    """The format of the file; raises :class:`JournalDamaged` if it is not a journal that this version knows."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise damaged(path, "it was not written by smtptui")
    if version > FORMAT:
        raise JournalDamaged(
            f"{path} has format {version}, which is newer than this smtptui knows ({FORMAT}). Use the version that "
            "made it, or a later one; nothing was changed."
        )
    if connection.execute("SELECT count(*) FROM batch").fetchone() != (1,):
        raise damaged(path, "it does not say which batch it is")
    return int(version)


def begin(connection: sqlite3.Connection) -> None:
    """Begin to write, waiting for whoever writes now."""
    connection.execute("BEGIN IMMEDIATE")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All that is inside, or nothing."""
    with telling(path):
        begin(connection)
        try:
            yield
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                roll_back(connection)


def roll_back(connection: sqlite3.Connection) -> None:
    """Give up what was begun; after a full disk SQLite may have done so itself."""
    with contextlib.suppress(sqlite3.Error):
        connection.execute("ROLLBACK")
