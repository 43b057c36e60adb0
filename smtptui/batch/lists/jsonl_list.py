"""Lists written as JSON Lines: one object a line, its keys the columns."""

import json
from collections.abc import Iterator

from smtptui.batch.lists.encoding import Encoding, find_encoding, texts
from smtptui.batch.lists.lines import lines
from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.list_reader import ListKind, ListReader, Ragged, Row
from smtptui.batch.lists.octets import Octets
from smtptui.batch.model import Value
from smtptui.protocol import visible

COLUMN_LIMIT = 1000
"""Different keys a list may have; one that makes them up as it goes is not a table."""

Object = dict[str, Value]


def open_jsonl(octets: Octets, *, encoding: str | None) -> ListReader:
    """Open JSON Lines. The columns are the keys of all objects, in the order in which they first appear.

    A key that an object has not is null there. Raises :class:`ListError`.
    """
    found = find_encoding(octets, encoding)
    columns: dict[str, int] = {}
    first: ListError | None = None
    for line, entry in _objects(octets, found):
        if isinstance(entry, str):
            first = first or ListError(octets.name, entry, line=line)
            continue
        for key in entry:
            if key not in columns:
                columns[key] = line
        if len(columns) > COLUMN_LIMIT:
            raise ListError(octets.name, f"more than {COLUMN_LIMIT} different keys; this is no list.", line=line)
    if not columns:
        raise first or ListError(octets.name, "it is empty; a list has an object on each line.")
    beginning = min(columns.values())
    later = [key for key, line in columns.items() if line != beginning]
    notes = [
        f"The key {visible(key)!r} first appears in line {columns[key]}; it is null in the rows without it."
        for key in later[:10]
    ]
    if len(later) > 10:
        notes.append(f"So do {len(later) - 10} more keys.")

    def rows() -> Iterator[Row | Ragged]:
        for line, entry in _objects(octets, found):
            if isinstance(entry, str):
                yield Ragged(line, entry)
            else:
                yield Row(line, tuple(map(entry.get, columns)))

    return ListReader(octets, ListKind.JSON_LINES, tuple(columns), rows, encoding=found.name, notes=notes)


def _objects(octets: Octets, encoding: Encoding) -> Iterator[tuple[int, Object | str]]:
    """Each line with its object, or with what is wrong with it."""
    decoder = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_number)
    for line, text in enumerate(lines(octets.name, texts(octets, encoding)), 1):
        if text.isspace():
            continue
        try:
            entry = decoder.decode(text)
            if "\\u" in text:
                # A lone surrogate cannot be sent, nor kept.
                json.dumps(entry, ensure_ascii=False).encode()
        except json.JSONDecodeError as error:
            yield line, f"it is no JSON: {_said(error.msg)} at character {error.pos + 1}."
        except UnicodeEncodeError:
            yield line, "it has half of a character (a lone surrogate); write the character whole."
        except RecursionError:
            yield line, "it is nested too deeply."
        except ValueError as error:
            # Ours, and that of numbers of thousands of digits.
            yield line, f"it is no JSON for a list: {_said(str(error))}."
        else:
            yield line, entry if isinstance(entry, dict) else 'it is no object; each line is one, as in {"email": …}.'


def _said(text: str) -> str:
    text = visible(text).rstrip(".:")
    return text[:1].lower() + text[1:]


def _distinct(pairs: list[tuple[str, Value]]) -> Object:
    entry = dict(pairs)
    if len(entry) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return entry


def _no_number(word: str) -> Value:
    raise ValueError(f"{word} is no number")
