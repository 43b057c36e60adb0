"""Lists of recipients: CSV, JSON Lines and workbooks, read row by row in flat memory."""

from smtptui.batch.lists.columns import address_column
from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.model import ListKind, ListReader, Ragged, Row
from smtptui.batch.lists.opening import open_list
from smtptui.batch.lists.workbook_list import Hidden

__all__ = ["Hidden", "ListError", "ListKind", "ListReader", "Ragged", "Row", "address_column", "open_list"]
