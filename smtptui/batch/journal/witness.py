"""The witness: how far the journal of each batch had come, kept apart from it, in ``shared.sqlite``.

A log that SQLite finds damaged, or an older copy of a journal, looks like a journal that has not come so far. People
would get a message twice from there. So each commit is counted in the journal and then here: a journal that is ahead of
the witness is whole, since the count here is written last; one that is behind it is damaged.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.batch.journal.errors import JournalDamaged, JournalError, telling
from smtptui.batch.journal.reading import last_begun
from smtptui.batch.journal.schema import BUSY_S, transaction
from smtptui.batch.journal.shared import Shared

RETIRED = 2**62
"""The count of a journal that was deleted, or that goes on under another identity: every copy of it is behind."""
EVERYBODY = 2**62
"""The reach of a journal of which nothing is known."""
_LEAST, _MOST = 16, 1024


@dataclass(frozen=True, slots=True)
class Course:
    """How far a journal says that it has come."""

    identity: str
    commits: int


@dataclass(frozen=True, slots=True)
class Known:
    """How far the witness has seen a journal come."""

    name: str
    commits: int
    reach: int
    """Nobody with a higher number has been begun: a message to such a recipient is provably unsent."""
    revived: int
    """The last commit with which somebody whose turn was over may get the message after all."""


class Witness:
    """Used in the thread that opened it. Every method may raise :class:`JournalError`."""

    def __init__(self, path: Path, *, busy_s: float = BUSY_S) -> None:
        self.path = path
        self._shared = Shared(path, busy_s=busy_s)
        self._connection = self._shared.connection
        self._busy_s = busy_s
        self._counting: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self._counting is not None:
            self._counting.close()
        self._shared.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def known(self, identity: str) -> Known | None:
        """What is known of a journal; None if nothing is."""
        with telling(self.path):
            row = self._connection.execute(
                "SELECT name, commits, reach, revived FROM progress WHERE identity = ?", (identity,)
            ).fetchone()
        return None if row is None else Known(*row)

    def register(self, identity: str, name: str, *, commits: int = 0, reach: int = 0, instead_of: str = "") -> None:
        """Know a journal from here on; ``instead_of`` is the identity that it had before and gives up."""
        with transaction(self._connection, self.path):
            self._connection.execute(
                "INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?, 0)", (identity, name, commits, reach)
            )
            if instead_of:
                self._retire(instead_of, name)

    def rename(self, identity: str, name: str) -> None:
        """The journal's file has another name now."""
        with telling(self.path):
            self._connection.execute("UPDATE progress SET name = ? WHERE identity = ?", (name, identity))

    def retire(self, identity: str, name: str) -> None:
        """The journal of this name is deleted: a copy that is put back is not taken for it."""
        with transaction(self._connection, self.path):
            self._retire(identity, name)

    def _retire(self, identity: str, name: str) -> None:
        self._connection.execute(
            "UPDATE progress SET name = '', commits = ?, reach = ? WHERE identity = ? AND name = ?",
            (RETIRED, EVERYBODY, identity, name),
        )

    def extend(self, identity: str, reach: int) -> None:
        """Recipients up to number ``reach`` may be begun from here on; durable, also when power fails."""
        with telling(self.path):
            self._connection.execute("UPDATE progress SET reach = max(reach, ?) WHERE identity = ?", (reach, identity))

    def revive(self, identity: str, commits: int) -> None:
        """With this commit somebody whose turn was over may get the message; durable, also when power fails."""
        with telling(self.path):
            self._connection.execute("UPDATE progress SET revived = ? WHERE identity = ?", (commits, identity))

    def advance(self, identity: str, commits: int, *, patient: bool = False) -> bool:
        """The journal has come so far; whether that could be written.

        It costs no wait for the disk. Unless ``patient``, nobody is waited for either: a journal that is ahead of what
        is known here is whole.
        """
        try:
            connection = self._connection if patient else self._impatient()
            connection.execute("UPDATE progress SET commits = max(commits, ?) WHERE identity = ?", (commits, identity))
        except sqlite3.Error:
            return False
        return True

    def _impatient(self) -> sqlite3.Connection:
        if self._counting is None:
            self._counting = sqlite3.connect(self.path, timeout=0.0, isolation_level=None)
            # After a power cut the count may lag behind the journal, and never the other way round.
            self._counting.execute("PRAGMA synchronous = NORMAL")
        return self._counting


def course_of(connection: sqlite3.Connection) -> Course:
    """How far a journal says that it has come."""
    identity, commits = connection.execute("SELECT identity, commits FROM progress").fetchone()
    return Course(identity, commits)


def open_account(shared: Path, connection: sqlite3.Connection, path: Path, *, busy_s: float = BUSY_S) -> "Account":
    """The account of the journal at ``path`` with the witness at ``shared``. Raises :class:`JournalError`."""
    with telling(path):
        course, begun = course_of(connection), last_begun(connection)
    witness = Witness(shared, busy_s=busy_s)
    try:
        known = witness.known(course.identity)
        if known is None or known.commits > course.commits:
            raise JournalDamaged(
                f"{shared} does not have batch {path.stem} as it is. Nothing was sent. Next: smtptui batch status "
                f"{path.stem}"
            )
        if begun > known.reach:
            # An older shared.sqlite was put back: the journal itself knows better.
            witness.extend(course.identity, begun)
    except JournalError:
        witness.close()
        raise
    return Account(witness, course, max(begun, known.reach))


class Account:
    """What the writer of one journal tells the witness, in the order in which it has to be told."""

    def __init__(self, witness: Witness, course: Course, reach: int) -> None:
        self._witness = witness
        self._identity = course.identity
        self._reach = reach
        self._begun = 0
        self.commits = course.commits

    def before(self, highest: int, begun: int) -> None:
        """``begun`` recipients are about to be begun, none with a higher number than ``highest``."""
        self._begun += begun
        if highest > self._reach:
            # Ahead by about as many as were begun: few are in doubt after damage, and the disk is seldom waited for.
            reach = highest + min(max(self._begun, _LEAST), _MOST)
            self._witness.extend(self._identity, reach)
            self._reach = reach

    def after(self, commits: int) -> None:
        """The journal has counted so far, durably."""
        self.commits = commits
        self._witness.advance(self._identity, commits)

    def close(self) -> None:
        """Tell it once more, and wait for whoever is in the way."""
        self._witness.advance(self._identity, self.commits, patient=True)
        self._witness.close()
