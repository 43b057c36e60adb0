"""Our own exports: what their columns are called, and how a list that was made of one is read again as it was."""

import re
from collections.abc import Collection, Iterator

from smtptui.batch.lists.list_reader import ListKind, ListReader, Ragged, Row
from smtptui.batch.model import Value

FIELDS = (
    "address",
    "state",
    "code",
    "enhanced",
    "reply",
    "attempts",
    "message_id",
    "queue_id",
    "reason",
    "stage",
    "line",
    "token",
    "column",
)
"""What an export says of a recipient, beside the row of the list."""
_SIGNS = ("address", "state", "column")
"""Fields that tell an export of ours: a user may have taken out the others."""
_PREFIX = re.compile(r"(smtptui(?:[1-9][0-9]*)?_)(.+)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
"""What spreadsheets take for the beginning of a formula, in their wide forms too, or as a call of another program."""


def prefix_for(columns: Collection[str]) -> str:
    """What comes before each of our fields, so that none is called as one of these columns."""
    taken = {name.casefold() for name in columns}
    prefix, number = "smtptui_", 2
    while any(prefix + field in taken for field in FIELDS):
        prefix, number = f"smtptui{number}_", number + 1
    return prefix


def prefix_in(columns: Collection[str]) -> str | None:
    """What comes before our fields in a list that is an export of ours; None if it is none."""
    named = set(columns)
    found = {match[1] for name in columns if (match := _PREFIX.fullmatch(name)) and match[2] in FIELDS}
    whole = [prefix for prefix in found if all(prefix + field in named for field in _SIGNS)]
    # Of an export of an export that had such columns itself, the last one.
    return max(whole, key=lambda prefix: (len(prefix), prefix), default=None)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: then it has an apostrophe before it. See :func:`unguarded`."""
    return f"'{cell}" if _acts(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that :func:`guarded` was given."""
    return cell[1:] if cell.startswith("'") and _acts(cell[1:]) else cell


def _acts(cell: str) -> bool:
    # Also behind apostrophes of its own, which could not be told from ours otherwise.
    core = cell.lstrip("'")
    return core.startswith(_FORMULA) or core.lstrip().startswith(_FORMULA)


def as_it_was(reader: ListReader) -> ListReader:
    """The list that an export of ours was made of, without our columns and with its cells as they were.

    Any other list is returned as it is.
    """
    plain = reader.kind is ListKind.JSON_LINES
    columns = reader.columns if plain else tuple(map(unguarded, reader.columns))
    prefix = prefix_in(columns)
    if prefix is None:
        return reader
    ours = {prefix + field for field in FIELDS}
    kept = [place for place, name in enumerate(columns) if name not in ours]
    named = columns.index(prefix + "column")

    def cell(value: Value) -> Value:
        return value if plain or not isinstance(value, str) else unguarded(value)

    def rows() -> Iterator[Row | Ragged]:
        for row in reader:
            yield row if isinstance(row, Ragged) else Row(row.line, tuple(cell(row.values[place]) for place in kept))

    address = next((cell(row.values[named]) for row in reader.sample(1)), None)
    names = [columns[place] for place in kept]
    return reader.derived(
        names,
        rows,
        places=kept,
        address=address if isinstance(address, str) and address in names else None,
        note=f"It is an export of smtptui: what that added ({prefix}…) is left out.",
    )
