"""Drafts made and messages read back, for the tests of this room."""

import email
import email.policy
import itertools
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from smtptui.message import Draft, Encoding, Message, build

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def make(*, smtputf8: bool = False, encoding: Encoding = Encoding.AUTO, **fields: Any) -> Message:
    """A message from a draft with these fields; From is ann@example.org unless given."""
    tokens = (f"token{number}" for number in itertools.count(1))
    draft = Draft(**{"sender": "ann@example.org", **fields})
    return build(draft, now=NOW, random_token=lambda: next(tokens), smtputf8=smtputf8, encoding=encoding)


def parsed(message: Message) -> EmailMessage:
    """The message as the standard library reads it."""
    found = email.message_from_bytes(message.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def octets_of(part: object) -> bytes:
    """The content of a part, its transfer encoding undone."""
    assert isinstance(part, EmailMessage)
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets


def text_of(message: Message, kind: str = "plain") -> str:
    """The text of a message, plain or html, with LF line ends."""
    return octets_of(parsed(message).get_body((kind,))).decode("utf-8").replace("\r\n", "\n")


def header_names(message: Message) -> list[str]:
    """Names of the fields on the wire, in order."""
    header = message.content.partition(b"\r\n\r\n")[0].decode()
    return [line.partition(":")[0] for line in header.split("\r\n") if line[0] not in " \t"]


def assert_wire(message: Message) -> None:
    """What holds for every message that was built."""
    content = message.content
    assert content.endswith(b"\r\n")
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    assert b"\0" not in content
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert message.eight_bit == (not content.isascii())
    header = content.partition(b"\r\n\r\n")[0]
    assert message.utf8_headers == (not header.isascii())
    for line in header.split(b"\r\n"):
        assert line.strip(), "a line of blanks would end the headers for some readers"
