"""The envelope: who a message is from and who gets it, as MAIL and RCPT say it (RFC 5321, RFC 3461)."""

from dataclasses import dataclass
from enum import StrEnum


class Notify(StrEnum):
    """When a delivery status notification is wanted (RFC 3461 section 4.1)."""

    NEVER = "NEVER"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


class Ret(StrEnum):
    """What a failure notification returns: the whole message or its headers (RFC 3461 section 4.3)."""

    FULL = "FULL"
    HDRS = "HDRS"


class Body(StrEnum):
    """What MAIL declares the message's octets to be (RFC 6152)."""

    SEVEN_BIT = "7BIT"
    EIGHT_BIT = "8BITMIME"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One RCPT. ``address`` is a mailbox without angle brackets, as the user wrote it."""

    address: str
    notify: tuple[Notify, ...] = ()
    orcpt: str | None = None
    """Original recipient for ORCPT, "type;address" unencoded (RFC 3461 section 4.2)."""

    def __post_init__(self) -> None:
        if Notify.NEVER in self.notify and len(self.notify) > 1:
            raise ValueError("NOTIFY: NEVER stands alone (RFC 3461 section 4.1)")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One MAIL with its RCPTs. An empty ``sender`` is the null reverse-path ``<>``."""

    sender: str
    recipients: tuple[Recipient, ...]
    ret: Ret | None = None
    envid: str | None = None
    """Envelope identifier, unencoded; becomes xtext (RFC 3461 section 4.4)."""
    body: Body | None = None
    """Declared whether the message needs it or not; None declares what it needs."""
    smtputf8: bool = False
    """Whether SMTPUTF8 is declared though nothing may need it (RFC 6531)."""

    @classmethod
    def of(cls, sender: str, *addresses: str) -> "Envelope":
        """An envelope without options."""
        return cls(sender, tuple(Recipient(address) for address in addresses))


def xtext(text: str) -> str:
    """``text`` as xtext: printable ASCII, the rest as +HH per octet of UTF-8 (RFC 3461 section 4)."""
    return "".join(
        chr(octet) if 0x21 <= octet <= 0x7E and octet not in b"+=" else f"+{octet:02X}"
        for octet in text.encode("utf-8", "surrogateescape")
    )
