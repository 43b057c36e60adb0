"""A transcript from JSON Lines, the inverse of :func:`~smtptui.transcript.export.to_jsonl` in all that they tell."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from smtptui.protocol import EventKind, Stage, visible
from smtptui.transcript.read_error import ReadError
from smtptui.transcript.transcript import BODY_PEEK, Transcript

_KINDS = {str(kind): kind for kind in EventKind}
_STAGES = {str(stage): stage for stage in Stage}
_LONG = 100 * 365 * 86400.0
"""Seconds that no session lasts."""
_HUGE = 2**53

_T = TypeVar("_T")


def read_json_lines(lines: Iterable[str]) -> Transcript:
    """The events, one a line; empty lines are passed over. Raises :class:`ReadError`."""
    transcript = Transcript(started=datetime.fromtimestamp(0, UTC))
    started: datetime | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        record = _Record(line, number)
        at = record.seconds("at")
        _add(transcript, record, at)
        if (time := record.time()) is not None:
            # Times of day are cut to milliseconds, so each tells the beginning from below.
            try:
                began = time - timedelta(seconds=round(at, 6))
            except OverflowError:
                continue
            started = began if started is None else max(started, began)
    transcript.started = started or transcript.started
    return transcript


def _add(transcript: Transcript, record: "_Record", at: float) -> None:
    kind, stage = record.one_of("kind", _KINDS), record.one_of("stage", _STAGES)
    size = record.whole("size") or 0
    transcript.add(
        kind,
        stage,
        _wire(record.text("text"), whole_body=kind is EventKind.BODY and size <= BODY_PEEK),
        at=at,
        tls=record.flag("tls"),
        took=record.seconds("took") if record.has("took") else None,
        size=size,
        code=record.whole("code"),
    )


def _wire(text: str, *, whole_body: bool) -> str:
    """Visible lines as the text of an event, which shows the same lines again."""
    lines = [visible(line) for line in text.split("\n")]
    ends = whole_body or (len(lines) > 1 and not lines[-1])
    return "\r\n".join(lines) + ("\r\n" if ends else "")


class _Record:
    """One line, its members asked for by type."""

    def __init__(self, line: str, number: int) -> None:
        self._number = number
        try:
            found = json.loads(line)
        except json.JSONDecodeError as error:
            raise self._error(f"is no JSON ({error.msg} at character {error.pos + 1})") from error
        except (RecursionError, ValueError) as error:
            # Brackets in brackets in brackets, or a number of a million digits.
            raise self._error("is JSON that cannot be read") from error
        if not isinstance(found, dict):
            raise self._error("is no JSON object")
        self._members: Mapping[str, object] = found

    def has(self, name: str) -> bool:
        """Whether it is there, and not null."""
        return self._members.get(name) is not None

    def seconds(self, name: str) -> float:
        """A time span that can be."""
        value = self._members.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number of seconds")
        # An integer of hundreds of digits is no float.
        seconds = float(value) if abs(value) < _HUGE else math.inf
        if not -_LONG < seconds < _LONG:
            raise self._wrong(name, "a number of seconds that a session may last")
        return seconds

    def whole(self, name: str) -> int | None:
        """A whole number, or None where there is none."""
        value = self._members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _HUGE:
            raise self._wrong(name, "a whole number")
        return value

    def text(self, name: str) -> str:
        """A text."""
        value = self._members.get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._members.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def one_of(self, name: str, known: Mapping[str, _T]) -> _T:
        """One of the words there are."""
        value = self._members.get(name)
        if not isinstance(value, str) or value not in known:
            raise self._wrong(name, f"one of {', '.join(known)}")
        return known[value]

    def time(self) -> datetime | None:
        """The time of day in UTC, where it is told."""
        value = self._members.get("time")
        if value is None:
            return None
        try:
            time = datetime.fromisoformat(value) if isinstance(value, str) else None
            if time is not None and time.tzinfo is not None:
                return time.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise self._wrong("time", "a time of day such as 2026-01-02T12:00:00.250Z")

    def _wrong(self, name: str, wanted: str) -> ReadError:
        if name not in self._members:
            return self._error(f"has no “{name}”, which must be {wanted}")
        shown = json.dumps(self._members[name])
        return self._error(f"has {shown[:40]}{'…' if len(shown) > 40 else ''} as “{name}”, which must be {wanted}")

    def _error(self, what: str) -> ReadError:
        return ReadError(f"line {self._number} {what}. What can be opened is a transcript that smtptui saved.")
