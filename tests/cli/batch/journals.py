"""Batches made without a list or a template, for verbs that only look at the journal."""

import itertools
from pathlib import Path

from smtptui.batch import BatchSettings, Journal, MessageSettings, NewRecipient, Relay, SourceFile
from smtptui.protocol import Connection

NOW = 1_800_000_000.0


def make_journal(data: Path, name: str, *recipients: NewRecipient, now: float = NOW) -> Path:
    """A batch in the data folder ``data``; without ``recipients`` it has three. Returns its journal's path."""
    path = data / "batches" / f"{name}.sqlite"
    file = SourceFile(path=Path("/nowhere/letter.txt"), sha256="0" * 64)
    settings = BatchSettings(message=MessageSettings(template=file), relay=Relay(connection=Connection("127.0.0.1")))
    tokens = (f"token{number}" for number in itertools.count(1))
    with Journal.create(
        path,
        name=name,
        columns=("email",),
        settings=settings.to_json(),
        documents={"template": b"Subject: x\n\nHello\n"},
        now=now,
        shared=data / "shared.sqlite",
        token=lambda: next(tokens),
    ) as journal:
        journal.add(recipients or [recipient(f"r{number}@good.test", number) for number in (1, 2, 3)])
    return path


def recipient(address: str, line: int = 1, **fields: object) -> NewRecipient:
    """A recipient to be sent to."""
    domain = address.rpartition("@")[2]
    return NewRecipient(line, address, address.lower(), domain, (address,), **fields)  # type: ignore[arg-type]
