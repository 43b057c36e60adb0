"""``send -p PROFILE``: what options and environment say goes before the profile, and its secret is its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from smtptui.cli.connection_options import ConnectionChoice, connection_options, read_connection
from smtptui.cli.errors import CommandError
from smtptui.profiles import LoginKind
from smtptui.protocol import Family, TlsMode
from tests.cli.profiles.keeping import kept
from tests.cli.running import smtptui_beside
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle

MakeOracle = Callable[..., Oracle]
OFFICE = """\
profiles:
  office:
    host: mail.example.org
    port: 2525
    tls: starttls
    user: ann@example.org
    auth: plain
    password_env: OFFICE_PW
    from: Ann <ann@example.org>
    ca_file: certs/ca.pem
    family: 4
    timeout: 7
  bare: {host: mx.example.org, verify: no, client_cert: cert.pem}
  broken: {host: a, port: 0}
"""


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
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PROFILE", "SERVER", "SOCKET", "FAMILY", "USER", "AUTH", "TLS", "TIMEOUT", "NO_VERIFY"):
        monkeypatch.delenv(f"SMTPTUI_{name}", raising=False)
    monkeypatch.setenv("SMTPTUI_PROFILES", kept(tmp_path, OFFICE)["SMTPTUI_PROFILES"])
    return tmp_path


def test_a_profile_is_a_connection(directory: Path) -> None:
    choice = read("-p", "office")
    connection = choice.connection
    assert (connection.label, connection.tls.mode, connection.auth) == (
        "mail.example.org:2525",
        TlsMode.STARTTLS,
        "PLAIN",
    )
    assert (connection.family, connection.timeout, choice.user) == (Family.IPV4, 7, "ann@example.org")
    # Paths in the file start where the file is.
    assert connection.tls.ca_file == directory / "certs" / "ca.pem"
    assert choice.profile is not None
    assert (choice.profile.name, choice.profile.from_address) == ("office", "Ann <ann@example.org>")


def test_without_a_user_only_a_certificate_logs_in() -> None:
    choice = read("--profile", "bare")
    assert (choice.connection.auth, choice.user, choice.connection.tls.verify) == ("auto", None, False)
    assert choice.login.kind is LoginKind.CERTIFICATE_IF_OFFERED
    assert read("-p", "bare", "--tls", "none").connection.auth == "off"
    assert read("-p", "bare", "--auth", "external").connection.auth == "EXTERNAL"


def test_option_then_environment_then_profile(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    (directory / "own.pem").touch()
    monkeypatch.setenv("SMTPTUI_TIMEOUT", "8")
    monkeypatch.setenv("SMTPTUI_TLS", "none")
    monkeypatch.setenv("SMTPTUI_FAMILY", "6")
    monkeypatch.chdir(directory)
    choice = read("-p", "office", "--tls", "implicit", "--user", "bob", "--ca-file", "own.pem")
    connection = choice.connection
    assert (connection.tls.mode, connection.timeout, connection.family) == (TlsMode.IMPLICIT, 8, Family.IPV6)
    assert (choice.user, connection.tls.ca_file) == ("bob", directory / "own.pem")
    assert choice.profile is not None
    assert (choice.profile.user, choice.profile.password_env) == ("bob", "OFFICE_PW")
    assert read("-p", "bare", "--fingerprint", "ab" * 32).connection.tls.verify
    assert read("-p", "bare", "--user", "").user is None
    monkeypatch.setenv("SMTPTUI_NO_VERIFY", "0")
    assert read("-p", "bare").connection.tls.verify
    assert not read("-p", "bare", "--no-verify").connection.tls.verify


def test_a_profile_of_the_environment_gives_way_to_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPTUI_PROFILE", "office")
    assert read().connection.label == "mail.example.org:2525"
    assert read("-p", "bare").connection.label == "mx.example.org:25"
    choice = read("--server", "other:26")
    assert (choice.connection.label, choice.user, choice.profile) == ("other:26", None, None)
    assert read("--socket", "/run/smtp").connection.socket_path == Path("/run/smtp")


def test_a_typed_profile_goes_before_a_server_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPTUI_SERVER", "other:26")
    assert read("-p", "office").connection.label == "mail.example.org:2525"
    monkeypatch.setenv("SMTPTUI_PROFILE", "office")
    with pytest.raises(CommandError, match="--profile and --server: give one of them"):
        read()


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["-p", "office", "--server", "mx"], 64, "--profile and --server: give one of them; a profile has its server."),
        (["-p", "office", "--socket", "/x"], 64, "--profile and --socket: give one of them"),
        (["-p", ""], 64, "--profile is empty"),
        (["-p", "ofice"], 64, "There is no profile 'ofice'. Did you mean office?"),
        (["-p", "broken"], 78, "line 14: broken: port: 0 is not allowed"),
        (["-p", "office", "--auth", "NTLM"], 64, "Profile office with these options: auth: NTLM is not allowed"),
        (["-p", "office", "--timeout", "0"], 64, "timeout: 0.0 is not allowed; allowed: a number above 0"),
        (["-p", "office", "--ca-file", "/nowhere"], 66, "--ca-file: /nowhere cannot be read"),
    ],
)
def test_what_does_not_go_together(arguments: list[str], code: int, why: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(*arguments)
    assert why in caught.value.message
    assert caught.value.code == code


def test_without_a_file_there_is_no_profile(directory: Path) -> None:
    (directory / "profiles.yaml").unlink()
    with pytest.raises(CommandError, match="so there is no profile 'office'") as caught:
        read("-p", "office")
    assert caught.value.code == 66


async def test_a_message_goes_as_the_profile_says(
    oracle: MakeOracle, certificates: Certificates, tmp_path: Path
) -> None:
    async with oracle(tls="starttls", auth_in_clear=False, auth_required=True) as server:
        env = kept(
            tmp_path,
            f"profiles:\n  office: {{host: 127.0.0.1, port: {server.port}, tls: starttls, user: alice,"
            f" ca_file: '{certificates.ca_file}', password_env: OFFICE_PW, from: 'Ann <ann@example.org>'}}\n",
        )
        # The password for sending without a profile is not for this server.
        env |= {"OFFICE_PW": "wonder land", "SMTPTUI_PASSWORD": "of another server"}
        done = await smtptui_beside("send", "-p", "office", "--to", "bob@good.test", env=env)
        assert (done.code, done.err) == (0, "")
        assert "of another server" not in done.out
        document = (
            await smtptui_beside(
                *("send", "--to", "bob@good.test", "--from", "carol@example.org", "--json"),
                env={**env, "SMTPTUI_PROFILE": "office"},
            )
        ).document
    assert [message.sender for message in server.messages] == ["ann@example.org", "carol@example.org"]
    assert b"From: Ann <ann@example.org>\r\n" in server.messages[0].data
    assert (document["ok"], document["server"]["port"], document["tls"]["verification"][:8]) == (
        True,
        server.port,
        "verified",
    )
    assert server.violations == []


async def test_a_secret_that_is_not_there_is_told(oracle: MakeOracle, tmp_path: Path) -> None:
    env = kept(tmp_path, "profiles:\n  office: {host: 127.0.0.1, port: 1, user: alice, password_env: OFFICE_PW}\n")
    done = await smtptui_beside("send", "-p", "office", "--from", "a@example.org", "--to", "bob@good.test", env=env)
    assert (done.code, done.out) == (77, "")
    assert "The environment variable OFFICE_PW" in done.err
