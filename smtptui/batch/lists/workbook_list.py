"""Lists in workbooks: which sheet, which rows, and what of them cannot be told."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from itertools import islice

from smtptui.batch.lists.columns import looks_like_address, name_columns
from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.list_reader import ListKind, ListReader, Ragged, Row
from smtptui.batch.lists.octets import Octets
from smtptui.batch.lists.ods import MIME, OdsWorkbook
from smtptui.batch.lists.workbook import Overview, Package, Sheet, SheetRow, Workbook
from smtptui.batch.lists.xlsx import XlsxWorkbook
from smtptui.protocol import visible

_NAMES_SHOWN = 10
HIDDEN_ROW = "the row is hidden in the sheet; show it there, or use --hidden include"


class Hidden(StrEnum):
    """What becomes of rows that the sheet hides, by themselves or by a filter."""

    SKIP = "skip"
    INCLUDE = "include"


@dataclass(slots=True)
class _Page:
    """A sheet that is read as a list."""

    book: Workbook
    sheet: Sheet
    overview: Overview
    hidden: Hidden

    def rows(self) -> Iterator[SheetRow]:
        """The rows that have anything to see in them."""
        for row in self.book.rows(self.sheet):
            if any(cell.text or cell.problem or cell.format for cell in row.cells):
                yield row

    def skipped(self, row: SheetRow) -> bool:
        """Whether a row is left out since it is hidden."""
        return row.hidden and self.hidden is not Hidden.INCLUDE


def open_workbook(
    octets: Octets, *, sheet: str | None, header: bool | None, names: Sequence[str], hidden: Hidden
) -> ListReader:
    """Open the sheet named, else the first one that is visible; raises :class:`ListError`."""
    package = Package(octets)
    mime = package.head("mimetype")
    if mime and not mime.startswith(MIME):
        raise package.error("it is an OpenDocument file that is not a spreadsheet; save the list as ODS, XLSX or CSV.")
    book: Workbook = OdsWorkbook(package) if mime else XlsxWorkbook(package)
    chosen = _chosen(octets.name, book.sheets, sheet)
    page = _Page(book, chosen, book.overview(chosen), hidden)
    top = next((row for row in page.rows() if not page.skipped(row)), None)
    if top is None:
        others = _others(book.sheets, chosen)
        hint = f" --sheet NAME reads another: {others}." if others else ""
        only = "has hidden rows only; --hidden include reads them." if page.overview.hidden_rows else "is empty."
        raise ListError(octets.name, f"the sheet {visible(chosen.title)!r} {only}{hint}")
    cells = [cell.text for cell in top.cells]
    while cells and not cells[-1]:
        cells.pop()
    notes = []
    if header is None:
        header = not any(looks_like_address(cell) for cell in cells)
        if not header:
            notes.append("The first row has an address, so it is taken for a recipient and not for a header.")
    columns, more = name_columns(octets.name, cells, header=header, given=names)
    begin = top.line if header else top.line - 1
    reader = _Body(octets.name, page, columns, begin)
    return ListReader(
        octets,
        ListKind.ODS if mime else ListKind.XLSX,
        columns,
        reader.rows,
        sample=reader.sample,
        need=reader.need,
        notes=[*_notes(book, page, columns), *notes, *more],
    )


class _Merged:
    """Cells that reach over several rows, looked up row by row, downwards: there may be many of them."""

    def __init__(self, merged: Iterable[tuple[int, int, int, int]], needed: Collection[int], width: int) -> None:
        places = sorted(place for place in needed if place < width)
        self._waiting = sorted(
            (
                (top, bottom, left)
                for top, bottom, left, right in merged
                if bottom > top and bisect_left(places, left) < bisect_right(places, right)
            ),
            reverse=True,
        )
        self._open: list[tuple[int, int]] = []

    def above(self, line: int) -> int | None:
        """The first column of a cell that began above this row; lines are asked for in ascending order."""
        while self._waiting and self._waiting[-1][0] < line:
            _, bottom, left = self._waiting.pop()
            heappush(self._open, (bottom, left))
        while self._open and self._open[0][0] < line:
            heappop(self._open)
        return self._open[0][1] if self._open else None


class _Body:
    """The rows below the header."""

    def __init__(self, name: str, page: _Page, columns: tuple[str, ...], begin: int) -> None:
        self._name = name
        self._page = page
        self._columns = columns
        self._begin = begin
        self._needed = range(len(columns)) or frozenset[int]()

    def need(self, columns: frozenset[int]) -> None:
        """Only these columns matter: what cannot be told in others has no value, and is no error."""
        self._needed = columns

    def rows(self) -> Iterator[Row | Ragged]:
        """All rows; raises :class:`ListError` at a format that is not shown exactly."""
        return self._rows(self._needed, strict=True)

    def sample(self, count: int) -> list[Row]:
        """The first rows that can be used, whatever formats they have."""
        rows = (row for row in self._rows(frozenset(), strict=False) if isinstance(row, Row))
        return list(islice(rows, count))

    def _rows(self, needed: "frozenset[int] | range", *, strict: bool) -> Iterator[Row | Ragged]:
        merged = _Merged(self._page.overview.merged, needed, len(self._columns))
        for row in self._page.rows():
            if row.line > self._begin:
                yield self._row(row, needed, strict, merged.above(row.line))

    def _row(self, row: SheetRow, needed: "frozenset[int] | range", strict: bool, merged: int | None) -> Row | Ragged:
        """A row of the list; ``merged`` is a column whose cell belongs to the row above."""
        if self._page.skipped(row):
            return Ragged(row.line, f"{HIDDEN_ROW}.")
        width = len(self._columns)
        if any(cell.text or cell.problem or cell.format for cell in row.cells[width:]):
            return Ragged(
                row.line, f"it has a cell beyond the {width} columns of the list; move it, or name its column."
            )
        values: list[str | None] = []
        for place, cell in enumerate(row.cells[:width]):
            if place in needed:
                if strict and cell.format:
                    raise self._not_shown(row.line, place, cell.format)
                if cell.problem:
                    return Ragged(row.line, f"{self._column(place)} {cell.problem}.")
            if "\0" in cell.text:
                return Ragged(row.line, "it has a NUL, which no text has; remove it.")
            values.append(None if cell.problem or cell.format else cell.text)
        if merged is not None:
            return Ragged(row.line, f"{self._column(merged)} is merged with the row above; unmerge the cells.")
        return Row(row.line, (*values, *[""] * (width - len(values))))

    def _column(self, place: int) -> str:
        return f"the column {visible(self._columns[place])!r} ({_letters(place)})"

    def _not_shown(self, line: int, place: int, what: str) -> ListError:
        return ListError(
            self._name,
            f"{self._column(place)} has {visible(what)}, which smtptui cannot show as the sheet does; "
            "choose another format for the column, such as Text, Number or Date, or save the sheet as CSV.",
            line=line,
        )


def _chosen(name: str, sheets: list[Sheet], wanted: str | None) -> Sheet:
    if wanted is None:
        for one in (*(each for each in sheets if not each.hidden), *sheets):
            return one
    else:
        # As it is written first; then as spreadsheets compare titles, which is without case.
        alike = [one for one in sheets if one.title.casefold() == wanted.strip().casefold()]
        for one in (*(each for each in sheets if each.title == wanted), *alike):
            return one
    names = ", ".join(repr(visible(one.title)) for one in sheets[:_NAMES_SHOWN]) or "none"
    raise ListError(name, f"there is no sheet {visible(wanted or '')!r}; it has {names}.")


def _others(sheets: list[Sheet], chosen: Sheet) -> str:
    others = [f"{visible(one.title)!r}{' (hidden)' if one.hidden else ''}" for one in sheets if one is not chosen]
    more = f" and {len(others) - _NAMES_SHOWN} more" if len(others) > _NAMES_SHOWN else ""
    return ", ".join(others[:_NAMES_SHOWN]) + more


def _notes(book: Workbook, page: _Page, columns: tuple[str, ...]) -> Iterator[str]:
    """What was decided about the workbook, and what of it is easily missed."""
    overview = page.overview
    if others := _others(book.sheets, page.sheet):
        yield f"The sheet {visible(page.sheet.title)!r} is read; --sheet NAME reads another: {others}."
    if overview.hidden_rows:
        rows = "1 row is" if overview.hidden_rows == 1 else f"{overview.hidden_rows} rows are"
        them = "it" if overview.hidden_rows == 1 else "them"
        if page.hidden is Hidden.INCLUDE:
            yield f"{rows} hidden in the sheet and included (--hidden include)."
        else:
            yield f"{rows} hidden in the sheet and left out; --hidden include takes {them} as well."
    unseen = [visible(columns[place]) for place in sorted(overview.hidden_columns) if place < len(columns)]
    if unseen:
        yield f"Hidden in the sheet, but read: column {', '.join(unseen[:_NAMES_SHOWN])}."
    countries = [visible(columns[place]) for place in sorted(overview.by_country) if place < len(columns)]
    if countries:
        yield (
            f"Column {', '.join(countries[:_NAMES_SHOWN])} has a format that each country shows in its own way; it is "
            "written as in the United States. Choose a fixed format in the sheet if that is wrong."
        )


def _letters(place: int) -> str:
    """What a sheet calls a column: A for 0, AA for 26."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
