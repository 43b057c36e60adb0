"""Workbooks as Excel writes them (XLSX, ECMA-376), cell by cell as the sheet shows them."""

import datetime
import re
from collections.abc import Callable, Iterator

from smtptui.batch.lists.number_format import BUILTIN, BY_COUNTRY, GENERAL, show, show_text
from smtptui.batch.lists.shown_dates import NotShown
from smtptui.batch.lists.workbook import COLUMNS, ROWS, Broken, Cell, Overview, Package, Sheet, SheetRow, nothing

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MERGED_MOST = 10_000
_STRINGS_MOST = 10_000_000
_NO_CELL = Cell("")
_NO_VALUE = "has a formula without a kept value; open the workbook in a spreadsheet and save it"


class XlsxWorkbook:
    """An XLSX file, opened; raises :class:`ListError`."""

    def __init__(self, package: Package) -> None:
        self._package = package
        if "xl/workbook.bin" in package.entries:
            raise package.error("it is a binary workbook (XLSB); save it as XLSX or CSV.")
        self._book = next((path for path in self._targets("", "officeDocument")), "xl/workbook.xml")
        if self._book not in package.entries:
            raise package.error("it is a ZIP archive without a workbook in it; save the list as XLSX or CSV.")
        self._from_1904 = False
        self.sheets = self._read_sheets()
        self._formats: list[tuple[int, str]] = []
        for path in self._targets(self._book, "styles"):
            self._formats = self._read_formats(path)
        self._strings: list[str] | None = None

    def overview(self, sheet: Sheet) -> Overview:
        """Look through a sheet once."""
        found = Overview()
        hidden = filled = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal hidden, filled
            match name:
                case "row":
                    hidden, filled = _is_hidden(attributes, "ht"), False
                case "v" | "is":
                    filled = True
                case "c" if self._format_of(attributes)[0] in BY_COUNTRY and "r" in attributes:
                    found.by_country.add(_place(attributes["r"])[1])
                case "col" if _is_hidden(attributes, "width"):
                    last = min(int(attributes["max"]), COLUMNS)
                    found.hidden_columns.update(range(int(attributes["min"]) - 1, last))
                case "mergeCell":
                    found.merged.append(_area(attributes["ref"]))
                    if len(found.merged) > _MERGED_MOST:
                        raise Broken("it has too many merged cells")

        def end(name: str) -> None:
            if name == "row" and hidden and filled:
                found.hidden_rows += 1

        self._package.parse_all(sheet.place, start, end, nothing)
        return found

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows of a sheet that have anything in them."""
        reader = _Rows(self._cell)
        for _ in self._package.parse(sheet.place, reader.start, reader.end, reader.text):
            yield from reader.take()

    def _cell(self, attributes: dict[str, str], value: str | None, inline: str, formula: bool) -> Cell:
        """A cell by its type (18.18.11), what it holds and its format."""
        kind = attributes.get("t", "n")
        code = self._format_of(attributes)[1]
        if not value and kind not in ("inlineStr", "str"):
            return Cell("", _NO_VALUE) if formula else _NO_CELL
        if value is None and formula:
            return Cell("", _NO_VALUE)
        value = value or ""
        try:
            match kind:
                case "s":
                    return Cell(show_text(self._string(int(value)), code))
                case "inlineStr":
                    return Cell(show_text(_unescaped(inline), code))
                case "str":
                    return Cell(show_text(_unescaped(value), code))
                case "b":
                    return Cell("TRUE" if _is_on(value) else "FALSE")
                case "e":
                    return Cell("", f"has the error {value}")
                case "d":
                    return Cell(show(_serial(value, self._from_1904), code, from_1904=self._from_1904))
            return Cell(show(float(value), code, from_1904=self._from_1904))
        except NotShown as error:
            return Cell("", format=str(error))

    def _format_of(self, attributes: dict[str, str]) -> tuple[int, str]:
        style = int(attributes.get("s", "0"))
        return self._formats[style] if style < len(self._formats) else (0, GENERAL)

    def _string(self, number: int) -> str:
        if self._strings is None:
            self._strings = []
            for path in self._targets(self._book, "sharedStrings"):
                self._strings = self._read_strings(path)
        if not 0 <= number < len(self._strings):
            raise Broken("a cell has a text that is not in the workbook")
        return self._strings[number]

    def _targets(self, source: str, kind: str) -> list[str]:
        """The parts that a part refers to, of this kind."""
        return [target for _, of_kind, target in self._relations(source) if of_kind == kind]

    def _relations(self, source: str) -> list[tuple[str, str, str]]:
        """Identifier, kind and path of what a part refers to (ECMA-376 part 2, 9.3)."""
        folder, _, name = source.rpartition("/")
        entry = f"{folder}/_rels/{name}.rels".removeprefix("/")
        found: list[tuple[str, str, str]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = target.removeprefix("/") if target.startswith("/") else f"{folder}/{target}".removeprefix("/")
                found.append((attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2], _normal(path)))

        if entry in self._package.entries:
            self._package.parse_all(entry, start, nothing, nothing)
        return found

    def _read_sheets(self) -> list[Sheet]:
        sheets: list[Sheet] = []
        paths = {identifier: path for identifier, kind, path in self._relations(self._book) if kind == "worksheet"}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self._from_1904 = _is_on(attributes.get("date1904"))
            elif name == "sheet" and (path := paths.get(attributes.get("id", ""))) is not None:
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append(Sheet(attributes.get("name", ""), hidden, path))

        self._package.parse_all(self._book, start, nothing, nothing)
        return sheets

    def _read_formats(self, path: str) -> list[tuple[int, str]]:
        """Number and code of each cell format (18.8.10)."""
        codes = dict(BUILTIN)
        numbers: list[int] = []
        inside = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if name == "numFmt":
                codes[int(attributes["numFmtId"])] = attributes["formatCode"]
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                numbers.append(int(attributes.get("numFmtId", "0")))

        def end(name: str) -> None:
            nonlocal inside
            inside = inside and name != "cellXfs"

        self._package.parse_all(path, start, end, nothing)
        # A number without a code is one that some countries have, of which each shows something else.
        return [(number, codes.get(number, f"number {number} of some countries")) for number in numbers]

    def _read_strings(self, path: str) -> list[str]:
        """The texts that cells share (18.4.9), without what tells how they are pronounced."""
        found: list[str] = []
        text = _Text()

        def end(name: str) -> None:
            text.end(name)
            if name == "si":
                found.append(_unescaped(text.take()))
                if len(found) > _STRINGS_MOST:
                    raise Broken("it has too many texts")

        self._package.parse_all(path, text.start, end, text.text)
        return found


class _Text:
    """Collects the text of <t> elements, but for those of <rPh>."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._inside = self._spoken = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = name == "t" and not self._spoken
        self._spoken = self._spoken or name == "rPh"

    def end(self, name: str) -> None:
        self._inside = False
        if name == "rPh":
            self._spoken = False

    def text(self, text: str) -> None:
        if self._inside:
            self._pieces.append(text)

    def take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


