"""Body parts: texts and files in a transfer encoding that any server can carry (RFC 2045, RFC 2046)."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from smtptui.message.draft import Attachment
from smtptui.message.header_field import LINE_LIMIT, check_value, parametrised, structured
from smtptui.message.message import MessageError
from smtptui.protocol import visible

_CRLF = b"\r\n"
_LINE_END = re.compile(r"\r\n|\r|\n")
_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+"
    r'(?:[ \t]*;[ \t]*[A-Za-z0-9!#$&^_.+-]+=(?:[A-Za-z0-9!#$&^_.+/:-]+|"[ !#-\[\]-~]*"))*\Z'
)
_ENCODED_AT_ONCE = 57 * 16 * 1024
"""Octets of a file that are encoded at a time: whole lines of base64."""
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,200}\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """A body part: header lines that end in CRLF, and a body in its transfer encoding."""

    headers: bytes
    body: bytes
    """Lines are cut by CRLF; the last one may lack it."""

    @property
    def content(self) -> bytes:
        """Headers, empty line and body, every line ended."""
        return b"".join(self.pieces)

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """The content in pieces, to be joined with others: a large file is copied once less."""
        end = _CRLF if self.body and not self.body.endswith(_CRLF) else b""
        return (self.headers, _CRLF, self.body, end)


def text_part(field: str, text: str, subtype: str, *, eight_bit: bool = False) -> Part:
    """A text in UTF-8, as 7bit where that is possible, else with ``eight_bit`` as it is; raises
    :class:`MessageError` naming ``field``."""
    if found := re.search("[\ud800-\udfff]", text):
        line = text.count("\n", 0, found.start()) + 1
        raise MessageError(f"{field}: line {line} has a byte that is no UTF-8; convert the text to UTF-8.")
    if text and text[-1] not in "\r\n":
        text += "\n"
    octets = _LINE_END.sub("\n", text).encode()
    wire = octets.replace(b"\n", _CRLF)
    if is_seven_bit(wire):
        encoding, body = "7bit", wire
    elif eight_bit and _may_travel(wire):
        encoding, body = "8bit", wire
    else:
        encoding, body = "quoted-printable", _quoted_printable(octets)
        # Quoted-printable stays readable in a transcript, so it may be somewhat longer than base64.
        if len(body) > len(wire) * 5 // 3:
            encoding, body = "base64", _base64(wire)
    headers = parametrised("Content-Type", f"text/{subtype}", [("charset", "utf-8")])
    return Part(headers + structured("Content-Transfer-Encoding", encoding), body)


def file_part(field: str, file: Attachment, *, content_id: str | None = None) -> tuple[Part, str | None]:
    """A file, octet for octet, and a note if its type had to change; ``content_id`` makes it inline."""
    label = f"{field} {visible(file.name)!r}"
    check_value(label, file.name)
    if not file.name:
        raise MessageError(f"{field}: a file needs a name.")
    media_type, note = file.content_type.strip(), None
    if not _MEDIA_TYPE.match(media_type):
        raise MessageError(
            f"{label}: {visible(media_type)!r} is no media type; write it as “type/subtype”, like image/png."
        )
    essence = media_type.partition(";")[0].strip().lower()
    if essence.startswith("multipart/"):
        raise MessageError(f"{label}: a file cannot be {essence}; use application/octet-stream.")
    encoding, body = "base64", _base64(file.content)
    # RFC 2046 section 5.2.1: a message within a message has no transfer encoding of its own.
    if essence.startswith("message/") and not essence.startswith("message/global"):
        wire = re.sub(rb"\r?\n", _CRLF, file.content)
        if is_seven_bit(wire):
            encoding, body = "7bit", wire
        else:
            media_type = "application/octet-stream"
            note = (
                f"{label} is sent as application/octet-stream: it has octets above 127, overlong lines or "
                f"control octets, which {essence} may not have."
            )
    if essence.startswith("text/") and "charset=" not in media_type.lower() and _is_utf8(file.content):
        media_type += "; charset=utf-8"
    disposition = "attachment" if content_id is None else "inline"
    headers = structured("Content-Type", media_type)
    headers += structured("Content-Transfer-Encoding", encoding)
    headers += parametrised("Content-Disposition", disposition, [("filename", file.name)])
    if content_id is not None:
        headers += structured("Content-ID", f"<{content_id}>")
    return Part(headers, body), note


def multipart(subtype: str, parts: Sequence[Part], token: str, parameters: Sequence[tuple[str, str]] = ()) -> Part:
    """Parts joined by a boundary made of ``token`` that occurs in none of them (RFC 2046 section 5.1)."""
    number = 1
    while any(f"=_{number}_{token}".encode() in part.body for part in parts):
        number += 1
    boundary = f"=_{number}_{token}"
    delimiter = f"--{boundary}".encode()
    # Joined at once: each sum of two octet strings would copy a large file.
    pieces = [piece for part in parts for piece in (delimiter, _CRLF, part.headers, _CRLF, part.body, _CRLF)]
    body = b"".join([*pieces, delimiter, b"--"])
    headers = parametrised("Content-Type", f"multipart/{subtype}", [*parameters, ("boundary", boundary)])
    if not body.isascii():
        # RFC 2045 section 6.4: what holds 8-bit parts is 8bit itself.
        headers += structured("Content-Transfer-Encoding", "8bit")
    return Part(headers, body)


def checked_content_id(field: str, content_id: str) -> str:
    """A Content-ID without its angle brackets; raises :class:`MessageError` where it is none."""
    bare = content_id[1:-1] if content_id.startswith("<") and content_id.endswith(">") else content_id
    if not _CONTENT_ID.match(bare):
        raise MessageError(
            f"{field}: {visible(content_id)!r} is no content id; use ASCII without blanks, like logo@example.org."
        )
    return bare


def check_file(name: str, media_type: str) -> str:
    """What is wrong with a file's name or media type, in a sentence; empty if nothing is."""
    try:
        file_part("Attachment", Attachment(name, b"", media_type))
    except MessageError as error:
        return str(error)
    return ""


def wire_size(size: int) -> int:
    """Octets a file of ``size`` octets has in base64, line ends included: about 37 % more."""
    encoded = -(-size // 3) * 4
    return encoded + 2 * (-(-encoded // 76))


def is_seven_bit(wire: bytes) -> bool:
    """Whether ``wire``, with CRLF line ends, may travel as 7bit (RFC 2045 section 2.7)."""
    return wire.isascii() and _may_travel(wire)


def _may_travel(wire: bytes) -> bool:
    """Whether lines and octets are such that no transfer encoding is needed but for octets above 127."""
    return (
        b"\0" not in wire
        and wire.count(b"\r") == wire.count(b"\n") == wire.count(_CRLF)
        and max(map(len, wire.split(_CRLF))) <= LINE_LIMIT
    )


def _quoted_printable(octets: bytes) -> bytes:
    """``octets``, lines ended by LF, as quoted-printable lines ended by CRLF."""
    return binascii.b2a_qp(octets, istext=True).replace(b"\n", _CRLF)


def _base64(octets: bytes) -> bytes:
    # A piece at a time: all lines at once, each an object, would take several times the file.
    pieces = [
        base64.encodebytes(octets[at : at + _ENCODED_AT_ONCE]).replace(b"\n", _CRLF)
        for at in range(0, len(octets), _ENCODED_AT_ONCE)
    ]
    if pieces:
        pieces[-1] = pieces[-1].removesuffix(_CRLF)
    return b"".join(pieces)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not octets.isascii()
