"""Header lines of what differs from message to message: plain values at once, the others as the builder does."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from smtptui.message.draft import Draft
from smtptui.message.fields import GROUP_OF_NONE, MORE_ADDRESSES, STRUCTURED, date_line
from smtptui.message.header_field import addresses, mailboxes, structured, unstructured
from smtptui.message.message import MessageError
from smtptui.protocol import Mailbox

LineMaker = Callable[[str, str], bytes]
"""The octets of a field, from its name and value."""

_FOLD_AT = 76
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*\Z")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_BOX = re.compile(rf"(?:{_ATOM}(?: {_ATOM})* <)?(?!')({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)(>)?\Z")
_ID = re.compile(r"<[!-;=A-~]+@[!-;=A-~]+>\Z")
_ADDRESSES = frozenset(["from", "sender", "to", "cc", "reply-to"]) | MORE_ADDRESSES
_IDENTIFIERS = frozenset(["in-reply-to", "references"])


class Unusual(Exception):
    """A value for the builder, which knows them all."""


def line_maker(name: str) -> LineMaker:
    """How the lines of the field ``name`` are made."""
    key = name.lower()
    if key in _ADDRESSES:
        return address_line
    return structured_line if key in STRUCTURED or key in _IDENTIFIERS else text_line


def text_line(name: str, value: str) -> bytes:
    """A field of free text."""
    if len(value) + len(name) + 2 <= _FOLD_AT and "=?" not in value and _PLAIN.match(value):
        return f"{name}: {value}\r\n".encode("ascii")
    return unstructured(name, value)


def structured_line(name: str, value: str) -> bytes:
    """A field that has no place for encoded words."""
    if len(value) + len(name) + 2 <= _FOLD_AT and "=?" not in value and _PLAIN.match(value):
        return f"{name}: {value}\r\n".encode("ascii")
    return structured(name, value)


def address_line(name: str, value: str) -> bytes:
    """A field of mailboxes."""
    if len(value) + len(name) + 2 <= _FOLD_AT:
        match = _BOX.match(value)
        if match and (match[3] is not None) == (match.start(1) > 0) and len(match[1]) <= 64:
            return f"{name}: {value}\r\n".encode("ascii")
    return addresses(name, boxes(name, value))


def boxes(name: str, value: str) -> tuple[Mailbox, ...]:
    """The mailboxes of a field; raises :class:`Unusual` for those that decide about other fields, too."""
    if GROUP_OF_NONE.match(value.strip()):
        raise Unusual
    found = mailboxes(name, [value])
    if not found or any(box.needs_smtputf8 or not box.domain for box in found):
        raise Unusual
    return found


def id_line(message_id: str) -> bytes:
    """Message-ID."""
    if not _ID.match(message_id) or len(message_id) > _FOLD_AT:
        raise Unusual
    return f"Message-ID: {message_id}\r\n".encode("ascii")


@lru_cache(16)
def date_lines(date: datetime) -> bytes:
    """Date."""
    try:
        return date_line(Draft(), date, {})
    except MessageError as error:
        raise Unusual from error
