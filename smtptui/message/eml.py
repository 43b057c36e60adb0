"""A message from a file, sent as it is: only line ends, Bcc and what is no part of a message are changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smtptui.message.fields import unique_addresses
from smtptui.message.header import LINE_LIMIT
from smtptui.message.message import Message, MessageError
from smtptui.protocol import Mailbox, MailboxError, decode, parse_mailboxes, visible

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_BARE_CR = re.compile(rb"\r(?!\n)")
_NEXT_OF_MBOX = re.compile(rb"\n\r?\n(?=From \S[^\r\n]* \d\d:\d\d(?::\d\d)?[^\r\n]* \d{4}[^\r\n]*\r?\n)")
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_NOTES_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    """Lower case."""
    raw: bytes
    """The lines of the field, ends included."""

    @property
    def value(self) -> str:
        """Unfolded text; octets that are no UTF-8 become surrogates."""
        return re.sub(r"[\r\n\t]+", " ", decode(self.raw.partition(b":")[2])).strip()


def load_eml(data: bytes, *, keep_bcc: bool = False) -> Message:
    """Read a message that is sent octet for octet, except for what the notes say.

    LF becomes CRLF, a missing last line end is added, Bcc and Resent-Bcc are removed unless ``keep_bcc``, a
    byte order mark and the "From " line of an mbox are removed. Recipients are those of To, Cc and Bcc, or
    of the latest Resent- fields (RFC 5322 section 3.6.6); an address that cannot be read gives a note. Raises
    :class:`MessageError` for an empty file, one without header fields, one with a bare CR or a NUL (RFC 5321
    section 2.3.8, RFC 5322 section 2.2) and a mailbox of several messages.
    """
    notes: list[str] = []
    data, first_line = _without_wrapping(data, notes)
    _refuse_octets(data, first_line)
    content = _with_crlf(data, notes)
    header, rest = _split(content)
    fields = list(_fields(header))
    recipients = _recipients(fields, notes)
    sender = _sender(fields, notes)
    if not keep_bcc:
        header, removed = _without_bcc(fields)
        if removed:
            notes.append(f"{' and '.join(removed)} was removed, so that nobody sees it.")
    content = header + rest
    if not _FIELD.match(content):
        raise MessageError(_no_header(content, first_line))
    _look_at_lines(header, rest, fields, notes)
    return Message(
        content=content,
        sender=sender,
        recipients=recipients,
        eight_bit=not content.isascii(),
        utf8_headers=_raw_utf8(header, notes),
        notes=tuple(notes),
    )


def _without_wrapping(data: bytes, notes: list[str]) -> tuple[bytes, int]:
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


def _refuse_octets(data: bytes, first_line: int) -> None:
    for what, place in (
        ("a NUL octet", data.find(b"\0")),
        ("a bare CR (a carriage return without line feed)", found.start() if (found := _BARE_CR.search(data)) else -1),
    ):
        if place >= 0:
            line = data.count(b"\n", 0, place) + first_line
            raise MessageError(f"Line {line} has {what}, which no server has to accept; remove it from the file.")


def _with_crlf(data: bytes, notes: list[str]) -> bytes:
    bare = data.count(b"\n") - data.count(b"\r\n")
    if bare:
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        notes.append(f"LF line ends became CRLF ({bare} line{'s' if bare > 1 else ''}).")
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
        notes.append("The last line had no line end; CRLF was added.")
    return data


def _split(content: bytes) -> tuple[bytes, bytes]:
    """Header lines, and the rest from the empty line on."""
    if content.startswith(b"\r\n"):
        return b"", content
    end = content.find(b"\r\n\r\n")
    return (content, b"") if end < 0 else (content[: end + 2], content[end + 2 :])


def _fields(header: bytes) -> Iterator[_Field]:
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
            yield _Field(name, raw)
        match = _FIELD.match(line)
        name, raw = match[1].decode("ascii").lower() if match else "", line
    if raw:
        yield _Field(name, raw)


def _without_bcc(fields: list[_Field]) -> tuple[bytes, list[str]]:
    found = {field.name for field in fields} & {"bcc", "resent-bcc"}
    header = b"".join(field.raw for field in fields if field.name not in found)
    return header, [name for name in ("Bcc", "Resent-Bcc") if name.lower() in found]


def _no_header(content: bytes, first_line: int) -> str:
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


def _recipients(fields: list[_Field], notes: list[str]) -> tuple[str, ...]:
    resent = _latest_resent(fields)
    kinds = ("resent-to", "resent-cc", "resent-bcc")
    if any(field.name in kinds for field in resent):
        notes.append("The message was resent: the recipients are those of Resent-To, Resent-Cc and Resent-Bcc.")
        fields = resent
    else:
        kinds = ("to", "cc", "bcc")
    boxes = [box for kind in kinds for field in fields if field.name == kind for box in _boxes(field, notes)]
    return unique_addresses(boxes)


def _sender(fields: list[_Field], notes: list[str]) -> str:
    for kinds, candidates in (
        (("resent-sender", "resent-from"), _latest_resent(fields)),
        (("sender", "from"), fields),
    ):
        for kind in kinds:
            for field in candidates:
                boxes = _boxes(field, notes) if field.name == kind else []
                if boxes:
                    return boxes[0].address
    return ""


def _latest_resent(fields: list[_Field]) -> list[_Field]:
    """The topmost block of Resent- fields: it ends where a name comes again (RFC 5322 section 3.6.6)."""
    block: dict[str, _Field] = {}
    for field in fields:
        if field.name.startswith("resent-"):
            if field.name in block:
                break
            block[field.name] = field
    return list(block.values())


def _boxes(field: _Field, notes: list[str]) -> list[Mailbox]:
    boxes: list[Mailbox] = []
    for part in _address_texts(field.value):
        try:
            boxes.extend(parse_mailboxes(part))
        except MailboxError as error:
            notes.append(f"{field.name.title()}: {error}; it is not among the addresses of the envelope.")
    return boxes


def _address_texts(value: str) -> Iterator[str]:
    """Cut an address list at its commas, without comments and the names of groups (RFC 5322 section 3.4)."""
    text, quoted, comment, angle, skip = "", False, 0, False, False
    for char in value:
        if skip or (char == "\\" and (quoted or comment)):
            skip = not skip
            text += "" if comment else char
        elif char == '"' and not comment:
            quoted = not quoted
            text += char
        elif quoted:
            text += char
        elif char == "(" or (char == ")" and comment):
            comment += 1 if char == "(" else -1
        elif comment:
            continue
        elif char in ",;" and not angle:
            yield text
            text = ""
        elif char == ":" and not angle and "[" not in text:
            text = ""
        else:
            angle = (angle or char == "<") and char != ">"
            text += char
    yield text


def _look_at_lines(header: bytes, rest: bytes, fields: list[_Field], notes: list[str]) -> None:
    """Note what a server may take amiss. Line numbers are those of the message as it is sent."""
    for field in fields:
        if not field.name:
            shown = visible(decode(field.raw.partition(b"\r\n")[0][:60]))
            notes.append(
                f"“{shown}” is no header field and there is no empty line before it: "
                "servers take it for the start of the text."
            )
            break
    if not rest:
        notes.append("There is no empty line after the headers, so the message has no text.")
    long = [
        (number, len(line)) for number, line in enumerate((header + rest).split(b"\r\n"), 1) if len(line) > LINE_LIMIT
    ]
    for number, size in long[:_NOTES_OF_A_KIND]:
        notes.append(
            f"Line {number} has {size} octets, more than the {LINE_LIMIT} that servers must take "
            "(RFC 5322 section 2.1.1)."
        )
    if len(long) > _NOTES_OF_A_KIND:
        notes.append(f"{len(long) - _NOTES_OF_A_KIND} more lines are longer than {LINE_LIMIT} octets.")


def _raw_utf8(header: bytes, notes: list[str]) -> bool:
    if header.isascii():
        return False
    try:
        header.decode("utf-8")
    except UnicodeDecodeError:
        notes.append("The headers hold octets above 127 that are no UTF-8; servers may refuse or change them.")
        return False
    return True
