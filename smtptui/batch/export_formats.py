"""Every recipient with their row of the list and what became of them, as lines of CSV or JSON.

The columns of the list keep their names, so what is left of a batch can be made into another one; ours are prefixed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from smtptui.batch.identity import message_id
from smtptui.batch.journal import Standing
from smtptui.batch.lists import FIELDS, guarded, prefix_for
from smtptui.batch.model import RecipientState, Value
from smtptui.protocol import visible

Exported = tuple[Standing, Sequence[Value]]
"""A recipient, and the row."""
_QUOTED = frozenset(',;"\t\r\n')


def record(standing: Standing, domain: str, column: str) -> dict[str, str | int | None]:
    """What we say of one recipient. ``domain`` is that of the Message-IDs; who was never tried has none. ``column`` is
    the list's column with the addresses.

    Who is in flight when the runner dies may have the message: its Message-ID is what the server's log knows it by.
    """
    tried = standing.ended or standing.state is RecipientState.INFLIGHT
    values = (
        standing.address,
        str(standing.state),
        standing.code,
        standing.enhanced,
        standing.reply,
        standing.attempts,
        message_id(standing.token, domain) if tried else "",
        standing.queue_id,
        standing.reason,
        str(standing.stage) if standing.stage is not None else "",
        standing.line,
        standing.token,
        column,
    )
    return dict(zip(FIELDS, values, strict=True))


def csv_lines(rows: Iterable[Exported], columns: Sequence[str], domain: str, column: str) -> Iterator[str]:
    """CSV (RFC 4180) with a header, row by row. No cell is a formula.

    What others said (replies, reasons) holds no control character; the cells of the list are as they were.
    """
    prefix = prefix_for(columns)
    yield _line([guarded(name) for name in (*columns, *(prefix + field for field in FIELDS))])
    for standing, values in rows:
        ours = [_ours(value) for value in record(standing, domain, column).values()]
        # The name of the column is matched with the header, so it is as it was.
        ours[-1] = column
        yield _line([guarded(cell) for cell in (*map(cell_of, values), *ours)])


def jsonl_lines(rows: Iterable[Exported], columns: Sequence[str], domain: str, column: str) -> Iterator[str]:
    """JSON Lines, one object a recipient. Whatever acts on a terminal is written out as JSON writes it."""
    prefix = prefix_for(columns)
    for standing, values in rows:
        ours = {prefix + field: value for field, value in record(standing, domain, column).items()}
        fields = {**dict(zip(columns, values, strict=True)), **ours}
        line = json.dumps(fields, ensure_ascii=False)
        yield (line if visible(line) == line else json.dumps(fields)) + "\n"


def cell_of(value: Value) -> str:
    """A value of a list as a cell: text as it is, anything else as JSON has it, nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _ours(value: str | int | None) -> str:
    return "" if value is None else visible(str(value))


def _line(cells: Iterable[str]) -> str:
    return ",".join(map(_quoted, cells)) + "\n"


def _quoted(cell: str) -> str:
    # Blanks at the ends as well: some readers leave them out otherwise.
    if _QUOTED.isdisjoint(cell) and cell == cell.strip():
        return cell
    return '"' + cell.replace('"', '""') + '"'
