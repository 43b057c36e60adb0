"""Workbooks of LibreOffice and others (ODS, OASIS OpenDocument 1.3 part 3): each cell has its text as it is shown."""

from collections.abc import Iterator

from smtptui.batch.lists.workbook import COLUMNS, ROWS, Broken, Cell, Overview, Package, Sheet, SheetRow, nothing

MIME = b"application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
_REPEATED_MOST = 10_000
"""Rows that are the same and not empty; more are no list."""
_CELLS = ("table-cell", "covered-table-cell")
_NO_CELL = Cell("")


class OdsWorkbook:
    """An ODS file, opened; raises :class:`ListError`."""

    def __init__(self, package: Package) -> None:
        self._package = package
        if b"encryption-data" in package.head("META-INF/manifest.xml", 1 << 20):
            raise package.error("it is protected with a password; save it without one, or as CSV.")
        if _CONTENT not in package.entries:
            raise package.error("it is an OpenDocument file without content; save it again, or as CSV.")
        self.sheets = self._read_sheets()

    def overview(self, sheet: Sheet) -> Overview:
        """Look through a sheet once."""
        found, column = Overview(), 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal column
            if name == "table-column" and reader.inside:
                count = min(int(attributes.get("number-columns-repeated", "1")), COLUMNS - column)
                if attributes.get("visibility", "visible") != "visible":
                    found.hidden_columns.update(range(column, column + count))
                column += count
            reader.start(name, attributes)

        reader = _Rows(sheet.place)
        for _ in self._package.parse(_CONTENT, start, reader.end, reader.text):
            found.hidden_rows += sum(row.hidden for row in reader.take())
        found.merged = reader.merged
        return found

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows of a sheet that have anything in them."""
        reader = _Rows(sheet.place)
        for _ in self._package.parse(_CONTENT, reader.start, reader.end, reader.text):
            yield from reader.take()

    def _read_sheets(self) -> list[Sheet]:
        sheets: list[Sheet] = []
        unseen: set[str] = set()
        style, depth = "", 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal style, depth
            if name == "style":
                style = attributes.get("name", "")
            elif name == "table-properties" and attributes.get("display") == "false":
                unseen.add(style)
            elif name == "table":
                if depth == 0:
                    hidden = attributes.get("style-name", "") in unseen
                    sheets.append(Sheet(attributes.get("name", ""), hidden, str(len(sheets))))
                depth += 1

        def end(name: str) -> None:
            nonlocal depth
            depth -= name == "table"

        self._package.parse_all(_CONTENT, start, end, nothing)
        return sheets


class _Rows:
    """Makes rows of the elements of one sheet; tables within cells, notes and shapes are no part of it."""

    def __init__(self, place: str) -> None:
        self.merged: list[tuple[int, int, int, int]] = []
        self._wanted, self._seen, self._depth = int(place), -1, 0
        self._done: list[SheetRow] = []
        self._line = 0
        self._repeated, self._hidden = 1, False
        self._cells: list[Cell] = []
        self._empty = 0
        self._attributes: dict[str, str] = {}
        self._paragraphs: list[list[str]] = []
        self._in_cell = False
        self._in_paragraph = self._aside = 0

    @property
    def inside(self) -> bool:
        """Whether this is in the sheet, and in no table within it."""
        return self._depth == 1 and self._seen == self._wanted

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._seen += self._depth == 0
            self._depth += 1
        elif not self.inside:
            return
        elif self._aside or name in ("annotation", "shapes", "frame"):
            self._aside += name in ("annotation", "shapes", "frame")
        elif name == "table-row":
            self._repeated = int(attributes.get("number-rows-repeated", "1"))
            self._hidden = attributes.get("visibility", "visible") != "visible"
            self._cells, self._empty = [], 0
        elif name in _CELLS:
            self._attributes, self._paragraphs, self._in_cell = attributes, [], True
        elif self._in_cell:
            self._character(name, attributes)

    def _character(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "p":
                self._in_paragraph += 1
                self._paragraphs.append([])
            case "s" if self._in_paragraph:
                count = int(attributes.get("c", "1"))
                if not 0 <= count <= 100_000:
                    raise Broken("a cell has too many blanks")
                self._paragraphs[-1].append(" " * count)
            case "tab" if self._in_paragraph:
                self._paragraphs[-1].append("\t")
            case "line-break" if self._in_paragraph:
                self._paragraphs[-1].append("\n")

    def end(self, name: str) -> None:
        if name == "table":
            self._depth -= 1
        elif not self.inside:
            return
        elif self._aside:
            self._aside -= name in ("annotation", "shapes", "frame")
        elif name == "p":
            self._in_paragraph = max(0, self._in_paragraph - 1)
        elif name in _CELLS:
            self._end_cell()
        elif name == "table-row":
            self._end_row()

    def text(self, text: str) -> None:
        if self._in_paragraph and not self._aside and self.inside:
            # Line ends and blanks in the file are one blank (6.1.2).
            self._paragraphs[-1].append(text.replace("\n", " ").replace("\t", " "))

    def take(self) -> list[SheetRow]:
        done, self._done = self._done, []
        return done

    def _end_cell(self) -> None:
        self._in_cell = False
        attributes = self._attributes
        text = "\n".join("".join(pieces) for pieces in self._paragraphs)
        # Formats of numbers have blanks at their ends, as wide as a sign.
        cell = Cell(text if attributes.get("value-type", "string") == "string" else text.strip())
        if attributes.get("formula") and not self._paragraphs and "value-type" not in attributes:
            cell = Cell("", "has a formula without a kept value; open the workbook in a spreadsheet and save it")
        elif attributes.get("value-type") == "error" or cell.text.startswith(("#N/A", "Err:", "#REF!", "#VALUE!")):
            cell = Cell("", f"has the error {cell.text}") if attributes.get("formula") else cell
        across = int(attributes.get("number-columns-spanned", "1"))
        down = int(attributes.get("number-rows-spanned", "1"))
        column = len(self._cells) + self._empty
        if across > 1 or down > 1:
            if len(self.merged) >= _REPEATED_MOST:
                raise Broken("it has too many merged cells")
            self.merged.append((self._line + 1, self._line + down, column, column + across - 1))
        count = int(attributes.get("number-columns-repeated", "1"))
        if cell == _NO_CELL:
            self._empty += max(0, count)
            return
        if not 0 < column + count <= COLUMNS:
            raise Broken(f"row {self._line + 1} has more than {COLUMNS} cells")
        self._cells += [_NO_CELL] * self._empty + [cell] * count
        self._empty = 0

    def _end_row(self) -> None:
        if self._repeated < 1 or self._line + self._repeated > 2 * ROWS:
            raise Broken(f"it has more than {ROWS} rows")
        if self._cells:
            if self._repeated > _REPEATED_MOST:
                raise Broken(f"row {self._line + 1} stands there {self._repeated} times")
            cells = tuple(self._cells)
            for number in range(self._repeated):
                self._done.append(SheetRow(self._line + 1 + number, cells, self._hidden))
        self._line += self._repeated
