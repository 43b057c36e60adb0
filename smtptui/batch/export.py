"""Every recipient and what became of them, as lines of CSV or JSON, for spreadsheets and programs."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from smtptui.batch.identity import message_id
from smtptui.batch.journal import Standing
from smtptui.batch.model import RecipientState
from smtptui.protocol import visible

FIELDS = (
    "address",
    "state",
    "code",
    "enhanced",
    "reply",
    "attempts",
    "message_id",
    "queue_id",
    "reason",
    "stage",
    "line",
    "token",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
"""What spreadsheets take for the beginning of a formula, in their wide forms too, or as a call of another program."""


def record(standing: Standing, domain: str) -> dict[str, str | int | None]:
    """One recipient. ``domain`` is that of the Message-IDs; who was never tried has none.

    Who is in flight when the runner dies may have the message: its Message-ID is what the server's log knows it by.
    """
    tried = standing.ended or standing.state is RecipientState.INFLIGHT
    return {
        "address": standing.address,
        "state": str(standing.state),
        "code": standing.code,
        "enhanced": standing.enhanced,
        "reply": standing.reply,
        "attempts": standing.attempts,
        "message_id": message_id(standing.token, domain) if tried else "",
        "queue_id": standing.queue_id,
        "reason": standing.reason,
        "stage": str(standing.stage) if standing.stage is not None else "",
        "line": standing.line,
        "token": standing.token,
    }


def csv_lines(standings: Iterable[Standing], domain: str) -> Iterator[str]:
    """CSV (RFC 4180) with a header, line by line. No cell is a formula, and none holds a control character."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(FIELDS)
    for standing in standings:
        yield _taken(buffer)
        writer.writerow(_cell(value) for value in record(standing, domain).values())
    yield _taken(buffer)


def jsonl_lines(standings: Iterable[Standing], domain: str) -> Iterator[str]:
    """JSON Lines, one object a recipient. Whatever acts on a terminal is written out as JSON writes it."""
    for standing in standings:
        fields = record(standing, domain)
        line = json.dumps(fields, ensure_ascii=False)
        yield (line if visible(line) == line else json.dumps(fields)) + "\n"


def _cell(value: str | int | None) -> str:
    text = "" if value is None else visible(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _taken(buffer: io.StringIO) -> str:
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line
