"""Takes encodings that write single characters out of a text, and remembers where in the text each character stood.

Percent and form encoding (RFC 3986, WHATWG URL), quoted-printable (RFC 2045), xtext (RFC 3461), character references
of HTML, backslash escapes of JSON and C, hexadecimal digits with ``0x`` before every two or with colons or dashes
between them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smtptui.protocol.control_characters import decode, encode

LINE_BREAK = re.compile(r"\r?\n(?:\d{3}(?:[- ]|(?=\r?\n|\Z))(?:[245]\.\d{1,3}\.\d{1,3}[ \t]+)?)?")
"""Where a reply goes on in its next line: the line end, code and enhanced code."""
_SOFT_BREAK = re.compile(f"=(?={LINE_BREAK.pattern})")
"""What quoted-printable puts before a line end that is not part of the text."""
_HEAD = re.compile(r"\A\d{3}[- ](?:[245]\.\d{1,3}\.\d{1,3}[ \t]+)?")
_AFTER_CODE = ("-", " ")
_SPACE = re.compile(r"\s+")
_SURROGATE = re.compile("[\udc80-\udcff]")
_REFERENCES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(frozen=True, slots=True)
class Mapped:
    """A text made from another one; character ``i`` comes from ``starts[i]`` to before ``ends[i]`` of that."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Mapped":
        """A text as it is."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def replaced(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str]) -> "Mapped":
        """As ``pattern.sub`` does it."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for match in pattern.finditer(self.text):
            pieces.append(self.text[at : match.start()])
            starts += self.starts[at : match.start()]
            ends += self.ends[at : match.start()]
            new = by(match)
            if new:
                pieces.append(new)
                starts += [self.starts[match.start()]] * len(new)
                ends += [self.ends[match.end() - 1]] * len(new)
            at = match.end()
        return Mapped("".join((*pieces, self.text[at:])), [*starts, *self.starts[at:]], [*ends, *self.ends[at:]])

    def without(self, pattern: re.Pattern[str]) -> "Mapped":
        """Without what matches."""
        return self.replaced(pattern, _nothing)

    def recoded(self) -> "Mapped":
        """Octets that escapes have written out, as surrogates, read as UTF-8."""
        if not _SURROGATE.search(self.text):
            return self
        octets = [encode(char) for char in self.text]
        first = [place for place, each in enumerate(octets) for _ in each]
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        text = decode(b"".join(octets))
        for char in text:
            size = len(encode(char))
            starts.append(self.starts[first[at]])
            ends.append(self.ends[first[at + size - 1]])
            at += size
        return Mapped(text, starts, ends)

    def mapped(self, change: Callable[[str], str]) -> "Mapped":
        """With every character changed by itself, perhaps into several."""
        changed = [change(char) for char in self.text]
        places = [place for place, each in enumerate(changed) for _ in each]
        return Mapped(
            "".join(changed), [self.starts[place] for place in places], [self.ends[place] for place in places]
        )


@dataclass(frozen=True, slots=True)
class Escape:
    """One such encoding: ``mark`` stands in every text that uses it."""

    mark: str
    pattern: re.Pattern[str]
    meaning: Callable[[re.Match[str]], str]

    def undone(self, text: str) -> str:
        """The text without the encoding."""
        text = self.pattern.sub(self.meaning, text)
        return decode(encode(text)) if _SURROGATE.search(text) else text

    def undone_in(self, mapped: Mapped) -> Mapped:
        """The same, with places."""
        return mapped.replaced(self.pattern, self.meaning).recoded()


def unfolded(text: str) -> str:
    """A reply as one line, without what begins its lines."""
    if text[3:4] in _AFTER_CODE and text[:3].isdigit():
        text = _HEAD.sub("", text)
    return LINE_BREAK.sub("", text) if "\n" in text else text


def softened(text: str) -> str | None:
    """The text without the soft line breaks of quoted-printable, None if it has none."""
    return _SOFT_BREAK.sub("", text) if "=\n" in text or "=\r\n" in text else None


def softened_in(mapped: Mapped) -> Mapped:
    """The same, with places."""
    return mapped.without(_SOFT_BREAK)


def unfolded_in(mapped: Mapped) -> Mapped:
    """The same, with places."""
    return mapped.without(_HEAD).without(LINE_BREAK)


def bare(text: str) -> str:
    """A text without white space."""
    return "".join(text.split())


def bare_in(mapped: Mapped) -> Mapped:
    """The same, with places."""
    return mapped.without(_SPACE)


def _nothing(_: re.Match[str]) -> str:
    return ""


def _octet(value: int) -> str:
    return chr(value) if value < 0x80 else chr(0xDC00 + value)


def _point(value: int) -> str:
    # An escape of half a character, or of none, is left out: it is part of no secret.
    return chr(value) if value < 0xD800 or 0xDFFF < value < 0x110000 else ""


def _hex(match: re.Match[str]) -> str:
    return _octet(int(match[1], 16))


def _form(match: re.Match[str]) -> str:
    return _hex(match) if match[1] else ""


def _reference(match: re.Match[str]) -> str:
    if match["name"]:
        return _REFERENCES[match["name"].lower()]
    return _point(int(match["decimal"]) if match["decimal"] else int(match["hex"], 16))


def _backslash(match: re.Match[str]) -> str:
    if match["octet"]:
        return _octet(int(match["octet"], 16))
    if point := match["point"] or match["long"]:
        return _point(int(point, 16))
    if match["octal"]:
        return _octet(int(match["octal"], 8))
    # A line end or tab is white space; of all else the character itself is meant.
    return "" if match["one"] in "nrt" else match["one"]


ESCAPES = (
    Escape("%", re.compile(r"%([0-9A-Fa-f]{2})"), _hex),
    Escape("+", re.compile(r"%([0-9A-Fa-f]{2})|\+"), _form),
    Escape("=", re.compile(r"=([0-9A-Fa-f]{2})"), _hex),
    Escape("+", re.compile(r"\+([0-9A-Fa-f]{2})"), _hex),
    Escape(
        "&",
        re.compile(
            r"&(?:(?P<name>amp|lt|gt|quot|apos);|#(?P<decimal>[0-9]{1,7});?|#x(?P<hex>[0-9A-F]{1,6});?)", re.IGNORECASE
        ),
        _reference,
    ),
    Escape(
        "\\",
        re.compile(
            r"\\(?:x(?P<octet>[0-9A-Fa-f]{2})|u(?P<point>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})"
            r"|(?P<octal>[0-3][0-7]{2})|(?P<one>.))",
            re.DOTALL,
        ),
        _backslash,
    ),
    Escape("0x", re.compile(r"0x([0-9A-Fa-f]{2})(?:[,;:]?\s*(?=0x))?"), _hex),
    Escape(":", re.compile(r"(?<=[0-9A-Fa-f]{2}):(?=[0-9A-Fa-f]{2}(?:[^0-9A-Fa-f]|\Z))"), _nothing),
    Escape("-", re.compile(r"(?<=[0-9A-Fa-f]{2})-(?=[0-9A-Fa-f]{2}(?:[^0-9A-Fa-f]|\Z))"), _nothing),
)
