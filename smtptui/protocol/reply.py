"""Replies and the parser that cuts them out of the byte stream (RFC 5321 section 4.2, RFC 2034)."""

import re
from dataclasses import dataclass, field

from smtptui.protocol.control_characters import decode, visible

REPLY_KEPT = 64 * 1024
"""Octets of one reply that are kept."""
REPLY_BEYOND = 4 * 1024
"""Octets after a cut that are kept beside: what is shown up to the cut is masked by them, too."""
REPLY_LIMIT = 1024 * 1024
"""Octets of one reply after which reading stops."""

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")
_CODES = {b"%d " % code: code for code in range(200, 600)}
_MARKS = (0x2D, 0x20, 0x09)  # "-", space, tab
_QUOTED = 4
"""Characters of a line that is no reply which an error quotes."""
_STORED = REPLY_KEPT + REPLY_BEYOND
_NO_REPLY = "a line that is no SMTP reply"
_TOO_LONG = "a reply longer than 1 MiB"
_FAMILIAR = 64
"""Short one-line replies that a parser remembers: a server says the same few again and again."""
_FAMILIAR_OCTETS = 100


@dataclass(frozen=True, slots=True)
class EnhancedCode:
    """An enhanced status code, class.subject.detail (RFC 3463)."""

    klass: int
    subject: int
    detail: int

    def __str__(self) -> str:
        return f"{self.klass}.{self.subject}.{self.detail}"

    @classmethod
    def parse(cls, text: str) -> "EnhancedCode | None":
        """The code that ``text`` begins with, or None."""
        match = _ENHANCED.match(text)
        return cls(int(match[1]), int(match[2]), int(match[3])) if match else None


@dataclass(frozen=True, slots=True)
class Cut:
    """Where octets were left out of a reply: before ``place`` of its ``raw``, which they follow. ``beyond`` are the
    first of them, up to 4 KiB."""

    place: int
    beyond: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. ``raw`` is exactly what the server sent, line ends included (up to 64 KiB of it)."""

    code: int
    raw: bytes
    size: int
    """Octets the server sent; more than ``len(raw)`` when the reply was cut."""
    cuts: tuple[Cut, ...] = ()
    """Where it was cut: within, before its last line, and at the end of that."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The text of each line, without code, separator and line end."""
        if 0 < self.raw.find(b"\n") == len(self.raw) - 1:
            return (decode(self.raw[4:]).rstrip("\r\n"),)
        return tuple(line[4:].rstrip("\r") for line in decode(self.raw).split("\n") if line)

    @property
    def enhanced(self) -> EnhancedCode | None:
        """The enhanced status code of the last line that has one (RFC 2034 section 4)."""
        for line in reversed(self.lines):
            code = EnhancedCode.parse(line)
            if code is not None:
                return code
        return None

    @property
    def codes(self) -> frozenset[int]:
        """The codes of all lines: more than one is a fault of the server (RFC 5321 section 4.2.1)."""
        return frozenset(int(line[:3]) for line in self.raw.split(b"\n") if line[:3].isdigit())

    @property
    def positive(self) -> bool:
        """Whether it is 2yz or 3yz."""
        return self.code < 400

    @property
    def temporary(self) -> bool:
        """Whether it is 4yz: the same may succeed later."""
        return 400 <= self.code < 500

    @property
    def permanent(self) -> bool:
        """Whether it is 5yz."""
        return self.code >= 500

    @property
    def text(self) -> str:
        """The text lines joined by spaces, harmless to show; an enhanced code that every line repeats, once."""
        first, *rest = (line.strip() for line in self.lines or ("",))
        if rest and (code := EnhancedCode.parse(first)) is not None:
            rest = [line.removeprefix(f"{code} ") for line in rest]
        return visible(" ".join((first, *rest)))

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


class ReplyError(ValueError):
    """The stream holds something that is no reply.

    ``seen`` is what arrived, up to 64 KiB, and ``beyond`` what followed that, up to 4 KiB. The text quotes the
    beginning of the line as it came; after a secret was sent, show ``problem`` and quote what is masked.
    """

    def __init__(self, problem: str, seen: bytes, beyond: bytes = b"", *, line: bytes | None = None) -> None:
        head = decode(line.rstrip(b"\r\n")[:_QUOTED]) if line is not None else ""
        super().__init__(problem if line is None else f"{problem}: {quoted(head)}")
        self.problem = problem
        self.seen = seen
        self.beyond = beyond
        self.line = line
        """The line that is no reply, as far as it has come, None where the fault is another."""


