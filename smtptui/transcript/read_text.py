"""A transcript from text or HTML. They tell times, directions and lines; what kind each was, and at which stage,
follows from the dialogue (RFC 5321)."""

import html
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from smtptui.protocol import EventKind, Stage, visible
from smtptui.transcript.read_error import ReadError
from smtptui.transcript.transcript import Transcript

_HEAD = re.compile(r"(?:# )?SMTP session of (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")
_LINE = re.compile(r"\s*(-?\d{1,10}\.\d{1,9}) ([→⇒←⇐•✗])(?: (.*))?$", re.DOTALL)
_TOOK = re.compile(r"  \[(\d{1,9}(?:\.\d{1,3})?) (ms|s)\]$")
_CODE = re.compile(r"([2-5]\d\d)([ -]|$)")
_SIZE = re.compile(r"… (\d{1,15}) octets in all$")
_VERBS = {
    "STARTTLS": Stage.STARTTLS,
    "AUTH": Stage.AUTH,
    "MAIL": Stage.MAIL,
    "RCPT": Stage.RCPT,
    "DATA": Stage.DATA,
    ".": Stage.DOT,
    "RSET": Stage.RSET,
    "QUIT": Stage.QUIT,
}
_GREETINGS = frozenset({"EHLO", "HELO", "LHLO"})
_TLS_NOTES = re.compile(r"TLSv|certificate “|issuer “|verified\b|not verified\b")
_CLOSED = re.compile(r"connection (?:closed|dropped)$")
_ROW = re.compile(r'<p class="(?:client|accepted|temporary|permanent|note|error)">(.*)</p>$')
_TITLE = re.compile(r"<title>(SMTP session of .*)</title>$")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the page, cut up."""

    at: float
    mark: str
    text: str
    took: float | None

    @property
    def tls(self) -> bool:
        return self.mark in "⇒⇐"


def read_text(lines: Iterable[str]) -> Transcript:
    """A transcript saved as text; raises :class:`ReadError`."""
    started: datetime | None = None
    told = _Told()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if started is None:
            started = _started(line, number)
            told.transcript.started = started
        else:
            told.take(_cut(line, number))
    return told.finish()


def read_html(lines: Iterable[str]) -> Transcript:
    """A transcript saved as HTML, where every row is a line of its own; raises :class:`ReadError`."""
    told = _Told()
    titled = False
    for number, line in enumerate(lines, 1):
        if (row := _ROW.match(line)) is not None:
            told.take(_cut(html.unescape(row[1]), number))
        elif not titled and (title := _TITLE.match(line)) is not None:
            told.transcript.started = _started(title[1], number)
            titled = True
    if not titled:
        raise ReadError("this is HTML, but no transcript that smtptui saved: it has another title.")
    return told.finish()


def _started(line: str, number: int) -> datetime:
    match = _HEAD.match(line)
    try:
        if match is not None:
            return datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise ReadError(f"line {number} does not say when the session was, as a saved transcript does.")


def _cut(line: str, number: int) -> _Line:
    match = _LINE.match(line)
    if match is None:
        raise ReadError(
            f"line {number} is no line of a transcript: a time, an arrow and what was said. "
            "What can be opened is a transcript that smtptui saved."
        )
    text, took = match[3] or "", None
    if found := _TOOK.search(text):
        text = text[: found.start()]
        took = float(found[1]) / (1000 if found[2] == "ms" else 1)
    return _Line(float(match[1]), match[2], visible(text), took)


class _Told:
    """Makes events of lines: it knows what a reply answers, and when a message is under way."""

    def __init__(self) -> None:
        self.transcript = Transcript(started=datetime.fromtimestamp(0, UTC))
        self._lines: list[_Line] = []
        self._asked: deque[Stage] = deque()
        self._stage = Stage.CONNECT
        self._body = False
        self._greeted = False
        self._secured = False
        self._inside = False
        self._challenged = False

    def take(self, line: _Line) -> None:
        """The next line; it may belong to the event of those before."""
        if self._lines and not self._goes_on(line):
            self._end()
        self._lines.append(line)

    def finish(self) -> Transcript:
        """No more lines come."""
        if self._lines:
            self._end()
        return self.transcript

    def _goes_on(self, line: _Line) -> bool:
        before = self._lines[-1]
        if before.mark != line.mark or before.at != line.at:
            return False
        if line.mark in "←⇐":
            code, other = _CODE.match(before.text), _CODE.match(line.text)
            return code is not None and code[2] == "-" and other is not None and before.took is None
        return line.mark in "→⇒" and self._body and line.text != "."

    def _end(self) -> None:
        lines, self._lines = self._lines, []
        first, last = lines[0], lines[-1]
        match first.mark:
            case "←" | "⇐":
                self._reply(lines)
            case "→" | "⇒" if self._body and first.text != ".":
                self._message(lines)
            case "→" | "⇒":
                self._said(first)
            case "✗":
                self._add(EventKind.ERROR, self._stage, first.text.removeprefix("ERROR "), last)
            case _:
                self._note(first)

    def _reply(self, lines: list[_Line]) -> None:
        last = lines[-1]
        match = _CODE.match(last.text)
        code = int(match[1]) if match is not None else None
        # Nobody asks for the greeting.
        unasked = self._stage if self._greeted else Stage.BANNER
        self._stage = self._asked.popleft() if self._asked else unasked
        self._greeted = True
        if self._stage is Stage.DATA:
            self._body = code == 354
        self._challenged = code == 334
        text = "\r\n".join(line.text for line in lines)
        self._add(EventKind.REPLY, self._stage, text, last, size=len(text.encode("utf-8", "replace")) + 2, code=code)

    def _message(self, lines: list[_Line]) -> None:
        *rest, last = lines
        texts = [line.text for line in lines]
        size = 0
        if rest and (found := _SIZE.match(last.text)):
            texts.pop()
            size = int(found[1])
        whole = not size
        text = "\r\n".join(texts) + ("\r\n" if whole else "")
        self._stage = Stage.BODY
        self._body = False
        self._add(EventKind.BODY, Stage.BODY, text, last, size=size or len(text.encode("utf-8", "replace")))

    def _said(self, line: _Line) -> None:
        if self._challenged:
            self._challenged = False
            self._stage = Stage.AUTH
            self._asked.append(Stage.AUTH)
            self._add(EventKind.CONTINUATION, Stage.AUTH, line.text, line, size=len(line.text) + 2)
            return
        verb = line.text.partition(" ")[0].upper()
        if verb in _GREETINGS:
            self._stage = Stage.EHLO_TLS if line.tls and self._secured else Stage.EHLO
        else:
            self._stage = _VERBS.get(verb, self._stage)
        if verb == "STARTTLS":
            self._secured = True
        if verb == ".":
            self._body = False
        self._asked.append(self._stage)
        self._add(EventKind.COMMAND, self._stage, line.text, line, size=len(line.text) + 2)

    def _note(self, line: _Line) -> None:
        if line.text.startswith("connected to "):
            self._stage = Stage.CONNECT
            self._asked.clear()
            self._greeted = self._secured = self._inside = False
            self._add(EventKind.CONNECT, Stage.CONNECT, line.text, line)
        elif _TLS_NOTES.match(line.text):
            self._stage = Stage.TLS
            self._inside = self._inside or line.text.startswith("TLSv")
            self._add(EventKind.TLS, Stage.TLS, line.text, line)
        elif _CLOSED.match(line.text):
            self._add(EventKind.CLOSE, self._stage, line.text, line)
        else:
            self._add(EventKind.NOTE, self._stage, line.text, line)

    def _add(
        self, kind: EventKind, stage: Stage, text: str, line: _Line, *, size: int = 0, code: int | None = None
    ) -> None:
        self.transcript.add(
            kind,
            stage,
            text,
            at=line.at,
            tls=line.tls if line.mark in "→⇒←⇐" else self._inside,
            took=line.took,
            size=size,
            code=code,
        )
