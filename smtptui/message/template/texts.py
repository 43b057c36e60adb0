"""Texts in their transfer encoding, fast: lines that were encoded lately are not encoded again."""

import binascii
from collections.abc import Sequence
from functools import lru_cache

from smtptui.message.header_field import LINE_LIMIT, parametrised, structured
from smtptui.message.part import Part
from smtptui.message.template.substitution import Lined

_CRLF = b"\r\n"
_MOST_LINES = 4096
_LONG_LINE = 1000
"""Characters of a line that is not remembered: it might be the whole of an HTML text, and differ each time."""
_BASE64_LINE = 76


class TextEncoder:
    """Makes the parts that :func:`smtptui.message.part.text_part` makes, octet for octet."""

    def __init__(self, subtype: str, *, eight_bit: bool) -> None:
        kind = parametrised("Content-Type", f"text/{subtype}", [("charset", "utf-8")])
        self._headers = {
            name: kind + structured("Content-Transfer-Encoding", name)
            for name in ("7bit", "8bit", "quoted-printable", "base64")
        }
        self._eight_bit = eight_bit
        # The lines of the template stay, for they come with each message; those with values make room for others.
        self._known = lru_cache(_MOST_LINES)(_quoted_printable)

    def part(self, text: str) -> Part:
        """The part; raises :class:`UnicodeEncodeError` for what is no text."""
        ascii_only = text.isascii()
        if (ascii_only or self._eight_bit) and "\0" not in text:
            wire = _wire(text)
            if _short(wire):
                return Part(self._headers["7bit" if ascii_only else "8bit"], wire)
        known = self._known
        body = b"".join(
            [known(lines) if len(lines) < _LONG_LINE else _quoted_printable(lines) for lines in _lines(text)]
        )
        # There are as many octets as characters at least, so that most texts need not be counted.
        if len(body) > len(text) * 5 // 3:
            wire = _wire(text)
            if len(body) > len(wire) * 5 // 3:
                return Part(self._headers["base64"], _base64(wire))
        return Part(self._headers["quoted-printable"], body)


def _lines(text: str) -> Sequence[str]:
    """Lines, or some at a time; the line end may be lacking."""
    if isinstance(text, Lined):
        return text.lines
    lines = _plain_ends(text).split("\n")
    if not lines[-1]:
        # What comes after the last line end is empty.
        del lines[-1]
    return lines


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _ended(text: str) -> str:
    text = _plain_ends(text)
    return text if text.endswith("\n") else text + "\n"


def _wire(text: str) -> bytes:
    return _ended(text).replace("\n", "\r\n").encode() if text else b""


def _short(wire: bytes) -> bool:
    return len(wire) <= LINE_LIMIT or max(map(len, wire.split(_CRLF))) <= LINE_LIMIT


def _quoted_printable(lines: str) -> bytes:
    return binascii.b2a_qp(_ended(lines).encode(), istext=True).replace(b"\n", _CRLF)


def _base64(octets: bytes) -> bytes:
    encoded = binascii.b2a_base64(octets, newline=False)
    return _CRLF.join([encoded[begin : begin + _BASE64_LINE] for begin in range(0, len(encoded), _BASE64_LINE)])
