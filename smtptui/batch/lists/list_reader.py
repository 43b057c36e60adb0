"""What a list is read into: rows with the line they begin at, and the sentence where there is none."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from types import TracebackType

from smtptui.batch.lists.octets import Octets
from smtptui.batch.model import Value


class ListKind(StrEnum):
    """How a list is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    XLSX = "xlsx"
    ODS = "ods"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: as many values as the list has columns."""

    line: int
    """Where it begins, counted from 1: a line of a text, a row of a sheet."""
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Ragged:
    """A row that cannot be used: its values would stand in the wrong columns, or cannot be read at all."""

    line: int
    sentence: str
    """What is wrong with it, without file and line."""


class ListReader:
    """A list that was opened: its columns are known, its rows are read when it is iterated, each time anew.

    Iterating raises :class:`ListError` where the rest of the file cannot be trusted.
    """

    def __init__(
        self,
        octets: Octets,
        kind: ListKind,
        columns: Sequence[str],
        rows: Callable[[], Iterator[Row | Ragged]],
        *,
        encoding: str = "",
        delimiter: str = "",
        notes: Sequence[str] = (),
        sample: Callable[[int], list[Row]] | None = None,
        need: Callable[[frozenset[int]], None] | None = None,
        address: str | None = None,
    ) -> None:
        self.name = octets.name
        self.kind = kind
        self.columns = tuple(columns)
        self.encoding = encoding
        """As Python names it; empty for a workbook."""
        self.delimiter = delimiter
        """What separates the fields of a CSV file; empty otherwise."""
        self.sha256 = octets.sha256
        """Of the file's octets, in hexadecimal digits."""
        self.notes = tuple(notes)
        """What was decided about the file by looking at it, in sentences."""
        self.address = address
        """The column with the addresses, if the list itself names it, as an export of ours does."""
        self._octets = octets
        self._rows = rows
        self._sample = sample
        self._need = need

    def need(self, columns: Collection[str]) -> None:
        """Say which columns are used, if not all: of the others, what cannot be read is no error, and has no value."""
        if self._need is not None:
            self._need(frozenset(place for place, name in enumerate(self.columns) if name in columns))

    def derived(
        self,
        columns: Sequence[str],
        rows: Callable[[], Iterator[Row | Ragged]],
        *,
        places: Sequence[int],
        address: str | None,
        note: str,
    ) -> "ListReader":
        """The same list with those of its columns that are at ``places``; closing it closes this one."""

        def need(wanted: frozenset[int]) -> None:
            if self._need is not None:
                self._need(frozenset(places[place] for place in wanted))

        return ListReader(
            self._octets,
            self.kind,
            columns,
            rows,
            encoding=self.encoding,
            delimiter=self.delimiter,
            notes=(*self.notes, note),
            need=need,
            address=address,
        )

    def __iter__(self) -> Iterator[Row | Ragged]:
        return self._rows()

    def sample(self, count: int = 200) -> list[Row]:
        """The first rows that can be used, at most ``count``."""
        if self._sample is not None:
            return self._sample(count)
        rows = (row for row in self if isinstance(row, Row))
        return list(islice(rows, count))

    def close(self) -> None:
        """Close the file; what was spooled is gone."""
        self._octets.close()

    def __enter__(self) -> "ListReader":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()
