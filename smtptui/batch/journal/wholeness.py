"""Whether a journal is whole: what the witness says of it, and what can be seen in the file itself."""

import contextlib
import hashlib
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from smtptui.batch.journal import reading
from smtptui.batch.journal.errors import JournalDamaged, JournalError, telling
from smtptui.batch.journal.schema import UPGRADED, connect, layout, texts
from smtptui.batch.journal.witness import EVERYBODY, Course, Known, Witness, course_of


class Fault(StrEnum):
    """What is wrong with a journal, as programs read it."""

    BEHIND = "behind"
    UNKNOWN = "unknown"
    COPY = "copy"
    LOG = "log"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Damage:
    """Why nothing may be sent from a journal as it is."""

    fault: Fault
    what: str
    """What happened, as a sentence."""
    reach: int
    """Nobody with a higher number can have the message by this batch."""

    def sentence(self, name: str) -> str:
        """What happened, and what to do next."""
        return (
            f"{self.what} Nothing is sent from it until you run “smtptui batch recover {name}”, which marks as "
            "uncertain everyone who may have the message already."
        )


def judged(
    path: Path, connection: sqlite3.Connection, witness: Witness, *, lost_log: bool, readonly: bool
) -> Damage | None:
    """Hold a journal against what the witness knows. Raises :class:`JournalError`.

    One that an earlier version made is taken on trust when it is first seen, and so is one that was renamed.
    """
    with telling(path):
        course = course_of(connection)
    known = witness.known(course.identity)
    if known is not None:
        # Again: a runner may have come further between the two looks.
        with telling(path):
            course = course_of(connection)
    name = path.stem
    if known is None:
        if lost_log:
            return lost(path)
        if not (course.identity.startswith(UPGRADED) and course.commits == 0):
            return Damage(
                Fault.UNKNOWN,
                f"smtptui does not know how far batch {name} had come: its journal was copied from elsewhere, or "
                f"{witness.path.name} was lost or replaced.",
                EVERYBODY,
            )
        if not readonly:
            with telling(path):
                begun = reading.last_begun(connection)
            witness.register(course.identity, name, reach=begun)
        return None
    if known.name not in (name, "") and (damage := _renamed(path, course, known)) is not None:
        return damage
    if known.commits > course.commits:
        return Damage(
            Fault.BEHIND,
            f"Batch {name} is damaged: its journal has lost what was recorded last. A file of it was damaged, or an "
            "older copy was put back.",
            known.reach,
        )
    if lost_log:
        return lost(path, known.reach)
    if known.name != name and not readonly:
        witness.rename(course.identity, name)
    return None


def lost(path: Path, reach: int = EVERYBODY) -> Damage:
    """The log is missing that a journal is not whole without."""
    return Damage(
        Fault.LOG,
        f"Batch {path.stem} is damaged: {path.name}-wal is missing, which had what was recorded last. To copy a batch "
        "that is being sent, or that was after a crash, copy both files.",
        reach,
    )


def _renamed(path: Path, course: Course, known: Known) -> Damage | None:
    """A journal that was known by another name: a copy, if the one of that name is still there."""
    other = path.with_name(f"{known.name}.sqlite")
    if not other.exists():
        return None
    try:
        connection, _ = connect(other, readonly=True, busy_s=1.0)
        with contextlib.closing(connection), telling(other):
            if course_of(connection).identity != course.identity:
                return None
    except JournalError:
        # Nobody can say that it is not the same.
        pass
    return Damage(
        Fault.COPY,
        f"Batch {path.stem} is a copy of batch {known.name}, so both would send to the same people.",
        EVERYBODY,
    )


def content_fault(path: Path, connection: sqlite3.Connection) -> str | None:
    """What is wrong inside of the file, in a few words; None if nothing is.

    SQLite has no checksums in the file itself. So its pages, the rows' numbers, states and counts, the text of the
    triggers, the rows of those who may still be sent to, and what is kept of settings and template are looked at: some
    seconds for a million recipients.
    """
    try:
        with telling(path):
            return _content_fault(connection)
    except JournalDamaged as error:
        return str(error.__cause__ or error)


def _content_fault(connection: sqlite3.Connection) -> str | None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        return f"SQLite says “{found[0] if found else 'nothing'}”"
    if texts(connection) != layout():
        return "its triggers or indexes are not what smtptui made"
    numbers = "SELECT count(*), coalesce(min(seq), 1), coalesce(max(seq), 0) FROM "
    rows = connection.execute(f"{numbers}recipient").fetchone()
    standings = connection.execute(f"{numbers}standing").fetchone()
    if rows != standings or rows[1] != 1 or rows[0] != rows[2]:
        return "rows are missing"
    if reading.recount(connection).counts != reading.tally(connection).counts:
        return "its counts are not what its recipients say"
    if (seq := next(reading.broken_rows(connection), None)) is not None:
        return f"row {seq} of its list is not what was written there"
    columns, settings, kept = connection.execute("SELECT columns, settings, seal FROM batch").fetchone()
    if kept is not None and kept != reading.seal(columns, settings):
        return "its settings are not those that were put there"
    for sha256, content in connection.execute("SELECT sha256, content FROM document"):
        if hashlib.sha256(content).hexdigest() != sha256:
            return "the template that it keeps is not the one that was put there"
    return None
