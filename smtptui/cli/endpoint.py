"""Reading what users write for a server or an address: ``HOST[:PORT]``, ``[IPv6]:PORT``, an IP."""

import ipaddress
import re

from smtptui.cli.errors import usage
from smtptui.protocol import TlsMode

_PORT_OF = {TlsMode.IMPLICIT: 465, TlsMode.STARTTLS: 587}


def split_server(text: str, option: str = "--server") -> tuple[str, int | None]:
    """Host and port of ``HOST``, ``HOST:PORT``, ``[IPv6]`` or ``[IPv6]:PORT``; a bare IPv6 address has no port.

    Raises a usage error that names ``option``.
    """
    text = text.strip()
    if match := re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", text):
        host, port = match[1], match[2]
        _ip(host, text, option)
    elif text.count(":") > 1:
        host, port = text, None
        _ip(host, text, option)
    else:
        host, colon, rest = text.partition(":")
        port = rest if colon else None
    if not host:
        raise usage(f"{option} {text!r}: there is no host; write HOST or HOST:PORT.")
    return host, None if port is None else _port(port, text, option)


def default_port(mode: TlsMode | None) -> int:
    """The port that goes with a TLS mode where none is given (RFC 8314 section 3.3, RFC 6409)."""
    return _PORT_OF.get(mode, 25) if mode is not None else 25


def check_address(text: str, option: str) -> str:
    """``text`` if it is an IP address; else a usage error that names ``option``."""
    _ip(text, text, option)
    return text


def check_resolver(text: str) -> str:
    """``text`` if it is ``IP``, ``IP:PORT`` or ``[IP]:PORT``; else a usage error."""
    host, _ = split_server(text, "--resolver")
    _ip(host, text, "--resolver")
    return text


def _ip(host: str, text: str, option: str) -> None:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        wanted = "an IPv6 address, or HOST:PORT" if ":" in host else "an IP address"
        raise usage(f"{option} {text!r}: {host!r} is not {wanted}.") from None


def _port(port: str, text: str, option: str) -> int:
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise usage(f"{option} {text!r}: {port!r} is no port; use 1 to 65535.")
    return int(port)
