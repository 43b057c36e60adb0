"""What a combination of port, TLS, certificate check and login will do, told before anything is sent."""

from dataclasses import dataclass
from enum import Enum, auto

from smtptui.protocol import Connection, TlsMode, tls_for_port

LONG = 90
"""Most cells of the long form."""
SHORT = 28
"""Most cells of the short form: with a mark in front it fits beside the choice on a screen of 80 columns."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One sentence in two lengths. ``warns``: something will fail, or can be read by others."""

    long: str
    short: str
    warns: bool = False


class _Login(Enum):
    """What a login without TLS would give away."""

    NOBODY = auto()
    SECRET = auto()
    PROOF = auto()
    BOUND = auto()
    """Proof that is bound to the TLS channel."""
    CERTIFICATE = auto()


def forecast_of(connection: Connection, *, logs_in: bool) -> Forecast:
    """What ``connection`` will do; ``logs_in`` tells whether there is a user or certificate to log in with."""
    mode = connection.tls_mode
    login = _login(connection.auth) if logs_in else _Login.NOBODY
    if connection.socket_path is not None and mode is TlsMode.NONE:
        return _named("socket", mode, *_SOCKET)
    port = connection.port if connection.socket_path is None else None
    if mode is TlsMode.IMPLICIT:
        found = _implicit(port, login)
    elif _begins(port) is TlsMode.IMPLICIT:
        found = ("you will hang: the server waits for TLS", f"hangs: {port} waits for TLS", True)
    elif mode is TlsMode.NONE:
        found = _CLEAR[login] if login is not _Login.SECRET or connection.allow_clear_auth else _ASKS
    else:
        found = _UPGRADED[mode, login is not _Login.NOBODY]
    return _named("socket" if port is None else str(port), mode, *_checked(connection, login, *found))


_Words = tuple[str, str, bool]

_SOCKET: _Words = ("stays on this machine", "stays on this machine", False)
_ASKS: _Words = ("asks first, since anybody on the way can read login and mail", "asks: login in the clear", True)
_CLEAR: dict[_Login, _Words] = {
    _Login.NOBODY: ("sends in the clear; anybody on the way can read it", "no TLS: readable on the way", False),
    _Login.SECRET: ("anybody on the way can read login and mail", "login in the clear", True),
    _Login.PROOF: ("hides the password, but anybody on the way can read the mail", "mail in the clear", True),
    _Login.BOUND: ("the login will fail: it is bound to TLS, and there is none", "login fails without TLS", True),
    _Login.CERTIFICATE: ("the login will fail: a certificate needs TLS", "login fails without TLS", True),
}
"""Without TLS, by what the login gives away."""
_UPGRADED: dict[tuple[TlsMode, bool], _Words] = {
    (TlsMode.OPPORTUNISTIC, False): (
        "encrypts if the server can, else in the clear",
        "TLS if offered, else clear",
        False,
    ),
    (TlsMode.OPPORTUNISTIC, True): (
        "logs in only inside TLS, else stops",
        "logs in only if TLS is there",
        False,
    ),
    (TlsMode.STARTTLS, False): (
        "encrypts before sending, stops if the server can't",
        "TLS by STARTTLS, or it stops",
        False,
    ),
    (TlsMode.STARTTLS, True): (
        "encrypts before logging in, stops if the server can't",
        "TLS, then login, or it stops",
        False,
    ),
}
"""STARTTLS, by whether somebody logs in."""


def _begins(port: int | None) -> TlsMode | None:
    """The mode that a port is for; None where there is no convention."""
    suggested = {tls_for_port(port, otherwise) for otherwise in (TlsMode.NONE, TlsMode.IMPLICIT)} if port else set()
    return suggested.pop() if len(suggested) == 1 else None


def _implicit(port: int | None, login: _Login) -> _Words:
    if _begins(port) not in (None, TlsMode.IMPLICIT):
        return (
            "the handshake will fail: the server begins in the clear here",
            f"fails: {port} begins in clear",
            True,
        )
    if login is _Login.NOBODY:
        return "encrypts from the first byte", "TLS from the first byte", False
    return "encrypts from the first byte, the login too", "TLS from the first byte", False


def _checked(connection: Connection, login: _Login, long: str, short: str, warns: bool) -> _Words:
    """The same with what is unusual about the check of the certificate, where there will be one."""
    settings = connection.tls
    if warns or connection.tls_mode is TlsMode.NONE:
        return long, short, warns
    if settings.fingerprint is not None:
        return f"{long}; pinned certificate", short, False
    if settings.verify or (connection.tls_mode is TlsMode.OPPORTUNISTIC and login is _Login.NOBODY):
        # Encryption to somebody is better than none (RFC 7435): the second of these is not checked anyway.
        return long, short, False
    return f"{long}; server unchecked", *(
        (short, False) if login is _Login.NOBODY else ("login, certificate unchecked", True)
    )


def _named(place: str, mode: TlsMode, long: str, short: str, warns: bool) -> Forecast:
    return Forecast(f"{place} {mode}: {long}", short, warns)


def _login(mechanism: str) -> _Login:
    if mechanism == "off":
        return _Login.NOBODY
    if mechanism == "EXTERNAL":
        return _Login.CERTIFICATE
    if mechanism.endswith("-PLUS"):
        return _Login.BOUND
    if mechanism.startswith("SCRAM") or mechanism == "CRAM-MD5":
        return _Login.PROOF
    return _Login.SECRET
