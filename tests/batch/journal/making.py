"""Journals for the tests."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path

from smtptui.batch.journal import Journal
from smtptui.batch.model import NewRecipient


def new(number: int, **fields: object) -> NewRecipient:
    """A pending recipient that is like no other."""
    address = f"user{number}@example.test"
    usual = {
        "line": number + 1,
        "address": address,
        "key": address,
        "destination": "example.test",
        "values": (address, f"Name {number}"),
    }
    return NewRecipient(**{**usual, **fields})  # type: ignore[arg-type]


def create(path: Path, recipients: Iterable[NewRecipient] | int = 3, **changes: object) -> Path:
    """A batch with so many recipients; the path is given back."""
    usual: dict[str, object] = {
        "name": path.stem,
        "columns": ("email", "name"),
        "settings": "{}",
        "documents": {"template": b"Subject: Hello\n\nHello {{ name }}\n"},
        "now": 1000.0,
    }
    tokens = map("token{}".format, count(1))
    rows = (new(number) for number in range(1, recipients + 1)) if isinstance(recipients, int) else recipients
    with Journal.create(path, token=lambda: next(tokens), **{**usual, **changes}) as journal:  # type: ignore[arg-type]
        journal.add(rows)
    return path
