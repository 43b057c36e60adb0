"""How a session comes to TLS, and which way a port suggests (RFC 8314, RFC 3207)."""

from enum import StrEnum


class TlsMode(StrEnum):
    """When the TLS handshake happens.

    ``none`` never; ``opportunistic`` when the server offers STARTTLS; ``starttls`` by STARTTLS or not at
    all; ``implicit`` before the first SMTP byte.
    """

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


_BY_PORT = {
    25: TlsMode.OPPORTUNISTIC,
    465: TlsMode.IMPLICIT,
    2465: TlsMode.IMPLICIT,
    587: TlsMode.STARTTLS,
    2525: TlsMode.STARTTLS,
    2587: TlsMode.STARTTLS,
}


def tls_for_port(port: int, otherwise: TlsMode = TlsMode.OPPORTUNISTIC) -> TlsMode:
    """The mode a port suggests; ``otherwise`` for ports without a convention (RFC 8314 section 3)."""
    return _BY_PORT.get(port, otherwise)
