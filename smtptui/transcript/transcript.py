"""The transcript: an append-only store of events that any number of watchers read at their own pace."""

import json
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, overload

from smtptui.protocol import Event, EventKind, Stage, decode, encode
from smtptui.transcript.event_filter import EventFilter, label

BODY_PEEK = 2048
"""Octets of a body that its event shows."""
KEPT_EVENTS = 50_000
"""Events kept in memory; older ones are spooled."""
KEPT_TEXT = 8 * 1024 * 1024
"""Characters of text kept in memory, whatever the number of events."""

_PORTION = 256
"""Events spooled at a time: about 2 ms of work."""
_BLOCK = 256 * 1024
"""Octets of the spool read at a time."""


class Transcript:
    """Events in order. A watcher compares :attr:`version` and reads what is new; nothing is pushed.

    Older events go to an unnamed temporary file (mode 0600, gone with the process) and are read back on
    demand. What is stored was masked before, so the spool holds no secret either.
    """

    def __init__(self, *, started: datetime, keep: int = KEPT_EVENTS, keep_text: int = KEPT_TEXT) -> None:
        self.started = started
        """When the session began, UTC."""
        self._keep = keep
        self._keep_text = keep_text
        self._portion = min(_PORTION, max(1, keep))
        self._recent: list[Event] = []
        self._text = 0
        self._offsets = array("Q")
        self._labels = bytearray()
        self._spool: IO[bytes] | None = None

    @property
    def version(self) -> int:
        """Grows with every event."""
        return len(self)

    def __len__(self) -> int:
        return len(self._offsets) + len(self._recent)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return [self[i] for i in range(start, stop, step)]
            spooled = len(self._offsets)
            return [
                *(event for block in self._blocks(start, min(stop, spooled)) for event in _parsed(*block)),
                *self._recent[max(start - spooled, 0) : max(stop - spooled, 0)],
            ]
        if index < 0:
            index += len(self)
        spooled = len(self._offsets)
        if 0 <= index < spooled:
            return self._read_back(index)
        if index < 0:
            raise IndexError("transcript index out of range")
        return self._recent[index - spooled]

    def __iter__(self) -> Iterator[Event]:
        index = 0
        while index < len(self):
            events = self[index : index + _PORTION]
            yield from events
            index += len(events)

    def matching(self, wanted: EventFilter, start: int, stop: int) -> list[int]:
        """Positions from ``start`` to before ``stop`` of the events that ``wanted`` lets through.

        Kind and stage are known without a look at the event. Of spooled events only those are read back whose line
        may hold the text, so that a search through a million takes a second or two, in as many pieces as one likes.
        """
        stop = min(stop, len(self))
        found = wanted.labelled(self._labels[start:stop], start) if wanted.by_label else range(start, stop)
        if not wanted.text or not found:
            return list(found)
        spooled = len(self._offsets)
        border = bisect_right(found, spooled - 1)
        return [
            *(self._search(wanted, found[:border]) if border else ()),
            *(place for place in found[border:] if wanted.in_text(self._recent[place - spooled].text)),
        ]

    def _search(self, wanted: EventFilter, positions: Sequence[int]) -> Iterator[int]:
        """Those of ``positions``, all of them spooled, whose text has what is wanted."""
        at = 0
        for first, lines in self._blocks(positions[0], positions[-1] + 1):
            end = bisect_right(positions, first + len(lines) - 1, lo=at)
            for position in positions[at:end]:
                line = lines[position - first]
                if wanted.may_be_in(line) and wanted.in_text(_event(position, line).text):
                    yield position
            at = end

    def _blocks(self, start: int, stop: int) -> Iterator[tuple[int, list[bytes]]]:
        """The lines of the spool from ``start`` to before ``stop``, with the position of the first of each block."""
        offsets = self._offsets
        while start < stop:
            assert self._spool is not None
            end = max(min(bisect_right(offsets, offsets[start] + _BLOCK) - 1, stop), start + 1)
            self._spool.seek(offsets[start])
            # The last line has no end that is known before it is read.
            data = self._spool.read(offsets[end] - offsets[start]) if end < len(offsets) else self._spool.read()
            yield start, data.splitlines()
            start = end

    def add(
        self,
        kind: EventKind,
        stage: Stage,
        text: str,
        *,
        at: float,
        tls: bool = False,
        took: float | None = None,
        size: int = 0,
        code: int | None = None,
    ) -> Event:
        """Append an event; ``text`` is masked already. ``at`` and ``took`` are seconds, ``size`` octets."""
        event = Event(len(self), at, kind, stage, tls, text, took, size, code)
        self._recent.append(event)
        self._labels.append(label(event))
        self._text += len(text)
        if len(self._recent) >= self._keep + self._portion or self._text > self._keep_text:
            self._spill()
        return event

    def close(self) -> None:
        """Give the spool back. Events in memory stay readable."""
        if self._spool is not None:
            self._spool.close()

    def _spill(self) -> None:
        # In small portions, so that no event waits long for another's place; never the newest.
        spilled = self._recent[: min(self._portion, len(self._recent) - 1)]
        lines = [
            json.dumps((each.at, each.kind, each.stage, each.tls, each.text, each.took, each.size, each.code)).encode()
            + b"\n"
            for each in spilled
        ]
        try:
            if self._spool is None:
                self._spool = tempfile.TemporaryFile(prefix="smtptui-")  # noqa: SIM115 - lives as long as self
            position = self._spool.seek(0, 2)
            self._spool.write(b"".join(lines))
            self._spool.flush()
        except OSError:
            # A full disk must not end a session: what cannot be spooled stays in memory.
            self._keep, self._keep_text = len(self._recent) * 2, self._text * 2
            return
        for line in lines:
            self._offsets.append(position)
            position += len(line)
        del self._recent[: len(spilled)]
        self._text -= sum(len(each.text) for each in spilled)

    def _read_back(self, index: int) -> Event:
        assert self._spool is not None
        self._spool.seek(self._offsets[index])
        return _event(index, self._spool.readline())


def _event(index: int, line: bytes) -> Event:
    at, kind, stage, tls, text, took, size, code = json.loads(line)
    return Event(index, at, EventKind(kind), Stage(stage), tls, text, took, size, code)


def _parsed(first: int, lines: list[bytes]) -> Iterator[Event]:
    return (_event(first + place, line) for place, line in enumerate(lines))


def wire_text(data: bytes) -> str:
    """Octets as event text: decoded, without the last CRLF."""
    return decode(data[:-2] if data.endswith(b"\r\n") else data)


def text_wire(text: str) -> bytes:
    """The inverse of :func:`wire_text` for text that ended in a line end."""
    return encode(text if text.endswith("\n") else text + "\r\n")
