"""What is seen in the octets of a message: its header fields and its lines."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from smtptui.batch.lint.findings import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING
LINE_LIMIT = 998
_SINGLE = ("from", "date", "message-id", "to", "cc", "subject", "reply-to", "sender", "in-reply-to", "references")
_NEEDED = ("from", "date", "message-id")
_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+\.[^<>@\s]+>")


class Seen(NamedTuple):
    """Something wrong with a message."""

    check: str
    severity: Severity
    sentence: str
    advice: str


def header_of(content: bytes) -> dict[str, list[str]]:
    """The values of each field, by its name in lower case."""
    head = content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")
    fields: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name.lower(), []).append(value.strip())
    return fields


def header_faults(fields: dict[str, list[str]]) -> Iterator[Seen]:
    """Fields that stand there too often or not at all, and a Message-ID that is none (RFC 5322 section 3.6)."""
    for name in _SINGLE:
        if len(fields.get(name, ())) > 1:
            yield Seen("single-fields", ERROR, f"{name.title()} occurs more than once.", "Leave one of them.")
    for name in _NEEDED:
        if name not in fields:
            yield Seen("single-fields", ERROR, f"There is no {name.title()}.", "Add it to the template.")
    if not any(fields.get("subject", ())):
        yield Seen("subject", WARNING, "There is no subject.", "Add SUBJECT to the template.")
    found = fields.get("message-id", [""])[0]
    if found and not _ID.fullmatch(found):
        yield Seen(
            "message-id",
            ERROR,
            "The Message-ID has no full domain name.",
            "Leave it out of the template; the one that is made has that of the author.",
        )


def octet_faults(content: bytes) -> Iterator[Seen]:
    """Lines that are too long, and bare CR or LF."""
    # In C, since every message is looked at: a regular expression takes longer than building the message.
    if max(map(len, content.split(b"\r\n"))) > LINE_LIMIT:
        yield Seen(
            "lines", ERROR, f"A line has more than {LINE_LIMIT} octets (RFC 5322).", "Break it, or let it be encoded."
        )
    ends = content.count(b"\r\n")
    if content.count(b"\n") != ends or content.count(b"\r") != ends:
        yield Seen("lines", ERROR, "A CR or LF is not part of a line end.", "Remove it.")
