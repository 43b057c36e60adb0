"""Brings a file of an earlier format up to date, in place: all steps in one transaction, or none."""

import contextlib
import sqlite3
from collections.abc import Mapping

Step = tuple[str, ...]
"""Statements in their order, one each."""


def upgrade(connection: sqlite3.Connection, steps: Mapping[int, Step]) -> None:
    """Go from the format that the file has to the latest one that ``steps`` lead to.

    ``steps`` has the statements that lead from each format to the next. Another process may do the same at the same
    time: the second one finds nothing left to do. Raises :class:`sqlite3.Error`; then nothing has changed.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        while version in steps:
            for statement in steps[version]:
                connection.execute(statement)
            version += 1
            connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
