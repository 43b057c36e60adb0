"""What the connections of one sandbox share, and what they hand in."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rules:
    """What a port asks of its clients."""

    name: str
    implicit_tls: bool = False
    submission: bool = False
    """TLS first, then AUTH, before any mail (RFC 6409, RFC 8314); without it AUTH is not offered."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message with its envelope and where it came from, just before it is accepted."""

    listener: str
    peer: str
    helo: str
    tls: bool
    user: str | None
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    mail_parameters: str
    rcpt_parameters: tuple[str, ...]


MOST_CONNECTIONS = 200
"""Connections of one sandbox at a time."""
MOST_UNFINISHED = 100 * 1000 * 1000
"""Octets of all messages together that have begun and not ended."""


class Closable(Protocol):
    """A connection that can be ended."""

    async def close(self, grace: float) -> None:
        """End it, after ``grace`` seconds by force."""


@dataclass(slots=True)
class Office:
    """What all connections of one sandbox share."""

    hostname: str
    tls: ssl.SSLContext
    user: str
    password: str
    size_limit: int
    """Octets of a message."""
    accept: Callable[[Arrival], str]
    """Keeps a message and returns its queue id."""
    open: set[Closable] = field(default_factory=set)
    """Connections that have not ended."""
    unfinished: int = 0
    """Octets that are kept of messages which have begun and not ended."""
