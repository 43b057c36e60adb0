"""A message from a file, sent as it is: only line ends, Bcc and what is no part of a message are changed."""

import re

from smtptui.message.eml_addresses import people_of, without_bcc
from smtptui.message.header_field import LINE_LIMIT
from smtptui.message.message import Message, MessageError
from smtptui.message.wire_fields import FIELD, Field, header_fields, no_header, split_head, unwrapped
from smtptui.protocol import decode, visible

_BARE_CR = re.compile(rb"\r(?!\n)")
_NOTES_OF_A_KIND = 5


def load_eml(data: bytes, *, keep_bcc: bool = False) -> Message:
    """Read a message that is sent octet for octet, except for what the notes say.

    LF becomes CRLF, a missing last line end is added, Bcc and Resent-Bcc are removed unless ``keep_bcc``, a
    byte order mark and the "From " line of an mbox are removed. Recipients are those of To, Cc and Bcc, or
    of the latest Resent- fields (RFC 5322 section 3.6.6); what cannot be read there is in ``unreadable``. Raises
    :class:`MessageError` for an empty file, one without header fields, one with a bare CR or a NUL (RFC 5321
    section 2.3.8, RFC 5322 section 2.2) and a mailbox of several messages.
    """
    notes: list[str] = []
    data, first_line = unwrapped(data, notes)
    _refuse_octets(data, first_line)
    content = _with_crlf(data, notes)
    header, rest = split_head(content)
    fields = list(header_fields(header))
    people = people_of(fields, notes)
    if not keep_bcc:
        header, removed = without_bcc(fields)
        fields = list(header_fields(header))
        if removed:
            notes.append(f"{' and '.join(removed)} was removed, so that nobody sees it.")
    content = header + rest
    if not FIELD.match(content):
        raise MessageError(no_header(content, first_line))
    _look_at_lines(header, rest, fields, notes)
    return Message(
        content=content,
        sender=people.sender,
        recipients=people.recipients,
        eight_bit=not content.isascii(),
        utf8_headers=_raw_utf8(header, notes),
        notes=tuple(notes),
        unreadable=people.unreadable,
        unreadable_sender=people.unreadable_sender,
    )


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


def _look_at_lines(header: bytes, rest: bytes, fields: list[Field], notes: list[str]) -> None:
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
