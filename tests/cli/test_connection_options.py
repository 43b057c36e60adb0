"""Connection options, from the command line and from the environment, become a Connection."""

from pathlib import Path
from typing import Any

import click
import pytest

from smtptui.cli.connection_options import ConnectionChoice, connection_options, read_connection
from smtptui.cli.errors import CommandError
from smtptui.profiles import LoginKind
from smtptui.protocol import Connection, Family, TlsMode


def read(*arguments: str) -> ConnectionChoice:
    found: list[ConnectionChoice] = []

    @click.command()
    @connection_options
    @click.pass_context
    def command(ctx: click.Context, /, **_: Any) -> None:
        found.append(read_connection(ctx))

    command.main(list(arguments), standalone_mode=False)
    return found[0]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVER", "SOCKET", "FAMILY", "USER", "AUTH", "TLS", "TLS_MIN", "NO_VERIFY"):
        monkeypatch.delenv(f"SMTPTUI_{name}", raising=False)


def test_without_options_the_mx_is_used_and_nobody_logs_in() -> None:
    choice = read()
    assert choice.connection == Connection(host="", port=25, auth="off")
    assert choice.user is None


def test_every_option_arrives(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("ca", "cert", "key")}
    for file in files.values():
        file.touch()
    connection = read(
        *("--server", "[::1]:2525", "--tls", "starttls", "--auth", "plain", "--user", "ann"),
        *("--ca-file", str(files["ca"]), "--client-cert", str(files["cert"]), "--client-key", str(files["key"])),
        *("--sni", "mx.example.org", "--tls-min", "1.3", "--ehlo", "me.example.org", "-6", "--source", "::1"),
        *("--allow-clear-auth", "--timeout", "2.5", "--resolver", "127.0.0.1:5353"),
    ).connection
    assert (connection.host, connection.port) == ("::1", 2525)
    assert connection.tls.mode is TlsMode.STARTTLS
    assert connection.auth == "PLAIN"
    assert (connection.tls.ca_file, connection.tls.client_cert, connection.tls.client_key) == tuple(files.values())
    assert (connection.tls.sni, connection.tls.min_version) == ("mx.example.org", "1.3")
    assert connection.tls.verify
    assert (connection.ehlo_name, connection.family, connection.source) == ("me.example.org", Family.IPV6, "::1")
    assert (connection.allow_clear_auth, connection.timeout) == (True, 2.5)
    assert connection.resolver == "127.0.0.1:5353"


def test_fingerprint_no_verify_socket_and_lmtp() -> None:
    assert read("--fingerprint", "AB:" * 31 + "AB").connection.tls.fingerprint == "ab" * 32
    assert not read("--no-verify").connection.tls.verify
    connection = read("--socket", "/run/lmtp", "--lmtp").connection
    assert (connection.socket_path, connection.lmtp) == (Path("/run/lmtp"), True)


@pytest.mark.parametrize(("mode", "port"), [("implicit", 465), ("starttls", 587), ("none", 25), ("opportunistic", 25)])
def test_port_follows_the_tls_mode_unless_given(mode: str, port: int) -> None:
    assert read("--server", "mx", "--tls", mode).connection.port == port
    assert read("--server", "mx:26", "--tls", mode).connection.port == 26


@pytest.mark.parametrize("port", [465, 587, 25])
def test_tls_mode_is_left_to_the_port(port: int) -> None:
    assert read("--server", f"mx:{port}").connection.tls.mode is None


def test_without_a_user_there_is_no_login() -> None:
    assert read("--server", "mx").connection.auth == "off"
    assert read("--server", "mx", "--user", "ann").connection.auth == "auto"
    assert read("--server", "mx", "--user", "ann", "--auth", "OFF").connection.auth == "off"
    assert read("--server", "mx", "--auth", "external").connection.auth == "EXTERNAL"


