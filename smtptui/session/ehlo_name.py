"""What to call ourselves in EHLO without asking anybody (RFC 5321 section 4.1.4)."""

import ipaddress
import re
import socket

from smtptui.protocol import MailboxError, ascii_domain

_FQDN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]\Z")
_NOT_OURS = (".localdomain", ".local", ".internal", ".lan", ".home.arpa")


def ehlo_name(configured: str | None, local: str | None, hostname: str | None = None) -> str:
    """The configured name (as A-labels); else the host's own name if it is an FQDN; else an address literal.

    ``local`` is the connection's own ``IP:port``. No look-up is made: one may block, and what it finds is
    seldom what the server sees.
    """
    if configured:
        try:
            return ascii_domain(configured)
        except MailboxError:
            return configured
    own = socket.gethostname() if hostname is None else hostname
    if _FQDN.match(own) and not own.lower().endswith(_NOT_OURS):
        return own
    if local is None:
        return "[127.0.0.1]"
    address = ipaddress.ip_address(local.rpartition(":")[0].strip("[]").partition("%")[0])
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
