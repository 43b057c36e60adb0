"""A server written in one word: a host or an IP address, and perhaps a port; and the port that goes with a TLS mode."""

import ipaddress
import re
from enum import Enum, auto

from smtptui.protocol.tls import TlsMode

_PORT_OF: dict[TlsMode | None, int] = {TlsMode.IMPLICIT: 465, TlsMode.STARTTLS: 587}


class HostPortFault(Enum):
    """What is wrong with a word that should name a server."""

    NO_HOST = auto()
    NOT_AN_ADDRESS = auto()
    """In brackets, or with several colons, only an IP address can stand."""
    NOT_A_PORT = auto()


class HostPortError(ValueError):
    """A word that names no server; the text says why, to go after the word itself."""

    def __init__(self, fault: HostPortFault, part: str, text: str) -> None:
        super().__init__(text)
        self.fault = fault
        self.part = part
        """The part of the word that is wrong."""


def split_host_port(text: str) -> tuple[str, int | None]:
    """Host and port of ``HOST``, ``HOST:PORT``, ``[IP]`` or ``[IP]:PORT``; a bare IPv6 address has no port.

    The port is None if there is none: which one is meant then, the caller knows. Raises :class:`HostPortError`.
    """
    text = text.strip()
    if match := re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", text):
        host, port = match[1], match[2]
        check_ip(host)
    elif text.count(":") > 1:
        host, port = text, None
        check_ip(host)
    else:
        host, colon, rest = text.partition(":")
        port = rest if colon else None
    if not host:
        raise HostPortError(HostPortFault.NO_HOST, host, "there is no host; write HOST or HOST:PORT")
    return host, None if port is None else _port(port)


def join_host_port(host: str, port: int | None = None) -> str:
    """The word that :func:`split_host_port` reads as these."""
    word = f"[{host}]" if ":" in host else host
    return word if port is None else f"{word}:{port}"


def split_ip_port(text: str) -> tuple[str, int | None]:
    """The same where the host has to be an IP address."""
    host, port = split_host_port(text)
    check_ip(host)
    return host, port


def check_ip(text: str) -> str:
    """``text`` if it is an IP address; raises :class:`HostPortError`."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        wanted = "an IPv6 address, or HOST:PORT" if ":" in text else "an IP address"
        raise HostPortError(HostPortFault.NOT_AN_ADDRESS, text, f"{text!r} is not {wanted}") from None
    return text


def port_for_tls(mode: TlsMode | None) -> int:
    """The port that goes with a TLS mode where none is given (RFC 8314 section 3.3, RFC 6409)."""
    return _PORT_OF.get(mode, 25)


def _port(port: str) -> int:
    # Not isdigit(): it also knows digits of other scripts, and int() refuses thousands of them.
    if not re.fullmatch(r"[0-9]{1,20}", port) or not 1 <= int(port) <= 65535:
        raise HostPortError(HostPortFault.NOT_A_PORT, port, f"{port!r} is no port; use 1 to 65535")
    return int(port)
