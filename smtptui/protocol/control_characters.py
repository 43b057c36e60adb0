"""Text from a server made harmless and readable: nothing in it can reach the terminal as control."""

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # invisible, bidirectional
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\ud800-\udfff"  # surrogates: bytes that were not UTF-8
    "\U000e0000-\U000e0fff]"  # tags
)
_NAMED = {"\t": "\\t", "\r": "\\r", "\n": "\\n"}


def decode(data: bytes) -> str:
    """Octets as text, reversible: what is not UTF-8 becomes surrogate escapes (PEP 383)."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of :func:`decode`."""
    return text.encode("utf-8", "surrogateescape")


def visible(text: str) -> str:
    r"""``text`` with every control, invisible or undecodable character written out, as in ``\x1b[31m``.

    The result is printable, has no line breaks and holds no surrogates, so it can be painted, logged or
    encoded anywhere.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escape, text)


def visible_lines(text: str) -> list[str]:
    r"""The lines of a wire text, each made visible. Lines end in CRLF; a bare LF is shown."""
    lines = text.split("\n")
    last = lines.pop()
    shown = [visible(line[:-1]) if line.endswith("\r") else visible(line) + "\\n" for line in lines]
    if last or not lines:
        shown.append(visible(last))
    return shown


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    point = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if 0xDC80 <= point <= 0xDCFF:
        return f"\\x{point - 0xDC00:02x}"
    if point < 0x80:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
