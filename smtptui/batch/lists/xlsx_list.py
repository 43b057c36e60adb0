"""Lists written as workbooks (XLSX), by openpyxl, which is not installed with the rest."""

import datetime
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from smtptui.batch.lists.columns import looks_like_address, name_columns
from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.model import ListKind, ListReader, Ragged, Row
from smtptui.batch.lists.octets import Octets
from smtptui.protocol import visible

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_UNPACKED = 2 << 30
"""Octets a workbook may unpack to; a sheet that is full has less."""
_AT_ONCE = 500


def open_xlsx(octets: Octets, *, sheet: str | None, header: bool | None, names: Sequence[str]) -> ListReader:
    """Open the sheet named, else the first one; raises :class:`ListError`."""
    page = _sheet(octets, sheet)

    def filled() -> Iterator[tuple[int, list[str]]]:
        for line, cells in enumerate(_cells(octets.name, page), 1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield line, texts

    top = next(filled(), None)
    if top is None:
        raise ListError(octets.name, f"the sheet {visible(page.title)!r} is empty.")
    first, texts = top
    cells = texts[: max(place for place, text in enumerate(texts, 1) if text)]
    notes = []
    if header is None:
        header = not any(looks_like_address(cell) for cell in cells)
        if not header:
            notes.append("The first row has an address, so it is taken for a recipient and not for a header.")
    columns, more = name_columns(octets.name, cells, header=header, given=names)
    width = len(columns)

    def body() -> Iterator[Row | Ragged]:
        for line, texts in filled():
            if header and line == first:
                continue
            values = [*texts, *[""] * (width - len(texts))]
            if any(values[width:]):
                yield Ragged(
                    line, f"it has a cell beyond the {width} columns of the list; move it, or name its column."
                )
            elif any("\0" in value for value in values):
                yield Ragged(line, "it has a NUL, which no text has; remove it.")
            else:
                yield Row(line, tuple(values[:width]))

    return ListReader(octets, ListKind.XLSX, columns, body, notes=[*notes, *more])


def _sheet(octets: Octets, wanted: str | None) -> "ReadOnlyWorksheet":
    try:
        # It is an extra, and takes long to import.
        import openpyxl
    except ImportError as error:
        raise ListError(
            octets.name, "reading a workbook needs openpyxl: pip install 'smtptui[xlsx]', or save it as CSV."
        ) from error
    octets.file.seek(0)
    try:
        with zipfile.ZipFile(octets.file) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _UNPACKED:
                raise ListError(octets.name, f"it unpacks to more than {_UNPACKED >> 30} GiB; save it as CSV.")
            if "mimetype" in packed.namelist():
                raise ListError(octets.name, "it is an OpenDocument file; save it as CSV or XLSX.")
        with warnings.catch_warnings():
            # It warns of what it leaves out, such as pictures and validation; none of that is in a list.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(octets.file, read_only=True, data_only=True)
    except ListError:
        raise
    except Exception as error:
        # A damaged workbook fails in zipfile, zlib, the XML parser or openpyxl itself, with whatever comes.
        raise ListError(
            octets.name, f"it cannot be read as a workbook ({_cause(error)}); save it again, or as CSV."
        ) from error
    sheets: list[ReadOnlyWorksheet] = [one for one in book.worksheets if hasattr(one, "iter_rows")]
    if wanted is None and sheets:
        return sheets[0]
    for one in sheets:
        if one.title == wanted:
            return one
    names = ", ".join(repr(visible(one.title)) for one in sheets) or "none"
    raise ListError(octets.name, f"there is no sheet {visible(wanted or '')!r}; it has {names}.")


def _cells(name: str, page: "ReadOnlyWorksheet") -> Iterator[Sequence[object]]:
    # The size a sheet says it has may be wrong, and would cut rows off.
    page.reset_dimensions()
    rows: Iterator[Sequence[Any]] = iter(page.iter_rows(values_only=True))
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                chunk = list(islice(rows, _AT_ONCE))
        except Exception as error:
            raise ListError(name, f"the sheet cannot be read to its end ({_cause(error)}); save it as CSV.") from error
        if not chunk:
            return
        yield from chunk


def _cause(error: Exception) -> str:
    return visible(str(error) or type(error).__name__)[:200]


def _text(cell: object) -> str:
    """A cell as text: what CSV would have, with dates after ISO 8601."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.datetime():
            return cell.isoformat(" ")
        case _:
            return str(cell)
