"""Reading host names, IP literals and name server addresses, before anything is looked up."""

import ipaddress
import re

from smtptui.dns.model import Address, DnsError
from smtptui.protocol import Family, HostPortError, HostPortFault, MailboxError, ascii_domain, split_ip_port, visible

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NAME_LIMIT = 253  # RFC 1035 section 2.3.4: 255 octets on the wire, which is 253 as text
_DNS_PORT = 53


def literal(text: str) -> Address | None:
    """The address that ``text`` spells out, in brackets or not (also ``[IPv6:::1]``), or None for a name."""
    bare = text
    if text.startswith("[") and text.endswith("]"):
        bare = re.sub(r"(?i)\Aipv6:", "", text[1:-1])
    try:
        ip = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return Address(Family.IPV6 if ip.version == 6 else Family.IPV4, bare)


def lookup_name(host: str) -> str:
    """The name to ask for: A-labels, no final dot; raises :class:`DnsError` where it cannot be a name."""
    name = host.removesuffix(".")
    try:
        name = ascii_domain(name)
    except MailboxError as error:
        raise DnsError(visible(str(error)), name=host, kind="unknown") from error
    if not name:
        raise DnsError("no host name was given", name=host, kind="unknown")
    if len(name) > _NAME_LIMIT or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise DnsError(
            f"“{visible(host)}” is no host name: use labels of 1 to 63 letters, digits and hyphens, "
            f"{_NAME_LIMIT} characters in all",
            name=host,
            kind="unknown",
        )
    return name


def server_address(text: str) -> tuple[str, int]:
    """IP and port of a name server from ``IP``, ``IP:PORT`` or ``[IP6]:PORT``; raises ValueError."""
    try:
        ip, port = split_ip_port(text)
    except HostPortError as error:
        if error.fault is HostPortFault.NOT_A_PORT and error.part.isdecimal():
            raise ValueError(f"name server “{visible(text)}”: use a port from 1 to 65535") from None
        raise ValueError(
            f"name server “{visible(text)}”: give its IP address, as in 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353"
        ) from None
    return ip, _DNS_PORT if port is None else port