class ReplyParser:
    """Cuts replies out of a stream: feed it octets as they come, take replies as they end.

    Lines may end in LF alone (servers do it; the reply's ``raw`` shows it). The last line's code counts.
    After :class:`ReplyError` the stream has no meaning any more and :meth:`feed` raises again.
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._kept = bytearray()
        self._size = 0
        self._error: ReplyError | None = None
        self._familiar: dict[bytes, Reply] = {}

    @property
    def broken(self) -> bool:
        """Whether the stream has lost its meaning; :meth:`feed` then raises why."""
        return self._error is not None

    @property
    def pending(self) -> bytes:
        """What has arrived of a reply that has not ended, up to 64 KiB."""
        return bytes((self._kept + self._line)[:REPLY_KEPT])

    @property
    def beyond(self) -> bytes:
        """What follows :attr:`pending`, up to 4 KiB."""
        return bytes((self._kept + self._line)[REPLY_KEPT:_STORED])

    @property
    def pending_size(self) -> int:
        """Octets that have arrived of a reply that has not ended."""
        return self._size + len(self._line)

    def clear(self) -> bytes:
        """Forget a reply that has not ended and return what there was of it."""
        pending = self.pending
        self._line.clear()
        self._kept.clear()
        self._size = 0
        return pending

    def feed(self, data: bytes) -> list[Reply]:
        """Take octets, return the replies they complete; raises :class:`ReplyError`.

        Replies completed before a fault in the same octets are returned first; the fault is raised by the
        next call, which may be ``feed(b"")``.
        """
        if self._error is not None:
            raise self._error
        if not self._line and not self._size and (whole := self._one_line_each(data)) is not None:
            return whole
        replies: list[Reply] = []
        start = 0
        try:
            while True:
                end = data.find(b"\n", start)
                if end < 0:
                    if start < len(data):
                        self._partial(data[start:])
                    break
                line = data[start : end + 1]
                start = end + 1
                if self._line:
                    line = bytes(self._line) + line
                    self._line.clear()
                if (reply := self._complete(line)) is not None:
                    replies.append(reply)
        except ReplyError as error:
            self._error = error
            self.clear()
            if not replies:
                raise
        return replies

    def _one_line_each(self, data: bytes) -> list[Reply] | None:
        """The replies in octets that hold nothing but whole replies of one line, as nearly all segments do."""
        if len(data) > REPLY_KEPT:
            return None
        replies = []
        familiar = self._familiar
        for line in data.splitlines(keepends=True):
            reply = familiar.get(line)
            if reply is None:
                code = _CODES.get(line[:4])
                # A line cut at a bare CR is not whole: the patient way knows what to do with it.
                if code is None or line[-1] != 0x0A:
                    return None
                reply = Reply(code, line, len(line))
                if len(familiar) < _FAMILIAR and len(line) <= _FAMILIAR_OCTETS:
                    familiar[line] = reply
            replies.append(reply)
        return replies

    def _partial(self, rest: bytes) -> None:
        if self._size + len(self._line) + len(rest) > REPLY_LIMIT:
            self._line += rest[:_STORED]
            raise ReplyError(_TOO_LONG, self.pending, self.beyond)
        self._line += rest
        if len(self._line) > 3 and not _begins(self._line[:5].rstrip(b"\r")[:4]):
            # A line that cannot become a reply is refused at once: it may never end.
            raise ReplyError(_NO_REPLY, self.pending, self.beyond, line=bytes(self._line[:_STORED]))

    def _complete(self, line: bytes) -> Reply | None:
        if not _begins(line.rstrip(b"\r\n")[:4]):
            self._line += line[:_STORED]
            raise ReplyError(_NO_REPLY, self.pending, self.beyond, line=line[:_STORED])
        size = self._size + len(line)
        if size > REPLY_LIMIT:
            self._line += line[:_STORED]
            raise ReplyError(_TOO_LONG, self.pending, self.beyond)
        if line[3] == 0x2D:
            self._size = size
            if len(self._kept) < _STORED:
                self._kept += line[: _STORED - len(self._kept)]
            return None
        code = int(line[:3])
        if not self._size and len(line) <= 2 * REPLY_KEPT:
            return Reply(code, line, size)
        return self._assembled(code, line, size)

    def _assembled(self, code: int, last: bytes, size: int) -> Reply:
        """The reply that ``last`` ends, cut where it is long. The last line is always kept: its code counts."""
        raw, cuts = bytes(self._kept[:REPLY_KEPT]), []
        if self._size > REPLY_KEPT:
            cuts.append(Cut(len(raw), bytes(self._kept[REPLY_KEPT:])))
        self._kept.clear()
        self._size = 0
        raw += (b"" if not raw or raw.endswith(b"\n") else b"\r\n") + last[:REPLY_KEPT]
        if len(last) > REPLY_KEPT:
            cuts.append(Cut(len(raw), last[REPLY_KEPT:_STORED]))
            raw += b"\r\n"
        return Reply(code, raw, size, tuple(cuts))


def _begins(head: bytes | bytearray) -> bool:
    """Whether the first four octets of a line can begin a reply line."""
    return len(head) >= 3 and head[:3].isdigit() and 0x32 <= head[0] <= 0x35 and (len(head) < 4 or head[3] in _MARKS)


def quoted(line: str) -> str:
    """The beginning of a line as an error quotes it; ``line`` is masked."""
    return f"“{visible(line[:_QUOTED])}…”"
