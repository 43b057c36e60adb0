"""What a workbook is read into, whichever program wrote it: sheets, and rows of cells as they are shown."""

import xml.parsers.expat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Protocol

from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.octets import Octets
from smtptui.protocol import visible

UNPACKED = 2 << 30
"""Bytes a workbook may unpack to; a sheet that is full has fewer."""
ROWS, COLUMNS = 1_048_576, 16_384
"""Rows and columns that a sheet has at most."""
_CHUNK = 1 << 18
_DEPTH = 100
"""How deep elements are nested; a workbook needs 20."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook, not read yet."""

    title: str
    hidden: bool
    place: str
    """Where it is within the workbook."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the sheet shows it, or why it cannot be told."""

    text: str
    problem: str = ""
    """A clause about this cell alone, as a formula without a value; it makes an error of its row."""
    format: str = ""
    """A noun phrase: what it has that is not shown exactly here; it makes an error of its column."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet; empty cells at its end are left out."""

    line: int
    """As the sheet numbers it."""
    cells: tuple[Cell, ...]
    hidden: bool


@dataclass(slots=True)
class Overview:
    """What a sheet has besides its cells."""

    hidden_rows: int = 0
    """How many are hidden, or filtered out, and not empty."""
    hidden_columns: set[int] = field(default_factory=set)
    """Counted from 0."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First and last row, counted from 1; first and last column, counted from 0."""
    by_country: set[int] = field(default_factory=set)
    """Columns with dates in the form that each computer shows in its own way."""


class Workbook(Protocol):
    """A workbook that was opened. Every method may raise :class:`ListError`."""

    sheets: list[Sheet]

    def overview(self, sheet: Sheet) -> Overview:
        """Look through a sheet once."""

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows of a sheet that have anything in them."""


Start = Callable[[str, dict[str, str]], None]
Tell = Callable[[str], None]


class Broken(Exception):
    """A part of the workbook that is not what it should be; the text is a clause."""


class Package:
    """The files that a workbook is made of. Every method raises :class:`ListError`."""

    def __init__(self, octets: Octets) -> None:
        self.name = octets.name
        octets.file.seek(0)
        try:
            self._zip = zipfile.ZipFile(octets.file)
            self.entries = frozenset(self._zip.namelist())
            size = sum(entry.file_size for entry in self._zip.infolist())
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise self.error(f"it cannot be read as a workbook ({_cause(error)}); save it again, or as CSV.") from error
        if size > UNPACKED:
            raise self.error(f"it unpacks to {size:,} bytes, more than the {UNPACKED:,} allowed; save it as CSV.")

    def error(self, problem: str) -> ListError:
        """A problem with the workbook as a whole."""
        return ListError(self.name, problem)

    def head(self, entry: str, size: int = 200) -> bytes:
        """The beginning of a file; empty if it is not there."""
        if entry not in self.entries:
            return b""
        with self._open(entry) as file:
            try:
                return file.read(size)
            except _UNREADABLE as error:
                raise self._broken(entry, error) from error

    def parse(
        self, entry: str, start: Start, end: Callable[[str], None], text: Callable[[str], None]
    ) -> Iterator[None]:
        """Read an XML file, a chunk at a time; names come without their namespaces."""
        parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        depth = 0

        def begun(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > _DEPTH:
                raise Broken("its elements are nested too deep")
            start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

        def ended(name: str) -> None:
            nonlocal depth
            depth -= 1
            end(name.rpartition(" ")[2])

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begun, ended, text
        parser.StartDoctypeDeclHandler = _no_doctype
        with self._open(entry) as file:
            try:
                while chunk := file.read(_CHUNK):
                    parser.Parse(chunk, False)
                    yield
                parser.Parse(b"", True)
                yield
            except _UNREADABLE as error:
                raise self._broken(entry, error) from error

    def parse_all(self, entry: str, start: Start, end: Tell, text: Tell) -> None:
        """The same, to the end."""
        for _ in self.parse(entry, start, end, text):
            pass

    def _open(self, entry: str) -> IO[bytes]:
        try:
            return self._zip.open(entry)
        except RuntimeError as error:
            raise self.error("it is protected with a password; save it without one, or as CSV.") from error
        except (KeyError, OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
            raise self._broken(entry, error) from error

    def _broken(self, entry: str, error: Exception) -> ListError:
        return self.error(
            f"it cannot be read to its end ({visible(entry)}: {_cause(error)}); save it again, or as CSV."
        )


_UNREADABLE = (
    *(Broken, xml.parsers.expat.ExpatError, zipfile.BadZipFile, zlib.error),
    *(OSError, ValueError, EOFError, LookupError, OverflowError, RuntimeError, NotImplementedError),
)
"""What a damaged or hostile file makes of reading it."""


def _no_doctype(*_: object) -> None:
    # Entities make much out of little.
    raise Broken("it has a document type declaration, which no workbook has")


def _cause(error: Exception) -> str:
    return visible(str(error) or type(error).__name__)[:200]


def nothing(*_: object) -> None:
    """Take no notice."""
