"""A connection refuses what cannot work, and takes its TLS mode from the port unless told."""

from pathlib import Path

import pytest

from smtptui.protocol import Connection, Credentials, Secret, TlsMode, TlsSettings, tls_for_port

DIGEST = "AB" * 32


@pytest.mark.parametrize(
    ("port", "mode"),
    [
        (25, TlsMode.OPPORTUNISTIC),
        (465, TlsMode.IMPLICIT),
        (2465, TlsMode.IMPLICIT),
        (587, TlsMode.STARTTLS),
        (2525, TlsMode.STARTTLS),
        (2587, TlsMode.STARTTLS),
        (1025, TlsMode.OPPORTUNISTIC),
    ],
)
def test_the_port_suggests_the_mode(port: int, mode: TlsMode) -> None:
    assert Connection("mx.test", port).tls_mode is mode
    assert Connection("mx.test", port, TlsSettings(mode=TlsMode.NONE)).tls_mode is TlsMode.NONE


def test_other_ports_keep_what_is_set() -> None:
    assert tls_for_port(1025, TlsMode.IMPLICIT) is TlsMode.IMPLICIT
    assert tls_for_port(587, TlsMode.IMPLICIT) is TlsMode.STARTTLS


def test_a_unix_socket_suggests_no_tls() -> None:
    assert Connection(socket_path=Path("/run/lmtp"), port=465).tls_mode is TlsMode.NONE


@pytest.mark.parametrize(
    ("connection", "label"),
    [
        (Connection("mx.test"), "mx.test:25"),
        (Connection("2001:db8::1", 587), "[2001:db8::1]:587"),
        (Connection(), "MX:25"),
        (Connection(socket_path=Path("/run/lmtp")), "/run/lmtp"),
    ],
)
def test_label(connection: Connection, label: str) -> None:
    assert connection.label == label


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"port": 0}, "port 0"),
        ({"port": 65536}, "port 65536"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"host": "mx.test\r\nQUIT"}, "host"),
        ({"ehlo_name": "me\nMAIL"}, "EHLO name"),
        ({"ehlo_name": "two words"}, "EHLO name"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Connection(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [DIGEST, DIGEST.lower(), f"sha256:{DIGEST}", ":".join(["ab"] * 32), f" {DIGEST} "])
def test_a_fingerprint_in_the_forms_tools_print_it(given: str) -> None:
    assert TlsSettings(fingerprint=given).fingerprint == DIGEST.lower()


@pytest.mark.parametrize(
    "settings",
    [
        {"fingerprint": "ab"},
        {"fingerprint": "g" * 64},
        {"min_version": "1.4"},
        {"client_key": Path("key.pem")},
    ],
)
def test_tls_settings_that_cannot_work(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"fingerprint|version|certificate"):
        TlsSettings(**settings)  # type: ignore[arg-type]


def test_an_sni_name_has_no_spaces() -> None:
    with pytest.raises(ValueError, match="SNI name"):
        Connection("mx.test", tls=TlsSettings(sni="a b"))


def test_no_secret_in_a_repr() -> None:
    who = Credentials("alice", Secret("hunter2"), Secret("ya29.token"))
    assert "hunter2" not in repr(who)
    assert "ya29" not in f"{who} {who!r}"


@pytest.mark.parametrize("name", [".foo", "a..b", "x" * 64 + ".test"])
def test_a_name_that_no_handshake_can_carry_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="SNI name"):
        Connection("mx.example.org", 25, TlsSettings(sni=name))
