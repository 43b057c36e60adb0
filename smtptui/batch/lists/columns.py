"""The columns of a list: what they are called, and which one has the addresses."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.list_reader import ListReader
from smtptui.batch.model import Value
from smtptui.protocol import visible

_ADDRESS = re.compile(r"\s*(?:[^<>@]*<)?(?:mailto:)?[^\s<>@,;:()]+@[^\s<>@,;:()]+\.[^\s<>@,;:()]{2,}>?\s*")
_MOST = 0.8
"""The share of a column's values that are addresses, if it is one of addresses and its name does not tell."""
_SOME = 0.3
"""The same where its name tells."""
_NAMES_SHOWN = 20


def looks_like_address(value: Value) -> bool:
    """Whether a value is meant as an address, also with a name beside it; not whether it is a valid one."""
    return isinstance(value, str) and "@" in value and _ADDRESS.fullmatch(value) is not None


def name_columns(
    file: str, cells: Sequence[str], *, header: bool, given: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names for the columns, each different, and what was done to get them, in sentences.

    With ``header`` the cells are the names, otherwise they are the first row, and the names may be ``given``. Raises
    :class:`ListError` where these are not as many as there are columns.
    """
    if given and len(given) != len(cells):
        raise ListError(file, f"it has {len(cells)} columns, and {len(given)} names were given; name each.")
    if given:
        cells, header = given, True
    names: list[str] = []
    notes: list[str] = []
    taken = {cell.strip() for cell in cells} if header else set()
    used: set[str] = set()
    numbers: dict[str, int] = {}
    for number, cell in enumerate(cells, 1):
        name = cell.strip() if header else ""
        if not name:
            name = _free(
                "email" if looks_like_address(cell) and not header else f"column_{number}", taken, used, numbers
            )
            if header:
                notes.append(f"Column {number} has no name; it is called {name}.")
        elif name in used:
            free = _free(name, taken, used, numbers)
            notes.append(f"Column {number} is called {visible(name)} as one before it; it becomes {visible(free)}.")
            name = free
        used.add(name)
        names.append(name)
    if not header:
        shown = ", ".join(names[:_NAMES_SHOWN])
        notes.append(f"The columns are called {shown}{' and so on' if len(names) > _NAMES_SHOWN else ''}.")
    return tuple(names), tuple(notes)


def address_column(reader: ListReader, named: str | None = None) -> int:
    """The place of the column with the addresses: the one that is ``named``, else the one that looks like it.

    ``named`` is a name, in any case, or a number counted from 1. Raises :class:`ListError` where no column fits, or
    several do.
    """
    if named is not None:
        return _named(reader, named)
    if reader.address is not None:
        return reader.columns.index(reader.address)
    sample = reader.sample()
    shares = [_share(row.values[place] for row in sample) for place in range(len(reader.columns))]
    sure, maybe = _known_names()
    called = [_plain(name) for name in reader.columns]
    for fits in (
        [place for place, name in enumerate(called) if name in sure and shares[place] >= _SOME],
        [place for place, name in enumerate(called) if name in maybe and shares[place] >= _MOST],
        [place for place, share in enumerate(shares) if share >= _MOST],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            names = _listed(reader.columns[place] for place in fits)
            raise ListError(reader.name, f"several columns have addresses: {names}; say which one with --column.")
    named_so = [place for place, name in enumerate(called) if name in sure]
    if len(named_so) == 1:
        # No address in it as far as it was looked at. Each row will say why; nothing else is meant.
        return named_so[0]
    raise ListError(
        reader.name, f"no column has addresses; say which one does with --column. It has: {_listed(reader.columns)}."
    )


def known_name(name: str) -> bool:
    """Whether this is what people call a column with addresses."""
    sure, maybe = _known_names()
    return _plain(name) in sure | maybe


def _named(reader: ListReader, named: str) -> int:
    if named in reader.columns:
        return reader.columns.index(named)
    wanted = named.strip().casefold()
    fits = [place for place, name in enumerate(reader.columns) if name.casefold() == wanted]
    if len(fits) == 1:
        return fits[0]
    if not fits and re.fullmatch("[0-9]{1,5}", wanted) and 1 <= int(wanted) <= len(reader.columns):
        return int(wanted) - 1
    raise ListError(reader.name, f"there is no column {visible(named)!r}; it has: {_listed(reader.columns)}.")


def _share(values: Iterable[Value]) -> float:
    """How many of the values that are not empty look like addresses."""
    filled = [value for value in values if value is not None and value != ""]
    return sum(map(looks_like_address, filled)) / len(filled) if filled else 0.0


def _listed(names: Iterable[str]) -> str:
    shown = [visible(name)[:40] for name in names]
    more = len(shown) - _NAMES_SHOWN
    return ", ".join(shown[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _free(name: str, taken: set[str], used: set[str], numbers: dict[str, int]) -> str:
    """The name, else with a number behind it; ``numbers`` has the last one of each, so that many take no time."""
    if name not in taken and name not in used:
        return name
    number = numbers.get(name, 1) + 1
    while (free := f"{name}_{number}") in taken or free in used:
        number += 1
    numbers[name] = number
    return free


@cache
def _known_names() -> tuple[frozenset[str], frozenset[str]]:
    text = files("smtptui.batch.lists").joinpath("address_columns.toml").read_text(encoding="utf-8")
    known: dict[str, list[str]] = tomllib.loads(text)
    return frozenset(map(_plain, known["sure"])), frozenset(map(_plain, known["maybe"]))


def _plain(name: str) -> str:
    """A name without case, accents, blanks and signs."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in decomposed if char.isalnum())