def test_the_environment_sets_what_is_not_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPTUI_SERVER", "mx.example.org:26")
    monkeypatch.setenv("SMTPTUI_TLS_MIN", "1.3")
    monkeypatch.setenv("SMTPTUI_FAMILY", "6")
    monkeypatch.setenv("SMTPTUI_NO_VERIFY", "1")
    connection = read().connection
    assert (connection.host, connection.port, connection.tls.min_version) == ("mx.example.org", 26, "1.3")
    assert connection.family is Family.IPV6
    assert not connection.tls.verify
    assert read("--server", "other", "-4").connection.label == "other:25"
    assert read("-4").connection.family is Family.IPV4


def test_a_typed_socket_goes_before_a_server_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPTUI_SERVER", "mx.example.org:26")
    connection = read("--socket", "/run/smtp").connection
    assert (connection.host, connection.socket_path) == ("", Path("/run/smtp"))
    monkeypatch.setenv("SMTPTUI_SOCKET", "/run/other")
    assert read("--server", "mx:27").connection.label == "mx:27"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--server", "mx", "--socket", "/run/smtp"], "--server and --socket: give one of them."),
        (["--no-verify", "--fingerprint", "ab" * 32], "give one of them"),
        (["--fingerprint", "abc"], "64 hexadecimal digits"),
        (["--timeout", "0"], "above 0"),
        (["--timeout", "nan"], "above 0"),
        (["--ehlo", "my host"], "EHLO name 'my host'"),
        (["--lmtp", "--server", "mx"], "--lmtp needs"),
        (["--auth", "plain"], "--auth plain needs --user"),
        (["--source", "eth0"], "--source 'eth0': 'eth0' is not an IP address."),
        (["--server", "mx:smtp"], "--server 'mx:smtp': 'smtp' is no port; use 1 to 65535."),
        (["--server", ":25"], "--server ':25': there is no host; write HOST or HOST:PORT."),
        (["--server", "[not-an-ip]:25"], "--server '[not-an-ip]:25': 'not-an-ip' is not an IP address."),
        (["--resolver", "::1:x"], "--resolver '::1:x': '::1:x' is not an IPv6 address, or HOST:PORT."),
        (["--resolver", "dns.example"], "--resolver 'dns.example'"),
    ],
)
def test_contradictions_are_usage_errors(arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(*arguments)
    assert why in caught.value.message
    assert caught.value.code == 64


def test_a_certificate_alone_logs_in_if_the_server_offers_that(tmp_path: Path) -> None:
    (tmp_path / "cert").touch()
    certificate = ("--client-cert", str(tmp_path / "cert"))
    for auth in ((), ("--auth", "auto")):
        choice = read(*certificate, *auth)
        assert choice.connection.auth == "auto"
        assert choice.login.kind is LoginKind.CERTIFICATE_IF_OFFERED
    assert read(*certificate, "--auth", "off").connection.auth == "off"
    assert read("--auth", "auto").connection.auth == "off"
    # It is shown in a TLS handshake and nowhere else.
    assert read(*certificate, "--tls", "none").connection.auth == "off"
    assert read(*certificate, "--auth", "external").login.kind is LoginKind.CERTIFICATE


def test_a_key_needs_its_certificate(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    with pytest.raises(CommandError, match="needs its certificate"):
        read("--client-key", str(tmp_path / "key"))


@pytest.mark.parametrize("option", ["--ca-file", "--client-cert", "--client-key"])
def test_a_missing_file_is_missing_input(option: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=f"{option}: .*nowhere cannot be read: No such file") as caught:
        read(option, str(tmp_path / "nowhere"))
    assert caught.value.code == 66
    with pytest.raises(CommandError, match="Is a directory") as caught:
        read(option, str(tmp_path))
    assert caught.value.code == 66


def test_a_user_with_a_character_that_nobody_sees_is_refused_by_name() -> None:
    assert read("--server", "h", "--user", "\ufeffann@example.org\u00a0").user == "ann@example.org"
    with pytest.raises(CommandError, match=r"--user: .*character 4 is a zero-width space \(U\+200B\)") as caught:
        read("--server", "h", "--user", "ann\u200b@example.org")
    assert caught.value.code == 65
