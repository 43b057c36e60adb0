"""A recorder for speed: it keeps what passed as it was, and makes events of it only for those who ask.

A batch reads the transcript of failures, not of a hundred thousand successes. An exchange is a few octet strings and
times per message; :func:`develop` turns it into the same events a :class:`Recorder` would have written, masked.
Replies are masked when they come, as ever: what leaves the client holds no secret.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from smtptui.protocol import EventKind, Reply, Stage
from smtptui.session.mask import Masker
from smtptui.session.recorder import Recorder
from smtptui.transcript import Transcript, wire_text

Part = tuple[Stage, bytes]
"""A line with its CRLF and its stage, or a whole body (stage BODY, dot-stuffed)."""


class Written(NamedTuple):
    """What was written at once, at ``at`` seconds."""

    at: float
    parts: tuple[Part, ...]


class Heard(NamedTuple):
    """A reply, masked, and when it came. Which command it answers is told by its place."""

    at: float
    reply: Reply


_ENVELOPE = (Stage.MAIL, Stage.RCPT)
_LINES = 512
"""Lines of the envelope that a reply may repeat."""
RawExchange = tuple[Written | Heard, ...]
"""What passed for one message, replies after what they answer, one for each part but the body."""


class FastRecorder(Recorder):
    """Takes over from a recorder on the same connection, for transactions only."""

    @classmethod
    def after(cls, recorder: Recorder) -> "FastRecorder":
        """A recorder that goes on where ``recorder`` is; nothing may be owed."""
        found = cls(recorder.transcript, recorder.masker, clock=recorder.clock, origin=recorder.origin)
        found.tls = recorder.tls
        return found

    def __init__(self, transcript: Transcript, masker: Masker, *, clock: Callable[[], float], origin: float) -> None:
        super().__init__(transcript, masker, clock=clock, origin=origin)
        self._heard: deque[Heard] = deque()
        self._due: deque[Stage] = deque()
        self._last: Stage | None = None
        self._lines: deque[bytes] = deque(maxlen=_LINES)

    @property
    def held(self) -> int:
        return len(self._heard)

    @property
    def due(self) -> Stage | None:
        return self._due[0] if self._due else self._last

    def group(self, parts: tuple[Part, ...]) -> Written:
        """Several commands, perhaps a body and its dot before them, pass in one write."""
        self._due.extend([stage for stage, _ in parts if stage is not Stage.BODY])
        self._last = parts[-1][0]
        self._lines.extend([line for stage, line in parts if stage in _ENVELOPE])
        return Written(self.clock() - self.origin, parts)

    def absorb(self, replies: list[Reply]) -> list[Reply]:
        """Keep the replies that a group is owed; what is left over is nobody's."""
        due, at = self._due, self.clock() - self.origin
        owed = len(due)
        if owed < len(replies):
            return self.absorb(replies[:owed]) + replies[owed:] if owed else replies
        active = self.masker.active
        for reply in replies:
            stage = due.popleft()
            self._heard.append(Heard(at, self.masked(reply, stage) if active or reply.cuts else reply))
        return []

    def masked(self, reply: Reply, stage: Stage) -> Reply:
        masked = super().masked(reply, stage)
        if masked is not reply and self._lines:
            # The lines of a lane pass no masker, so what they say is made known when it matters, which is rare.
            for line in self._lines:
                self.masker.know(line)
            self._lines.clear()
            masked = super().masked(reply, stage)
        return masked

    def expect(self, stage: Stage) -> None:
        self._due.append(stage)

    def body(self, peek: bytes, size: int, started: float) -> None:
        """The lane keeps the body in its exchange itself."""

    def dot(self, line: bytes) -> None:
        """As with the body."""

    def take(self, count: int) -> list[Heard]:
        """The next ``count`` replies in the exchange."""
        heard = self._heard
        if count >= len(heard):
            taken = list(heard)
            heard.clear()
            return taken
        return [heard.popleft() for _ in range(count)]


def develop(exchange: RawExchange, recorder: Recorder) -> Transcript:
    """Write the events of an exchange into the recorder's transcript; returns it."""
    transcript, masker, tls = recorder.transcript, recorder.masker, recorder.tls
    asked: deque[tuple[Stage, float]] = deque()
    last = Stage.MAIL
    for entry in exchange:
        if isinstance(entry, Heard):
            # LMTP answers the dot once for each recipient: what is heard beyond what was asked is the dot's.
            stage, since = asked.popleft() if asked else (last, entry.at)
            last = stage
            transcript.add(
                EventKind.REPLY,
                stage,
                wire_text(entry.reply.raw),
                at=entry.at,
                tls=tls,
                took=entry.at - since,
                size=entry.reply.size,
                code=entry.reply.code,
            )
            continue
        for stage, data in entry.parts:
            if stage is Stage.BODY:
                recorder.body(data, len(data), entry.at)
            else:
                text = masker.sent(wire_text(data), stage)
                transcript.add(EventKind.COMMAND, stage, text, at=entry.at, tls=tls, size=len(data))
                asked.append((stage, entry.at))
    return transcript
