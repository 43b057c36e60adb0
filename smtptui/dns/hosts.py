"""What a look-up answers: addresses, mail exchangers, or why there are none."""

from dataclasses import dataclass
from typing import Literal

from smtptui.protocol import Family

DnsErrorKind = Literal["unknown", "temporary", "null-mx"]
"""``unknown``: no such domain, or it has no address; ``temporary``: no usable answer (timeout, SERVFAIL,
unreachable server), the same may succeed later; ``null-mx``: the domain takes no mail (RFC 7505)."""


class DnsError(Exception):
    """A look-up without a result, in a sentence. ``name`` is the name asked for."""

    def __init__(self, message: str, *, name: str, kind: DnsErrorKind) -> None:
        super().__init__(message)
        self.name = name
        self.kind: DnsErrorKind = kind


@dataclass(frozen=True, slots=True)
class Address:
    """One IP address of a host. ``family`` is ``IPV4`` or ``IPV6``, never ``ANY``."""

    family: Family
    ip: str
    """In text form, with ``%scope`` where a link-local IPv6 address has one."""


@dataclass(frozen=True, slots=True)
class MxHost:
    """A host that takes a domain's mail."""

    preference: int
    """Lower is tried first (RFC 5321 section 5.1)."""
    host: str
    """Host name as A-labels without the final dot, or an IP address for an address literal."""
    implicit: bool = False
    """Whether the domain has no MX, so that its own addresses count (RFC 5321 section 5.1)."""
