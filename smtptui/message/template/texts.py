"""Texts in their transfer encoding, fast: a line that was encoded before is not encoded again."""

import binascii

from smtptui.message.header import LINE_LIMIT, parametrised, structured
from smtptui.message.part import Part

_CRLF = b"\r\n"
_MOST_LINES = 20_000
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
        self._lines: dict[str, bytes] = {}

    def part(self, text: str) -> Part:
        """The part; raises :class:`UnicodeEncodeError` for what is no text."""
        if text and text[-1] not in "\r\n":
            text += "\n"
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        wire = text.replace("\n", "\r\n").encode()
        ascii_only = len(wire) == len(text) + text.count("\n") and wire.isascii()
        if (ascii_only or self._eight_bit) and b"\0" not in wire and self._short(wire):
            return Part(self._headers["7bit" if ascii_only else "8bit"], wire)
        body = self._quoted_printable(text)
        if len(body) > len(wire) * 5 // 3:
            return Part(self._headers["base64"], _base64(wire))
        return Part(self._headers["quoted-printable"], body)

    @staticmethod
    def _short(wire: bytes) -> bool:
        return len(wire) <= LINE_LIMIT or max(map(len, wire.split(_CRLF))) <= LINE_LIMIT

    def _quoted_printable(self, text: str) -> bytes:
        lines = text.split("\n")
        # What comes after the last line end is empty.
        del lines[-1]
        known = self._lines
        if len(known) > _MOST_LINES:
            known.clear()
        encoded = []
        for line in lines:
            octets = known.get(line)
            if octets is None:
                octets = binascii.b2a_qp(f"{line}\n".encode(), istext=True).replace(b"\n", _CRLF)
                known[line] = octets
            encoded.append(octets)
        return b"".join(encoded)


def _base64(octets: bytes) -> bytes:
    encoded = binascii.b2a_base64(octets, newline=False)
    return _CRLF.join([encoded[begin : begin + _BASE64_LINE] for begin in range(0, len(encoded), _BASE64_LINE)])