class _Rows:
    """Makes rows of the elements of a sheet, a row at a time."""

    def __init__(self, cell: Callable[[dict[str, str], str | None, str, bool], Cell]) -> None:
        self._cell = cell
        self._done: list[SheetRow] = []
        self._line = 0
        self._hidden = False
        self._cells: list[Cell] = []
        self._attributes: dict[str, str] = {}
        self._value: list[str] | None = None
        self._in_value = self._formula = False
        self._column = self._next = 0
        self._inline = _Text()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "row":
                line = int(attributes.get("r", self._line + 1))
                if not self._line < line <= ROWS:
                    raise Broken(f"row {line} does not come after row {self._line}")
                self._line, self._hidden, self._cells, self._next = line, _is_hidden(attributes, "ht"), [], 0
            case "c":
                self._attributes, self._value, self._formula = attributes, None, False
                self._column = _place(attributes["r"])[1] if "r" in attributes else self._next
                if not self._next <= self._column < COLUMNS:
                    raise Broken(f"the cells of row {self._line} are not in order")
                self._next = self._column + 1
            case "v":
                self._value, self._in_value = [], True
            case "f":
                self._formula = True
            case "is" | "r" | "t" | "rPh":
                self._inline.start(name, attributes)

    def end(self, name: str) -> None:
        match name:
            case "v":
                self._in_value = False
            case "c":
                value = "".join(self._value) if self._value is not None else None
                cell = self._cell(self._attributes, value, self._inline.take(), self._formula)
                if cell is not _NO_CELL and cell != _NO_CELL:
                    self._cells += [_NO_CELL] * (self._column - len(self._cells))
                    self._cells.append(cell)
            case "row" if self._cells:
                self._done.append(SheetRow(self._line, tuple(self._cells), self._hidden))
            case "is" | "r" | "t" | "rPh":
                self._inline.end(name)

    def text(self, text: str) -> None:
        if self._in_value and self._value is not None:
            self._value.append(text)
        self._inline.text(text)

    def take(self) -> list[SheetRow]:
        done, self._done = self._done, []
        return done


def _is_on(text: str | None) -> bool:
    return text is not None and text.strip().lower() in ("1", "true", "on")


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """Whether a row or a column is hidden, by itself or by a filter, or has no height or width to be seen in."""
    return _is_on(attributes.get("hidden")) or (size in attributes and float(attributes[size]) == 0)


def _unescaped(text: str) -> str:
    """What XML cannot hold is written as _xHHHH_ (22.4.2.4); a carriage return is part of a line end."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n")


def _place(reference: str) -> tuple[int, int]:
    """Row, counted from 1, and column, counted from 0, of a cell such as B7."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise Broken(f"there is no cell {reference[:20]}")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    if column > COLUMNS:
        raise Broken(f"there is no column {match[1]}")
    return int(match[2]), column - 1


def _area(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = _place(first), _place(last or first)
    return top, bottom, left, right


def _normal(path: str) -> str:
    """A path without . and .. in it."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _serial(text: str, from_1904: bool) -> float:
    """The serial number of a date after ISO 8601, which strict workbooks have."""
    moment = datetime.datetime.fromisoformat(text.removesuffix("Z"))
    epoch = datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30)
    return (moment - epoch) / datetime.timedelta(days=1)
