"""A recorder for speed: it keeps what passed as it was, and makes events of it only for those who ask.

A batch reads the transcript of failures, not of a hundred thousand successes. A tape is a few octet strings and
times per message; :func:`develop` turns it into the same events a :class:`Recorder` would have written, masked.
Replies are masked when they come, as ever: what leaves the client holds no secret.
"""

from collections import deque
from typing import NamedTuple

from smtptui.protocol import EventKind, Reply, Stage, encode
from smtptui.session.recorder import Recorder
from smtptui.session.transcript import Transcript, wire_text

Part = tuple[Stage, bytes]
"""A line with its CRLF and its stage, or a whole body (stage BODY, dot-stuffed)."""


class Written(NamedTuple):
    """What was written at once, at ``at`` seconds."""

    at: float
    parts: tuple[Part, ...]


class Heard(NamedTuple):
    """A reply, masked, and what it answers."""

    at: float
    reply: Reply
    stage: Stage | None
    asked: float


Tape = tuple[Written | Heard, ...]


class TapeRecorder(Recorder):
    """Takes over from a recorder on the same connection, for transactions only."""

    @classmethod
    def after(cls, recorder: Recorder) -> "TapeRecorder":
        """A tape recorder that goes on where ``recorder`` is; nothing may be owed."""
        tape = cls(recorder.transcript, recorder.masker, clock=recorder.clock, origin=recorder.origin)
        tape.tls = recorder.tls
        return tape

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.heard: deque[Heard] = deque()

    def group(self, parts: tuple[Part, ...]) -> Written:
        """Several commands, perhaps a body and its dot before them, pass in one write."""
        at = self.clock() - self.origin
        for stage, _ in parts:
            if stage is not Stage.BODY:
                self._waiting.append((stage, at))
        return Written(at, parts)

    def reply(self, reply: Reply) -> tuple[Reply, Stage | None]:
        """As the recorder's, but kept for :meth:`take` instead of written down."""
        at = self.clock() - self.origin
        if not self._waiting:
            return super().reply(reply)
        stage, asked = self._waiting.popleft()
        if self.masker.active:
            raw = wire_text(reply.raw)
            text = self.masker.received(reply.code, raw, stage)
            if text != raw:
                reply = Reply(reply.code, encode(text) + b"\r\n", reply.size)
        self.last_reply = reply
        self.heard.append(Heard(at, reply, stage, asked))
        return reply, stage

    def body(self, peek: bytes, size: int, started: float) -> None:
        """The lane keeps the body on its tape itself."""

    def dot(self, line: bytes) -> None:
        """As the recorder's, without the event."""
        self.retime()

    def take(self, count: int) -> list[Heard]:
        """The next ``count`` replies on the tape."""
        return [self.heard.popleft() for _ in range(min(count, len(self.heard)))]


def develop(tape: Tape, recorder: Recorder) -> Transcript:
    """Write a tape's events into the recorder's transcript; returns it."""
    transcript, masker, tls = recorder.transcript, recorder.masker, recorder.tls
    for entry in tape:
        if isinstance(entry, Heard):
            transcript.add(
                EventKind.REPLY,
                entry.stage or Stage.CONNECT,
                wire_text(entry.reply.raw),
                at=entry.at,
                tls=tls,
                took=entry.at - entry.asked,
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
    return transcript
