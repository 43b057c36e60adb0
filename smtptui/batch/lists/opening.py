"""Opening a list of any kind: what it is, is seen in its first octets."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from smtptui.batch.lists.csv_list import open_csv
from smtptui.batch.lists.exported import as_it_was
from smtptui.batch.lists.jsonl_list import open_jsonl
from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.list_reader import ListKind, ListReader
from smtptui.batch.lists.octets import Octets
from smtptui.batch.lists.workbook_list import Hidden, open_workbook

_NO_LISTS = (
    (
        b"\xd0\xcf\x11\xe0",
        "it is a workbook of Excel 97, or one with a password; save it as XLSX without one, or as CSV.",
    ),
    (b"\x1f\x8b", "it is compressed; unpack it first (gunzip)."),
    (b"BZh", "it is compressed; unpack it first (bunzip2)."),
    (b"\xfd7zXZ", "it is compressed; unpack it first (unxz)."),
    (b"\x28\xb5\x2f\xfd", "it is compressed; unpack it first (unzstd)."),
    (b"%PDF-", "it is a PDF; a list is CSV, JSON Lines, XLSX or ODS."),
    (b"SQLite format 3\0", "it is a database; export the table as CSV."),
    (b"<?xml", "it is XML, such as a flat workbook; save it as XLSX, ODS or CSV."),
    (b"<!DOCTYPE", "it is HTML; a list is CSV, JSON Lines, XLSX or ODS."),
    (b"<html", "it is HTML; a list is CSV, JSON Lines, XLSX or ODS."),
)
_LOOKED_AT = 4096


def open_list(
    source: Path | BinaryIO,
    *,
    kind: ListKind | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    names: Sequence[str] = (),
    sheet: str | None = None,
    hidden: Hidden = Hidden.SKIP,
    name: str = "",
) -> ListReader:
    """Open a list; raises :class:`ListError`. What is not given is found by looking at it.

    An export of a batch is read as the list that the batch was made of.

    ``source`` is a file, or a stream such as ``sys.stdin.buffer``, which is read to its end and spooled.
    ``header`` tells whether the first row names the columns; ``names`` names those of a list without. ``name`` is
    what sentences call the list. ``sheet`` and ``hidden`` are about workbooks.
    """
    octets = Octets(source, name=name)
    try:
        match kind or _kind(octets, delimiter):
            case ListKind.XLSX | ListKind.ODS:
                reader = open_workbook(octets, sheet=sheet, header=header, names=names, hidden=hidden)
            case ListKind.JSON_LINES:
                reader = open_jsonl(octets, encoding=encoding)
            case ListKind.CSV:
                reader = open_csv(octets, encoding=encoding, delimiter=delimiter, header=header, names=names)
        return as_it_was(reader)
    except BaseException:
        octets.close()
        raise


def _kind(octets: Octets, delimiter: str | None) -> ListKind:
    head = octets.head(_LOOKED_AT)
    if head.startswith(b"PK\x03\x04"):
        return ListKind.XLSX
    for magic, problem in _NO_LISTS:
        if head.startswith(magic):
            raise ListError(octets.name, problem)
    # Good for every encoding: what is no ASCII is left out, the NULs and marks of wide ones as well.
    begin = head.replace(b"\0", b"").decode("ascii", "ignore").lstrip()
    if delimiter is None and begin.startswith("{"):
        return ListKind.JSON_LINES
    if delimiter is None and begin.startswith("["):
        raise ListError(
            octets.name, "it is a JSON array; a list has one object a line, as made by: jq -c '.[]' FILE.", line=1
        )
    return ListKind.CSV
