"""A message in a file, taken apart into header fields and the rest, however they are written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smtptui.message.message import MessageError
from smtptui.protocol import decode, visible

FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
"""The beginning of a header field; its name is the first group."""
_NEXT_OF_MBOX = re.compile(rb"\n\r?\n(?=From \S[^\r\n]* \d\d:\d\d(?::\d\d)?[^\r\n]* \d{4}[^\r\n]*\r?\n)")
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Field:
    """One header field as it is written."""

    name: str
    """Lower case."""
    raw: bytes
    """The lines of the field, ends included."""

    @property
    def value(self) -> str:
        """Unfolded text; octets that are no UTF-8 become surrogates."""
        return re.sub(r"[\r\n\t]+", " ", decode(self.raw.partition(b":")[2])).strip()


def unwrapped(data: bytes, notes: list[str]) -> tuple[bytes, int]:
    """What of a file is the message, and the number of the line it begins in."""
    if data.startswith(_UTF16_BOMS):
        raise MessageError("The file is UTF-16, which is no message; save it in the mail program's own format.")
    if data.startswith(_UTF8_BOM):
        data = data.removeprefix(_UTF8_BOM)
        notes.append("The byte order mark at the start was removed.")
    if not data.strip():
        raise MessageError("The file is empty; a message needs at least one header field.")
    if not data.startswith(b"From "):
        return data, 1
    if found := _NEXT_OF_MBOX.search(data):
        line = data.count(b"\n", 0, found.end()) + 1
        raise MessageError(
            f"The file is a mailbox (mbox): another message begins in line {line}; save the one to send by itself."
        )
    notes.append("The line “From …” of a mailbox file (mbox) was removed from the start.")
    return data.partition(b"\n")[2], 2


def no_header(content: bytes, first_line: int) -> str:
    """Why a file that begins with no header field is no message."""
    if not content or content.startswith(b"\r\n"):
        return (
            "There is no header field before the first empty line; a message begins with fields such as "
            "“From: …”, then an empty line, then the text."
        )
    line = visible(decode(content.partition(b"\r\n")[0][:60]))
    return (
        f"The first line (line {first_line} of the file) is no header field: “{line}”; a message begins with "
        "fields such as “From: …”, then an empty line, then the text."
    )


def split_head(content: bytes) -> tuple[bytes, bytes]:
    """Header lines, and the rest from the empty line on."""
    if content.startswith(b"\r\n"):
        return b"", content
    end = content.find(b"\r\n\r\n")
    return (content, b"") if end < 0 else (content[: end + 2], content[end + 2 :])


def header_fields(header: bytes) -> Iterator[Field]:
    """Fields with their folded lines. A line that is no field is one without a name.

    All lines up to the empty one are read, also after such a line: servers differ in what they take for the
    end of the headers, and a Bcc must not be left for any of them.
    """
    name, raw = "", b""
    for line in header.splitlines(keepends=True):
        if line[:1] in (b" ", b"\t") and raw:
            raw += line
            continue
        if raw:
            yield Field(name, raw)
        match = FIELD.match(line)
        name, raw = match[1].decode("ascii").lower() if match else "", line
    if raw:
        yield Field(name, raw)
