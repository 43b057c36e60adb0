"""What the oracle is to say and what it notes: the settings and the record of :mod:`tests.servers.oracle`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.servers.sasl import Accounts, Outcome

FEATURES = ("PIPELINING", "SIZE 10240000", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "DSN")
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-1", "SCRAM-SHA-256")


@dataclass(frozen=True)
class Dialogue:
    """What the oracle says. The default has all that replies are allowed to have: several lines, spaces at
    their ends, octets that are no ASCII, segments that arrive one by one."""

    tls: Literal["none", "starttls", "implicit"] = "none"
    hostname: str = "mx.oracle.test"
    features: tuple[str, ...] = FEATURES
    """EHLO keywords; STARTTLS and AUTH are added by themselves."""
    mechanisms: tuple[str, ...] = MECHANISMS
    auth_in_clear: bool = True
    """Whether AUTH is offered without TLS."""
    auth_required: bool = False
    """Whether MAIL needs AUTH first (530 5.7.0)."""
    accounts: Accounts = field(default_factory=Accounts)
    refused_mechanisms: frozenset[str] = frozenset()
    """Mechanisms that are offered and yet refuse every credential (535 5.7.8)."""
    refused: Mapping[str, str] = field(
        default_factory=lambda: {
            "unknown@good.test": "550 5.1.1 <unknown@good.test>: no such user",
            "later@good.test": "450 4.2.1 <later@good.test>: try again later",
        }
    )
    """Replies to RCPT by address."""
    most: int | None = None
    """Recipients of a transaction, after which RCPT is answered with ``enough``."""
    enough: bytes = b"452 4.5.3 Too many recipients\r\n"
    after_dot: Mapping[str, str] = field(default_factory=dict)
    """Under LMTP, replies after the dot by address; others are accepted."""
    replies: Mapping[str, bytes] = field(default_factory=dict)
    """Whole replies, line ends included, in place of the usual ones: by verb, or for ``banner``, ``.``,
    ``AUTH challenge`` (``AUTH`` is the final one), ``refused`` (a recipient). A 4yz or 5yz does refuse."""
    strays: Mapping[str, bytes] = field(default_factory=dict)
    """Octets sent after a reply though nobody asked, by the keys of ``replies``."""
    stray_apart: bool = False
    """Whether strays travel in a segment of their own instead of the reply's."""
    pieces: int = 3
    """Segments that a reply is cut into."""
    pause: float = 0.001
    """Seconds between them."""
    promise_354: bool = False
    """Whether DATA gets its 354 even when every recipient was refused (RFC 2920 section 3.1)."""
    size_limit: int = 10_240_000
    lmtp: bool = False
    path: Path | None = None
    """Listen on this UNIX socket instead of TCP."""
    client_certificates: bool = False
    """Whether TLS needs a client certificate; its subject is then the user of EXTERNAL."""
    tls12: bool = False
    """Whether TLS stops at 1.2, where tls-unique exists."""


@dataclass(frozen=True)
class Message:
    """A message that was accepted, with its envelope."""

    sender: str
    sender_parameters: str
    recipients: tuple[tuple[str, str], ...]
    """Accepted recipients, each with its parameters."""
    data: bytes
    """The message without dot-stuffing, every line end as it came."""
    raw: bytes
    """The same as it crossed the wire, the final dot excluded."""
    user: str
    """Who had logged in, if anybody."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The accepted recipients without their parameters."""
        return tuple(address for address, _ in self.recipients)


@dataclass
class Record:
    """What clients did."""

    messages: list[Message] = field(default_factory=list)
    """Every message that was accepted, empty ones among them."""
    logins: list[tuple[str, Outcome]] = field(default_factory=list)
    """Every AUTH exchange that came to an end: mechanism and outcome."""
    ehlo_names: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """What clients did that the RFCs forbid, in sentences; a test of a client asserts that there are none."""
