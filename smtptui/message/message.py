"""A message ready for the wire, and the error that says why there is none."""

from dataclasses import dataclass

from smtptui.protocol import shown


class MessageError(ValueError):
    """A message that cannot be made or read: a sentence with the field or line, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in an address field and cannot be read as an address."""

    field: str
    """The field or option it stands in."""
    text: str
    """As it is written."""
    what: str
    """What is wrong with it and what to do."""

    def __str__(self) -> str:
        return f"{self.field}: “{shown(self.text)}”: {self.what}"


@dataclass(frozen=True, slots=True)
class Message:
    """An RFC 5322 message and what the envelope needs to know about it."""

    content: bytes
    """The octets; every line ends in CRLF. Not dot-stuffed, without the closing dot."""
    sender: str
    """Suggestion for the envelope: the address of Sender, else of From; empty if there is none."""
    recipients: tuple[str, ...]
    """Suggestion for the envelope: the addresses of To, Cc and Bcc, each once, in that order."""
    eight_bit: bool
    """Whether headers or body hold octets above 127, which needs 8BITMIME (RFC 6152)."""
    utf8_headers: bool
    """Whether the headers hold raw UTF-8, which needs SMTPUTF8 (RFC 6531, RFC 6532)."""
    notes: tuple[str, ...] = ()
    """What was changed, or should be known before sending; sentences."""
    unreadable: tuple[Unreadable, ...] = ()
    """Those that the fields with the recipients name and that cannot be read."""
    unreadable_sender: tuple[Unreadable, ...] = ()
    """The same of Sender and From."""
