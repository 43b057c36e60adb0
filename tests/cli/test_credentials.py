"""Secrets come from the environment or from the user's typing."""

from pathlib import Path

import pytest

from smtptui.cli.connection_options import ConnectionChoice
from smtptui.cli.credentials import read_credentials
from smtptui.cli.errors import CommandError
from smtptui.profiles import LoginPlan
from smtptui.protocol import Connection, Credentials, Secret, TlsSettings


def choice(auth: str, user: str | None = "ann", certificate: Path | None = None) -> LoginPlan:
    connection = Connection(host="mx", auth=auth, tls=TlsSettings(client_cert=certificate))
    return ConnectionChoice(connection, user).login


def never(prompt: str) -> str:
    raise AssertionError(f"asked {prompt!r}")


def test_nobody_logs_in_when_auth_is_off() -> None:
    assert read_credentials(choice("off"), {"SMTPTUI_PASSWORD": "x"}, never) is None


def test_external_needs_no_secret() -> None:
    assert read_credentials(choice("EXTERNAL", None), {}, never) == Credentials()


def test_external_acts_as_the_user() -> None:
    found = read_credentials(choice("EXTERNAL"), {"SMTPTUI_PASSWORD": "x"}, never)
    assert found == Credentials("ann", authorization_id="ann")


def test_auto_with_a_certificate_alone_has_no_secret() -> None:
    # A password without a user is nobody's.
    assert read_credentials(choice("auto", None), {"SMTPTUI_PASSWORD": "x"}, never) is None
    alone = choice("auto", None, Path("me.pem"))
    assert read_credentials(alone, {"SMTPTUI_PASSWORD": "x"}, never) == Credentials()


def test_the_environment_has_the_password_and_the_token() -> None:
    environ = {"SMTPTUI_PASSWORD": "pw", "SMTPTUI_TOKEN": "tok"}
    assert read_credentials(choice("auto"), environ, never) == Credentials("ann", Secret("pw"), Secret("tok"))
    assert read_credentials(choice("auto"), {"SMTPTUI_TOKEN": "tok"}, never) == Credentials("ann", None, Secret("tok"))


def test_what_the_mechanism_needs_is_asked_for() -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "typed"

    assert read_credentials(choice("PLAIN"), {"SMTPTUI_TOKEN": "t"}, ask) == Credentials(
        "ann", Secret("typed"), Secret("t")
    )
    assert read_credentials(choice("XOAUTH2"), {"SMTPTUI_PASSWORD": "p"}, ask) == Credentials(
        "ann", Secret("p"), Secret("typed")
    )
    assert asked == ["Password of ann", "Bearer token of ann"]


@pytest.mark.parametrize(("auth", "variable"), [("auto", "SMTPTUI_PASSWORD"), ("OAUTHBEARER", "SMTPTUI_TOKEN")])
def test_without_a_terminal_the_sentence_names_the_variable(auth: str, variable: str) -> None:
    with pytest.raises(CommandError, match=f"for ann: set {variable}") as caught:
        read_credentials(choice(auth), {variable: ""}, None)
    assert caught.value.code == 64


def test_an_empty_answer_is_no_secret() -> None:
    with pytest.raises(CommandError, match="There is no password for ann"):
        read_credentials(choice("auto"), {}, lambda _: "")
