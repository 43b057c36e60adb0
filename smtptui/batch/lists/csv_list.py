"""Lists written as CSV (RFC 4180 and its relatives): rows by line, and never a value in the wrong column."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

from smtptui.batch.lists.columns import looks_like_address, name_columns
from smtptui.batch.lists.delimiter import Dialect, find_dialect
from smtptui.batch.lists.encoding import find_encoding, texts
from smtptui.batch.lists.exported import prefix_in
from smtptui.batch.lists.lines import lines
from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.list_reader import ListKind, ListReader, Ragged, Row
from smtptui.batch.lists.octets import Octets

FIELD_LIMIT = 1 << 20
"""Characters a field may have. One that is larger is a quotation mark that nobody closed, or no list."""
_SAMPLE = 200
"""Lines that are looked at to find the delimiter."""
_SHOWN = {",": "comma", ";": "semicolon", "\t": "tab"}


def open_csv(
    octets: Octets, *, encoding: str | None, delimiter: str | None, header: bool | None, names: Sequence[str]
) -> ListReader:
    """Open a CSV file. What is not given is found; raises :class:`ListError`."""
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
        raise ListError(octets.name, "a delimiter is one character, such as a comma, a semicolon or a tab.")
    found = find_encoding(octets, encoding)
    notes = list(found.notes)

    def text() -> Iterator[str]:
        return lines(octets.name, texts(octets, found))

    # What Excel writes and reads itself: a first line that names the delimiter.
    first = next(text(), "").rstrip("\r\n")
    skipped = int(first[:4].lower() == "sep=" and len(first) == 5)
    if skipped and delimiter is None and first[4] not in '"\0':
        delimiter = first[4]
    dialect = find_dialect(list(islice(text(), skipped, skipped + _SAMPLE)), delimiter)
    if dialect.blanks:
        notes.append("Blanks between a delimiter and a quotation mark are left out.")

    def rows(width: int | None, after: int = 0) -> Iterator[Row | Ragged]:
        return _rows(octets.name, islice(text(), after, None), dialect, width, after)

    top = next(rows(None, skipped), None)
    if top is None:
        raise ListError(octets.name, "it is empty; a list has a header line and a line for each recipient.")
    if isinstance(top, Ragged):
        raise ListError(octets.name, f"the first row cannot be read: {top.sentence}", line=top.line)
    cells = [str(value) for value in top.values]
    if header is None:
        header = prefix_in(cells) is not None or not any(looks_like_address(cell) for cell in cells)
        if not header:
            notes.append("The first line has an address, so it is taken for a recipient and not for a header.")
    columns, more = name_columns(octets.name, cells, header=header, given=names)
    notes += more
    width = len(columns)

    def body() -> Iterator[Row | Ragged]:
        every = rows(width, skipped)
        if header:
            next(every)
        yield from every

    return ListReader(
        octets, ListKind.CSV, columns, body, encoding=found.name, delimiter=dialect.delimiter, notes=notes
    )


def _rows(name: str, text: Iterator[str], dialect: Dialect, width: int | None, before: int) -> Iterator[Row | Ragged]:
    """The rows that are not empty. ``width`` is how many fields they must have; None for any."""
    # The limit is the module's, for the whole process; nobody else here reads CSV.
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(text, delimiter=dialect.delimiter, skipinitialspace=dialect.blanks, strict=True)
    line = before + 1
    while True:
        try:
            for fields in reader:
                if len(fields) == width or width is None:
                    joined = "".join(fields)
                    if "\0" in joined:
                        yield Ragged(line, "it has a NUL, which no text has; remove it.")
                    elif joined and not joined.isspace():
                        yield Row(line, tuple(fields))
                elif any(field.strip() for field in fields):
                    yield _ragged(fields, width, line, dialect.delimiter)
                line = before + reader.line_num + 1
            return
        except csv.Error as error:
            yield _unreadable(name, str(error), line, before + reader.line_num)
            line = before + reader.line_num + 1


def _ragged(fields: list[str], width: int, line: int, delimiter: str) -> Ragged:
    few = len(fields) < width
    sign = _SHOWN.get(delimiter, f"“{delimiter}”")
    count = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
    why = f"a {sign} is missing" if few else f"is a {sign} in a field that has no quotation marks?"
    return Ragged(line, f"{count} where the list has {width} columns; {why}{'.' if few else ''}")


def _unreadable(name: str, error: str, line: int, last: int) -> Ragged:
    """The row that cannot be read; raises :class:`ListError` where what follows cannot be trusted either."""
    if "larger than" in error and last == line:
        return Ragged(line, f"a field of more than {FIELD_LIMIT >> 20} MiB.")
    if "larger than" in error or "unexpected end" in error:
        raise ListError(name, "a quotation mark in the row that begins here is never closed; close it.", line=line)
    lines_of_it = "" if last == line else f" (lines {line} to {last})"
    return Ragged(line, f'a quotation mark within a field is not doubled{lines_of_it}; write it as "".')
