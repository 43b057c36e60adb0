"""Addresses as the operating system finds them, so that /etc/hosts and nsswitch.conf count."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from smtptui.dns.background import in_background
from smtptui.dns.hosts import Address, DnsError
from smtptui.protocol import Family

Lookup = Callable[..., list[tuple[Any, ...]]]
"""Called and answering like :func:`socket.getaddrinfo`."""

_FAMILIES = {Family.ANY: socket.AF_UNSPEC, Family.IPV4: socket.AF_INET, Family.IPV6: socket.AF_INET6}
# Not every system has every code, and some codes are the same number on some systems.
_UNKNOWN = {getattr(socket, code) for code in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, code)}


async def system_addresses(name: str, family: Family, *, seconds: float, lookup: Lookup) -> tuple[Address, ...]:
    """The addresses of ``name`` (A-labels) in the system's order; given up after ``seconds``.

    Raises :class:`DnsError`.
    """
    try:
        async with asyncio.timeout(seconds):
            found = await in_background(
                lambda: lookup(name, None, _FAMILIES[family], socket.SOCK_STREAM), name=f"lookup {name}"
            )
    except TimeoutError as error:
        raise DnsError(
            f"the system found no answer about {name} within {seconds:g} s: try again, or check its name servers",
            name=name,
            kind="temporary",
        ) from error
    except socket.gaierror as error:
        if error.errno in _UNKNOWN:
            raise DnsError(
                f"{name} is not known here: neither the hosts file nor the DNS has an address for it",
                name=name,
                kind="unknown",
            ) from error
        raise DnsError(
            f"the system could not look up {name} ({error.strerror}): try again, or check its name servers",
            name=name,
            kind="temporary",
        ) from error
    except OSError as error:
        raise DnsError(
            f"the system could not look up {name}: {error.strerror or error}", name=name, kind="temporary"
        ) from error
    # A host that stands twice in the hosts file comes twice.
    return tuple(
        dict.fromkeys(_address(entry[0], entry[4]) for entry in found if entry[0] in (socket.AF_INET, socket.AF_INET6))
    )


def _address(family: int, sockaddr: tuple[Any, ...]) -> Address:
    if family == socket.AF_INET:
        return Address(Family.IPV4, sockaddr[0])
    ip, scope = str(sockaddr[0]), sockaddr[3]
    return Address(Family.IPV6, f"{ip}%{scope}" if scope and "%" not in ip else ip)
