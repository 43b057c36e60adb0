"""Making the file of a new batch: beside its place until it is whole, so that there is no half a batch."""

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from smtptui.batch.journal.applying import text
from smtptui.batch.journal.errors import BatchExists, JournalError, telling, unreachable
from smtptui.batch.journal.lock import PRIVATE_FILE, PRIVATE_FOLDER, give_back, lock_path, take
from smtptui.batch.journal.reading import seal
from smtptui.batch.journal.schema import APPLICATION, FORMAT, begin, schema, views
from smtptui.batch.journal.tidying import discard_unfinished, finish_deleting, tidy_folder, unfinished_place
from smtptui.batch.model import BatchState, NewRecipient, RecipientState, Value

_CHUNK = 1000


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Where the file for ``path`` is made; it comes to its place when the block ends well, and is gone otherwise.

    Raises :class:`BatchExists` where there is one by then.
    """
    try:
        make_folder(path.parent)
        lock = take(path, "being made by another process")
    except OSError as error:
        raise unreachable(error, path) from error
    made = unfinished_place(path)
    try:
        _begin(made, path)
        yield made
        _publish(made, path)
    finally:
        discard_unfinished(path)
        if not path.exists():
            lock_path(path).unlink(missing_ok=True)
        give_back(lock)


def _begin(made: Path, path: Path) -> None:
    if path.exists():
        raise _exists(path)
    try:
        tidy_folder(path.parent)
        # What is left of this one, whose lock this process has. A log would be taken for that of the new file.
        discard_unfinished(path)
        finish_deleting(path)
        os.close(os.open(made, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, PRIVATE_FILE))
        made.chmod(PRIVATE_FILE)
    except OSError as error:
        raise unreachable(error, path) from error


def make_folder(folder: Path) -> None:
    """Make a folder for its owner alone, and those that it is in."""
    if not folder.parent.exists():
        make_folder(folder.parent)
    folder.mkdir(PRIVATE_FOLDER, exist_ok=True)


def _publish(made: Path, path: Path) -> None:
    """Durable before it has its name; a name that is taken stays with whom it belongs to."""
    try:
        for name, target in ((made, None), (path.parent, path)):
            if target is not None:
                os.link(made, target)
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise unreachable(error, path) from error


def _exists(path: Path) -> BatchExists:
    return BatchExists(f"There is a batch {path.stem} already: {path}. Take another name, or delete that batch first.")


def lay_out(
    connection: sqlite3.Connection,
    *,
    name: str,
    columns: Sequence[str],
    settings: str,
    documents: Mapping[str, bytes],
    now: float,
    identity: str,
) -> None:
    """Make the tables of a batch that has nobody yet."""
    # The file is thrown away unless all goes well: it needs no journal of its own while it is made.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.executescript(schema())
    kept = json.dumps(list(columns))
    connection.execute(
        "INSERT INTO batch (one, name, state, reason, created, changed, columns, settings, seal) "
        "VALUES (1, ?, ?, '', ?, ?, ?, ?, ?)",
        (name, BatchState.DRAFT, now, now, kept, settings, seal(kept, settings)),
    )
    connection.execute("INSERT INTO progress VALUES (1, ?, 0)", (identity,))
    connection.executemany(
        "INSERT INTO document VALUES (?, ?, ?)",
        ((key, hashlib.sha256(content).hexdigest(), content) for key, content in documents.items()),
    )
    connection.executemany("INSERT INTO tally VALUES (?, 0)", ((state,) for state in RecipientState))


def add(
    connection: sqlite3.Connection, recipients: Iterable[NewRecipient], token: Callable[[], str], path: Path
) -> None:
    """Put ``recipients`` at the end, a chunk at a time."""
    rows = iter(recipients)
    with telling(path):
        (seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM recipient").fetchone()
    # What the list itself raises is none of the journal's errors, so it is read outside.
    while chunk := list(islice(rows, _CHUNK)):
        with telling(path):
            begin(connection)
            connection.executemany(
                "INSERT INTO recipient (seq, line, address, key, token, fields, seal) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_row(seq + number, new, token()) for number, new in enumerate(chunk, 1)],
            )
            connection.executemany(
                "INSERT INTO standing (seq, state, destination, reason) VALUES (?, ?, ?, ?)",
                [
                    (seq + number, new.state, text(new.destination), text(new.reason))
                    for number, new in enumerate(chunk, 1)
                ],
            )
            counts: dict[RecipientState, int] = {}
            for new in chunk:
                counts[new.state] = counts.get(new.state, 0) + 1
            connection.executemany(
                "UPDATE tally SET n = n + ? WHERE state = ?", [(n, state) for state, n in counts.items()]
            )
            connection.execute("COMMIT")
        seq += len(chunk)


def _row(seq: int, new: NewRecipient, token: str) -> tuple[str | int, ...]:
    row = (seq, new.line, text(new.address), text(new.key), token, packed(new.values))
    return (*row, seal(*row))


def packed(values: Sequence[Value]) -> str:
    """A row as the journal keeps it: JSON, where anything survives that a list can say."""
    return json.dumps(values, separators=(",", ":"))


def finish(connection: sqlite3.Connection) -> None:
    """Indexes at the end, which is much faster; from here on the file is used by several processes."""
    connection.executescript(views())
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise JournalError(
            "The journal cannot be shared between processes where it is: the file system knows no write-ahead log. "
            "Keep the data in a folder on a local disk (SMTPTUI_DATA_DIR)."
        )
