"""What separates the fields of a CSV file, found by reading its first lines with each candidate."""

import contextlib
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

CANDIDATES = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the fields of a CSV file are told apart."""

    delimiter: str
    blanks: bool = False
    """Whether blanks stand between a delimiter and the quotation mark, and belong to neither field."""


def find_dialect(sample: Sequence[str], given: str | None) -> Dialect:
    """The dialect of the lines of ``sample``, with the delimiter that was ``given`` or the one that fits best.

    One that cuts the header and then most rows into as many fields wins; of several, the one that cuts finest.
    """
    delimiter = given or max(CANDIDATES, key=lambda one: _fit(sample, one))
    return Dialect(delimiter, _spaced(sample, delimiter))


def _fit(sample: Sequence[str], delimiter: str) -> tuple[float, int]:
    widths = [len(fields) for fields in _fields(sample, delimiter) if any(fields)]
    if not widths or widths[0] < 2:
        # A header of one column may be that of a list of one; the first candidate then stands.
        return (0.0, 0)
    return (sum(width == widths[0] for width in widths) / len(widths), widths[0])


def _spaced(sample: Sequence[str], delimiter: str) -> bool:
    """Whether ``"a", "b"`` is meant as two quoted fields: it must read better so, and leave no such field."""
    if delimiter == " " or not any(f'{delimiter} "' in line for line in sample):
        return False
    plain, spaced = _fields(sample, delimiter), _fields(sample, delimiter, blanks=True)
    if not any(_opens(field) for fields in plain for field in fields):
        return False
    return _regular(spaced) >= _regular(plain) and not any(_opens(field) for fields in spaced for field in fields)


def _opens(field: str) -> bool:
    return field.startswith(" ") and field.lstrip(" ").startswith('"')


def _regular(rows: Sequence[Sequence[str]]) -> int:
    return max(Counter(len(fields) for fields in rows).values(), default=0)


def _fields(sample: Sequence[str], delimiter: str, *, blanks: bool = False) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(sample, delimiter=delimiter, skipinitialspace=blanks)
    # A field without end may be an error; what was read before it tells enough.
    with contextlib.suppress(csv.Error):
        rows.extend(reader)
    if len(rows) > 1:
        # The sample may end within a row.
        rows.pop()
    return rows
