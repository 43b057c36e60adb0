"""What the screen promises before a session, for every combination."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from smtptui.explain.forecast import LONG, SHORT, Forecast, forecast_of
from smtptui.protocol import MECHANISM_NAMES, Connection, TlsMode, TlsSettings

PORTS = (25, 465, 587, 2465, 2525, 2587, 65535)
CHECKS = {
    "checked": TlsSettings(),
    "off": TlsSettings(verify=False),
    "pinned": TlsSettings(fingerprint="ab" * 32),
}
LOGINS = (None, "auto", "off", *MECHANISM_NAMES)
ALL = list(product(PORTS, TlsMode, CHECKS, LOGINS, (False, True)))


def _says(
    port: int, mode: TlsMode, check: str = "checked", login: str | None = None, *, consent: bool = False
) -> Forecast:
    settings = replace(CHECKS[check], mode=mode)
    connection = Connection("mail.example.org", port, settings, auth=login or "auto", allow_clear_auth=consent)
    return forecast_of(connection, logs_in=login is not None)


def test_every_combination_has_a_sentence_that_fits() -> None:
    for port, mode, check, login, consent in ALL:
        says = _says(port, mode, check, login, consent=consent)
        assert says.long.startswith(f"{port} {mode}: ")
        assert 10 < len(says.long) <= LONG, says.long
        assert 10 < len(says.short) <= SHORT, says.short


def test_what_cannot_work_warns_whatever_else_is_set() -> None:
    for port, mode, check, login, consent in ALL:
        says = _says(port, mode, check, login, consent=consent)
        waits_for_tls = port in (465, 2465)
        if waits_for_tls is not (mode is TlsMode.IMPLICIT) and (waits_for_tls or port != 65535):
            assert says.warns, says.long
            assert ("hang" in says.long) is waits_for_tls
            assert ("fail" in says.long) is not waits_for_tls


def test_a_login_others_can_read_or_catch_always_warns_and_a_safe_one_never() -> None:
    for port, mode, check, login, consent in ALL:
        if login in (None, "off") or port in (465, 2465) or mode is TlsMode.IMPLICIT:
            continue
        says = _says(port, mode, check, login, consent=consent)
        assert says.warns is (mode is TlsMode.NONE or check == "off"), says.long


@pytest.mark.parametrize(
    ("port", "mode", "login", "long"),
    [
        (587, TlsMode.STARTTLS, "auto", "587 starttls: encrypts before logging in, stops if the server can't"),
        (465, TlsMode.NONE, "auto", "465 none: you will hang: the server waits for TLS"),
        (465, TlsMode.IMPLICIT, None, "465 implicit: encrypts from the first byte"),
        (25, TlsMode.OPPORTUNISTIC, None, "25 opportunistic: encrypts if the server can, else in the clear"),
        (587, TlsMode.NONE, "EXTERNAL", "587 none: the login will fail: a certificate needs TLS"),
        (587, TlsMode.NONE, "off", "587 none: sends in the clear; anybody on the way can read it"),
    ],
)
def test_the_sentences_that_are_read_most(port: int, mode: TlsMode, login: str | None, long: str) -> None:
    assert _says(port, mode, login=login).long == long


def test_consent_is_asked_for_once_and_then_no_more() -> None:
    assert "asks first" in _says(587, TlsMode.NONE, login="PLAIN").long
    assert "asks" not in _says(587, TlsMode.NONE, login="PLAIN", consent=True).long


def test_what_is_unusual_about_the_certificate_is_told() -> None:
    assert "unchecked" in _says(587, TlsMode.STARTTLS, "off", "auto").long
    assert "unchecked" in _says(465, TlsMode.IMPLICIT, "off").long
    assert "pinned" in _says(587, TlsMode.STARTTLS, "pinned", "auto").long
    assert "certificate" not in _says(25, TlsMode.NONE, "off").long
    assert "certificate" not in _says(25, TlsMode.OPPORTUNISTIC, "off").long, "it is never checked there"


def test_a_socket_has_no_port_to_hang_on() -> None:
    says = forecast_of(Connection(socket_path=Path("/run/lmtp"), port=465), logs_in=False)
    assert says.long == "socket none: stays on this machine"
    assert not says.warns
    upgraded = Connection(socket_path=Path("/run/lmtp"), port=465, tls=TlsSettings(mode=TlsMode.STARTTLS))
    assert "stops if the server can't" in forecast_of(upgraded, logs_in=False).long
