"""Whom not to write to: addresses and domains as users type them, and files of them in any form people have."""

import contextlib
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.addresses import Address, Addresses
from smtptui.batch.journal import Shared
from smtptui.batch.lists import ListError, ListKind, ListReader, Ragged, address_column, known_name, open_list
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind, journal_errors
from smtptui.protocol import trimmed, visible

TAKES = (
    "A file may have one address or @domain on each line, with empty lines and # comments, or be a list with a column"
    " of addresses: CSV, JSON Lines or XLSX, such as “smtptui batch export” writes."
)
_COMMENT = re.compile(r"(?:\A|\s)#.*")
_LISTED = re.compile(r"(\S+)  .*  [0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A line of ``suppress --list``."""
_SHOWN = 80


class SuppressionError(ValueError):
    """Something is neither an address nor a domain, or a file cannot be read; a sentence."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """How many addresses and domains were given, and how many of them changed something."""

    given: int
    changed: int


def suppress(
    shared: Path,
    addresses: Iterable[str],
    file: tuple[bytes, str] | None = None,
    *,
    reason: str,
    remove: bool = False,
    now: float,
) -> Suppressed:
    """Keep addresses, and those in a file (its content, and what to call it), out of every batch; or no longer.

    ``shared`` is the file of what spans batches. All or none: raises :class:`BatchError` (input) if one cannot be read.
    """
    reader = Addresses()
    try:
        keys = [key_of(text, reader) for text in addresses]
        if file is not None:
            keys += read_file(*file)
    except SuppressionError as error:
        raise BatchError(BatchErrorKind.INPUT, f"{error} Nothing was changed.") from error
    source = "user" if file is None else "file"
    with journal_errors(), contextlib.closing(Shared(shared)) as kept:
        changed = kept.unsuppress(keys) if remove else kept.suppress(keys, reason, source, now=now)
    return Suppressed(len(keys), changed)


def key_of(text: str, addresses: Addresses, where: str = "") -> str:
    """The key of an address, or of a domain written as ``@example.net``. Raises :class:`SuppressionError`."""
    typed = trimmed(text)
    found = addresses.read(f"x{typed}" if typed.startswith("@") else typed)
    if isinstance(found, Address):
        return found.key.rpartition("@")[2] if typed.startswith("@") else found.key
    shown = visible(typed)[:_SHOWN]
    raise SuppressionError(f"{where}“{shown}” is neither a valid address nor @domain: {found.rstrip('.')}.")


def read_file(data: bytes, name: str) -> list[str]:
    """The keys of all that a file names; each of its lines must be understood. Raises :class:`SuppressionError`.

    What ``suppress --list`` and ``export`` print is understood as well. ``name`` is what sentences call the file.
    """
    addresses = Addresses()
    text = data.decode("utf-8-sig", "replace")
    listed = _listed_document(text)
    if listed is not None:
        return [key_of(entry, addresses, f"{name}: ") for entry in listed]
    entries = list(_entries(text))
    if not entries:
        raise SuppressionError(f"{name} names nobody. {TAKES}")
    try:
        return [key_of(entry, addresses, f"{name} line {line}: ") for line, entry in entries]
    except SuppressionError as error:
        if _understood(entries[0][1], addresses):
            # The file has an address on each line, but for one.
            raise SuppressionError(f"{error} {TAKES}") from error
        plain = error
    try:
        with open_list(io.BytesIO(_without_comments(data)), name=name) as reader:
            return _of_list(reader, addresses, name)
    except ListError as error:
        raise SuppressionError(f"{plain} {TAKES}") from error


def _understood(entry: str, addresses: Addresses) -> bool:
    try:
        key_of(entry, addresses)
    except SuppressionError:
        return False
    return True


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for line, full in enumerate(text.splitlines(), 1):
        bare = full.strip()
        if bare.startswith("#"):
            continue
        match = _LISTED.fullmatch(bare)
        said = match[1] if match is not None else _COMMENT.sub("", bare).strip()
        if said:
            yield line, said


def _listed_document(text: str) -> list[str] | None:
    """The keys of what ``suppress --list --json`` printed; None if it is something else."""
    if not text.lstrip().startswith("{") or '"suppressed"' not in text[:200]:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    entries = document.get("suppressed") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return None
    keys = [str(entry.get("key", "")) if isinstance(entry, dict) else "" for entry in entries]
    return [key if "@" in key else f"@{key}" for key in keys]


def _without_comments(data: bytes) -> bytes:
    """The file with its comments emptied, so that the lines keep their numbers. A cell of several lines has none."""
    if data.startswith(b"PK"):
        return data
    lines = data.splitlines(keepends=True)
    quotes = 0
    for place, line in enumerate(lines):
        if quotes % 2 == 0 and line.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"#"):
            lines[place] = line[len(line.rstrip(b"\r\n")) :]
        else:
            quotes += line.count(b'"')
    return b"".join(lines)


def _of_list(reader: ListReader, addresses: Addresses, name: str) -> list[str]:
    column = address_column(reader)
    heading = reader.columns[column]
    named = reader.kind is ListKind.JSON_LINES or reader.address is not None or known_name(heading)
    if not named and (len(reader.columns) == 1 or "@" in heading or "." in heading):
        # Somebody who is misspelled in the first line is not to be taken for the name of a column.
        where = f"{name}: the first row has “{visible(heading)[:_SHOWN]}”"
        raise SuppressionError(f"{where}, which is neither an address nor the name of a column with them. {TAKES}")
    keys = []
    for row in reader:
        where = f"{name} line {row.line}: "
        if isinstance(row, Ragged):
            raise SuppressionError(f"{where}{row.sentence}")
        value = row.values[column]
        keys.append(key_of(value if isinstance(value, str) else "", addresses, where))
    return keys
