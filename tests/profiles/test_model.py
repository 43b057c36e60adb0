"""A profile says what is wrong with it, all at once, and becomes a connection."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from smtptui.profiles import Profile, SecretOrigin
from smtptui.protocol import TlsMode


def profile(**fields: object) -> Profile:
    """A profile from fields as a file has them: text."""
    return Profile.model_validate({"name": "office", "host": "mail.example.org", **fields})


def test_it_becomes_a_connection() -> None:
    connection = profile(port="587", tls="starttls", ca_file="ca.pem", verify="yes").connection(Path("/etc/smtptui"))
    assert (connection.label, connection.tls_mode) == ("mail.example.org:587", TlsMode.STARTTLS)
    assert connection.tls.ca_file == Path("/etc/smtptui/ca.pem")


@pytest.mark.parametrize(("tls", "port"), [("", 25), ("implicit", 465), ("starttls", 587), ("none", 25)])
def test_the_port_follows_the_tls_mode(tls: str, port: int) -> None:
    assert profile(tls=tls or None).connection().port == port


def test_all_faults_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        profile(port="66000", tls="ssl", auth="NTLM", limits={"per_day": "many"}, colour="red")
    assert {error["loc"][0] for error in caught.value.errors()} == {"port", "tls", "auth", "limits", "colour"}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"host": ""}, "host"),
        ({"socket": "/run/lmtp"}, "socket"),
        ({"verify": "no", "fingerprint": "00" * 32}, "fingerprint"),
        ({"user": "ann", "secret": "ask", "password_env": "PW"}, "password_env"),
        ({"auth": "plain"}, "user"),
        ({"secret": "token_env"}, "keyring"),
        ({"client_key": "key.pem"}, "certificate"),
        ({"password_env": "$PW"}, "environment variable"),
        ({"from": "nobody"}, "mailbox"),
    ],
)
def test_what_does_not_go_together(fields: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        profile(**fields)


@pytest.mark.parametrize(
    ("fields", "origin"),
    [
        ({}, SecretOrigin.NONE),
        ({"user": "ann"}, SecretOrigin.KEYRING),
        ({"user": "ann", "secret": "ask"}, SecretOrigin.ASK),
        ({"user": "ann", "token_command": "get-token"}, SecretOrigin.TOKEN_COMMAND),
        ({"user": "ann", "auth": "off"}, SecretOrigin.NONE),
    ],
)
def test_where_the_secret_comes_from(fields: dict[str, object], origin: SecretOrigin) -> None:
    assert profile(**fields).secret_origin is origin


def test_a_user_and_a_sender_are_freed_at_their_ends_and_looked_at_within() -> None:
    made = profile(user="\u200bann@example.org\u00a0", **{"from": " Ann <ann@example.org>\ufeff"})
    assert (made.user, made.from_address) == ("ann@example.org", "Ann <ann@example.org>")
    for field in ("user", "from"):
        with pytest.raises(ValidationError, match=r"character 4 is a zero-width space \(U\+200B\); delete it"):
            profile(**{field: "ann\u200b@example.org"})
