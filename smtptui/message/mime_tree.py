"""The MIME tree of a message, octet for octet: parts, their types and names, their transfer encodings undone."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as HeaderReader
from email.parser import BytesHeaderParser

from smtptui.message.content import BOUNDED, decoded, lenient, parameters, undecoded

_DEPTH = 30
"""How deep parts within parts are read; what lies deeper is one file."""
_PARTS = 1000
"""How many parts are read; a message of more is a mischief."""


@dataclass(frozen=True, slots=True)
class Node:
    """One MIME part: a container with children, or a leaf with octets."""

    type: str
    """``text/plain``, lower case."""
    header: HeaderReader
    octets: bytes
    """Of a leaf, its transfer encoding undone."""
    children: tuple["Node", ...] = ()
    broken: str = ""
    """What could not be undone, in a sentence."""

    @property
    def name(self) -> str:
        """The file name, decoded, or empty."""
        name = undecoded(lenient(lambda: self.header.get_filename() or "", ""))
        nothing: object = ""
        given = lenient(lambda: self.header.get_param("filename", "", "content-disposition"), nothing)
        # What came as RFC 2231 wants it is decoded already; the others may be encoded words all the same.
        return name if isinstance(given, tuple) else decoded(name)

    @property
    def disposition(self) -> str:
        """``attachment``, ``inline`` or empty."""
        return lenient(self.header.get_content_disposition, None) or ""

    @property
    def content_id(self) -> str:
        """The Content-ID without angle brackets, or empty."""
        return lenient(lambda: str(self.header.get("Content-ID", "")), "").strip().strip("<>")

    @property
    def charset(self) -> str:
        """The charset that is named; empty if none is."""
        return lenient(self.header.get_content_charset, None) or ""

    @property
    def full_type(self) -> str:
        """The media type with its parameters, but for the file's name."""
        words = [self.type]
        for key, value in parameters(self.header):
            if key not in ("name", "boundary") and re.fullmatch(r"[A-Za-z0-9.+_-]+", value):
                words.append(f"{key}={value}")
        return "; ".join(words)

    def leaves(self) -> Iterator["Node"]:
        """The parts that are no containers, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def mime_tree(header: bytes, body: bytes, *, depth: int = _DEPTH) -> Node:
    """The tree of a part with these header lines; never raises for what is in them."""
    reader = BytesHeaderParser(policy=BOUNDED).parsebytes(header)
    kind = lenient(reader.get_content_type, "application/octet-stream")
    boundary = lenient(reader.get_boundary, None) if kind.startswith("multipart/") else None
    if boundary and depth:
        parts = _parts(body, boundary.encode("utf-8", "surrogateescape"))
        children = tuple(mime_tree(*_cut(part), depth=depth - 1) for part in parts[:_PARTS])
        if children:
            return Node(kind, reader, b"", children)
    octets, broken = _plain_octets(reader, body)
    return Node(kind, reader, octets, broken=broken)


def _parts(body: bytes, boundary: bytes) -> list[bytes]:
    """What stands between the delimiters of a multipart (RFC 2046 section 5.1.1); the last one may lack its end."""
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    found = list(delimiter.finditer(body))
    parts = []
    for index, match in enumerate(found):
        if match[1]:
            break
        end = found[index + 1].start() if index + 1 < len(found) else len(body)
        begin = match.end()
        for line_end in (b"\r\n", b"\n"):
            if body.startswith(line_end, begin):
                begin += len(line_end)
                break
        parts.append(body[begin : max(begin, end)])
    return parts


def _cut(part: bytes) -> tuple[bytes, bytes]:
    """Header lines and body of a part; one that begins with an empty line has no header."""
    if part.startswith((b"\r\n", b"\n")):
        return b"", part.partition(b"\n")[2]
    end = re.search(rb"\r?\n\r?\n", part)
    return (part, b"") if end is None else (part[: end.start()] + b"\r\n", part[end.end() :])


def _plain_octets(header: HeaderReader, body: bytes) -> tuple[bytes, str]:
    encoding = lenient(lambda: str(header.get("Content-Transfer-Encoding", "")), "").strip().lower()
    match encoding:
        case "base64":
            try:
                return binascii.a2b_base64(body), ""
            except binascii.Error:
                return body, "its base64 is broken and was kept as it is"
        case "quoted-printable":
            return binascii.a2b_qp(body), ""
        case "" | "7bit" | "8bit" | "binary":
            return body, ""
        case _:
            return body, "its transfer encoding is unknown, so it was kept as it is"
