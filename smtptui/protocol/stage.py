"""The stages of an SMTP session, one vocabulary for transcript, errors, gates and options."""

from enum import StrEnum


class Stage(StrEnum):
    """Where in a session something happens, in the order of a session with STARTTLS (RFC 5321, 3207, 4954)."""

    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    EHLO_TLS = "ehlo-tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"
    RSET = "rset"
    QUIT = "quit"

    @property
    def order(self) -> int:
        """Position in a session; comparable between stages."""
        return _ORDER[self]


_ORDER = {stage: index for index, stage in enumerate(Stage)}

QUITTABLE: frozenset[Stage] = frozenset(
    {
        Stage.BANNER,
        Stage.EHLO,
        Stage.TLS,
        Stage.EHLO_TLS,
        Stage.AUTH,
        Stage.MAIL,
        Stage.RCPT,
        Stage.DOT,
    }
)
"""Stages after which QUIT may be said. After a 354 a QUIT would be a line of the message, and
between STARTTLS and the handshake nothing may be said at all."""
