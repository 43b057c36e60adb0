"""Lists of recipients: CSV, JSON Lines and workbooks, read row by row in flat memory."""

from smtptui.batch.lists.columns import address_column, known_name
from smtptui.batch.lists.exported import FIELDS, guarded, prefix_for, prefix_in, unguarded
from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.list_reader import ListKind, ListReader, Ragged, Row
from smtptui.batch.lists.opening import open_list
from smtptui.batch.lists.workbook_list import Hidden

__all__ = [
    "FIELDS",
    "Hidden",
    "ListError",
    "ListKind",
    "ListReader",
    "Ragged",
    "Row",
    "address_column",
    "guarded",
    "known_name",
    "open_list",
    "prefix_for",
    "prefix_in",
    "unguarded",
]
