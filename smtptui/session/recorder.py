"""Turns what passes the tap into events: labelled, timed, masked at capture."""

from collections import deque
from collections.abc import Callable

from smtptui.protocol import EventKind, Reply, Stage, decode, encode
from smtptui.session.mask import Masker
from smtptui.transcript import BODY_PEEK, Transcript, wire_text


class Recorder:
    """Writes one connection's events into a transcript.

    ``clock`` gives seconds and ``origin`` is its value when the session began.
    """

    def __init__(
        self,
        transcript: Transcript,
        masker: Masker,
        *,
        clock: Callable[[], float],
        origin: float,
        body_peek: int = BODY_PEEK,
    ) -> None:
        self.transcript = transcript
        self.masker = masker
        self.clock = clock
        self.tls = False
        """Whether what passes now is inside TLS."""
        self.last_reply: Reply | None = None
        """The newest reply, masked."""
        self.origin = origin
        self._body_peek = body_peek
        self._waiting: deque[tuple[Stage, float]] = deque()

    @property
    def now(self) -> float:
        """Seconds since the session began."""
        return self.clock() - self.origin

    def restart(self, origin: float) -> None:
        """Count from here: ``origin`` is the clock's value when the session begins."""
        self.origin = origin

    @property
    def owed(self) -> int:
        """Replies the server owes: commands written and not answered yet."""
        return len(self._waiting)

    @property
    def due(self) -> Stage | None:
        """The stage of the reply that is due next, or None."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def stage(self) -> Stage:
        """Where the connection is: what is due next, else what was last."""
        return self.due or self._last_stage

    def expect(self, stage: Stage) -> None:
        """A reply is due now without a command: the greeting, or LMTP's further replies to the dot."""
        self._waiting.append((stage, self.now))

    def expect_more(self, count: int) -> None:
        """LMTP answers the dot once for each recipient (RFC 2033 section 4.2): so many replies more are due."""
        for _ in range(count):
            self.expect(Stage.DOT)

    def command(self, stage: Stage, line: bytes, kind: EventKind = EventKind.COMMAND) -> None:
        """One line passes towards the server (with CRLF); a reply to it is due."""
        at = self.now
        text = self.masker.sent(wire_text(line), stage)
        self.transcript.add(kind, stage, text, at=at, tls=self.tls, size=len(line))
        self._waiting.append((stage, at))

    def dot(self, line: bytes) -> None:
        """The dot passes; its reply has been due since the upload began, and is timed from here."""
        at = self.now
        self.transcript.add(EventKind.COMMAND, Stage.DOT, wire_text(line), at=at, tls=self.tls, size=len(line))
        self.retime()

    def retime(self) -> None:
        """Replies that are due are timed from now on."""
        at = self.now
        self._waiting = deque((stage, at) for stage, _ in self._waiting)

    def body(self, content: bytes, size: int, started: float) -> None:
        """A body has passed as far as ``content``; of its first octets the event keeps a few."""
        shown, beyond = _split(content, self._body_peek, self.masker.reach)
        text = self.masker.own(shown, Stage.BODY, beyond=beyond)
        self.transcript.add(
            EventKind.BODY, Stage.BODY, text, at=started, tls=self.tls, size=size, took=self.now - started
        )

    @property
    def held(self) -> int:
        """Replies this recorder keeps back for its owner instead of handing them on."""
        return 0

    def absorb(self, replies: list[Reply]) -> list[Reply]:
        """Keep replies back where that is the recorder's way; returns those to hand on."""
        return replies

    def reply(self, reply: Reply) -> tuple[Reply, Stage | None]:
        """A reply has come: returns it masked, and the stage it answers, or None where none was due."""
        at = self.now
        stage, took = None, None
        if self._waiting:
            stage, asked = self._waiting.popleft()
            took = at - asked
        shown = stage or self._last_stage
        reply = self.masked(reply, shown)
        self.transcript.add(
            EventKind.REPLY,
            shown,
            wire_text(reply.raw),
            at=at,
            tls=self.tls,
            took=took,
            size=reply.size,
            code=reply.code,
        )
        self.last_reply = reply
        return reply, stage

    def masked(self, reply: Reply, stage: Stage) -> Reply:
        """A reply as it may be shown: masked by all that is known of it, then cut where the parser has cut it."""
        if not reply.cuts:
            raw = wire_text(reply.raw)
            text = self.masker.received(reply.code, raw, stage)
            if text is raw or text == raw:
                return reply
        else:
            text, at = "", 0
            for cut in reply.cuts:
                shown, beyond = _split(reply.raw[at : cut.place] + cut.beyond, cut.place - at, len(cut.beyond))
                text += self.masker.received(reply.code, shown, stage, beyond=beyond)
                at = cut.place
            text += self.masker.received(reply.code, wire_text(reply.raw[at:]), stage)
        end = b"" if text.endswith("\n") else b"\r\n"
        return Reply(reply.code, encode(text) + end, reply.size)

    def fragment(self, data: bytes, beyond: bytes = b"") -> str:
        """Octets from the server that make no reply: the transcript keeps them (up to 64 KiB), masked by what is
        known to follow. Returns what it keeps."""
        if not data:
            return ""
        stage = self.stage
        shown, after = _split(data + beyond, len(data), len(beyond))
        text = self.masker.unfinished(shown, stage, beyond=after)
        self.transcript.add(EventKind.REPLY, stage, text, at=self.now, tls=self.tls, size=len(data))
        return text

    def note(self, stage: Stage, text: str, *, took: float | None = None) -> None:
        """Something worth knowing."""
        self._say(EventKind.NOTE, stage, text, took)

    def connected(self, text: str, took: float) -> None:
        """The connection stands."""
        self._say(EventKind.CONNECT, Stage.CONNECT, text, took)

    def secured(self, text: str, took: float | None = None) -> None:
        """TLS stands, or a fact about it."""
        self._say(EventKind.TLS, Stage.TLS, text, took)

    def error(self, stage: Stage, text: str) -> None:
        """What went wrong."""
        self._say(EventKind.ERROR, stage, text, None)

    def closed(self, stage: Stage, text: str) -> None:
        """The connection is gone."""
        self._say(EventKind.CLOSE, stage, text, None)

    @property
    def _last_stage(self) -> Stage:
        return self.transcript[-1].stage if len(self.transcript) else Stage.CONNECT

    def _say(self, kind: EventKind, stage: Stage, text: str, took: float | None) -> None:
        self.transcript.add(kind, stage, self.masker.sentence(text), at=self.now, tls=self.tls, took=took)


def _split(data: bytes, place: int, reach: int) -> tuple[str, str]:
    """Octets up to ``place`` as text, and so many of those that follow; a character that is cut in two is left out."""
    shown = decode(data[:place])
    whole = decode(data[: place + reach])
    while not whole.startswith(shown):
        shown = shown[:-1]
    return shown, whole[len(shown) :]
