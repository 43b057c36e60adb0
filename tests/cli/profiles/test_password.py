"""``profiles password`` keeps, replaces and forgets a secret, which is typed or piped and never an argument."""

import os
from pathlib import Path

import pytest

from tests.cli.profiles.keeping import kept
from tests.cli.running import Ended, smtptui
from tests.cli.typing_user import Session, smtptui_in_terminal
from tests.servers.secret_service import SecretService

PROFILES = """
profiles:
  office:
    host: mail.example.org
    port: 587
    user: ann@example.org
  token:
    host: mail.example.org
    port: 587
    user: bob@example.org
    auth: XOAUTH2
  asks: {host: h.test, user: ann, secret: ask}
  command: {host: h.test, user: ann, password_command: pass show office}
  variable: {host: h.test, user: ann, token_env: OFFICE_TOKEN}
  nobody: {host: h.test}
  broken: {host: h.test, port: 70000}
"""
LABEL = "Password for 'ann@example.org' on 'smtptui smtp://mail.example.org:587'"
PROMPT = "Password of ann@example.org at mail.example.org:587: "
SECRET = "hünter 2"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Profiles, and no keyring."""
    return kept(tmp_path, PROFILES)


@pytest.fixture
def keyring_env(env: dict[str, str], secret_service: SecretService) -> dict[str, str]:
    """Profiles, and the keyring."""
    return {**env, **secret_service.environ}


def password(*arguments: str, env: dict[str, str], stdin: str = f"{SECRET}\nurl: x\n") -> Ended:
    done = smtptui("profiles", "password", *arguments, env=env, stdin=stdin.encode())
    assert SECRET not in done.out + done.err
    return done


def typed(*answers: tuple[str, str], name: str = "office", env: dict[str, str]) -> Session:
    return smtptui_in_terminal("profiles", "password", name, answers=answers, env=env)


def test_typed_twice_it_is_kept_and_not_shown(secret_service: SecretService, keyring_env: dict[str, str]) -> None:
    done = typed((PROMPT, f"{SECRET}\n"), ("The same again: ", f"{SECRET}\n"), env=keyring_env)
    assert done.code == 0
    assert "The password is kept in the keyring, as “smtptui smtp://mail.example.org:587” of ann@ex" in done.screen
    assert SECRET not in done.screen
    assert secret_service.entries() == {LABEL: SECRET}


def test_piped_replaced_forgotten(secret_service: SecretService, keyring_env: dict[str, str]) -> None:
    assert password("office", env=keyring_env, stdin="first\r\n").out.startswith("The password is kept in the keyring")
    assert secret_service.entries() == {LABEL: "first"}
    done = password("office", "--json", env=keyring_env)
    assert done.document == {
        "ok": True,
        "exit": 0,
        "profile": "office",
        "done": "replaced",
        "keyring": {"service": "smtptui smtp://mail.example.org:587", "user": "ann@example.org"},
    }
    assert secret_service.entries() == {LABEL: SECRET}
    assert password("office", "--forget", env=keyring_env).out.startswith("The password is forgotten")
    assert secret_service.entries() == {}
    assert password("office", "--forget", env=keyring_env).out.startswith("There was no password to forget")


def test_a_token_is_pasted_once(secret_service: SecretService, keyring_env: dict[str, str]) -> None:
    prompt = "Access token of bob@example.org at mail.example.org:587: "
    done = typed((prompt, "ya29.token\n"), name="token", env=keyring_env)
    assert (done.code, "The access token is kept" in done.screen) == (0, True)
    assert list(secret_service.entries().values()) == ["ya29.token"]


def test_two_different_ones_are_not_kept(keyring_env: dict[str, str]) -> None:
    done = typed((PROMPT, f"{SECRET}\n"), ("The same again: ", "other\n"), env=keyring_env)
    assert done.code == 64
    assert "The second password was not the same as the first; nothing was changed." in done.screen
    assert SECRET not in done.screen


@pytest.mark.parametrize("keys", ["\n", "\x04"])
def test_nothing_typed_is_a_cancel(keyring_env: dict[str, str], keys: str) -> None:
    done = typed((PROMPT, keys), env=keyring_env)
    assert (done.code, "No password was typed; nothing was changed." in done.screen) == (75, True)


def test_an_interrupt_ends_it(keyring_env: dict[str, str]) -> None:
    done = typed((PROMPT, "\x03"), env=keyring_env)
    assert (done.code, "Interrupted" in done.screen) == (75, True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("asks", ("asks for its password each time", "secret: keyring")),
        ("command", ("from its password_command", "not kept here")),
        ("variable", ("access token", "environment variable OFFICE_TOKEN", "not kept here")),
        ("nobody", ("logs nobody in", "user")),
        ("broken", ("broken: port:", "65535")),
    ],
)
def test_where_nothing_is_kept_it_says_so(env: dict[str, str], name: str, words: tuple[str, ...]) -> None:
    done = password(name, env=env)
    assert (done.code, done.out) == (78, "")
    for word in words:
        assert word in done.err


def test_an_unknown_name_is_usage(env: dict[str, str]) -> None:
    done = password("offce", env=env)
    assert done.code == 64
    assert "There is no profile 'offce'. Did you mean office?" in done.err


def test_what_is_no_password(keyring_env: dict[str, str]) -> None:
    assert password("office", env=keyring_env, stdin="\nsecond line").code == 64
    done = smtptui("profiles", "password", "office", env=keyring_env, stdin=b"h\xfcnter\n")
    assert (done.code, "not UTF-8" in done.err, "nter" in done.err.partition("UTF")[0]) == (65, True, False)


def test_without_a_keyring_it_says_what_to_do(env: dict[str, str]) -> None:
    done = password("office", env=env)
    assert (done.code, done.out) == (77, "")
    assert done.err.startswith("smtptui: There is no keyring here")
    assert "password_command" in done.err
    # Nobody types for nothing.
    assert "Password of" not in typed(env=env).screen
    document = password("office", "--json", env=env).document
    assert (document["exit"], document["error"]["kind"]) == (77, "secret")


@pytest.mark.parametrize("argument", [SECRET, f"--{SECRET}", "-x2 secret", f"--password={SECRET}"])
def test_as_an_argument_it_is_neither_taken_nor_repeated(env: dict[str, str], argument: str) -> None:
    done = password("office", argument, env=env)
    assert done.code == 64
    assert "never an argument" in done.err
    assert "x2" not in done.err


def test_the_file_of_profiles_is_not_touched(secret_service: SecretService, keyring_env: dict[str, str]) -> None:
    path = Path(keyring_env["SMTPTUI_PROFILES"])
    before = (path.read_bytes(), os.stat(path).st_mtime_ns)
    assert password("office", env=keyring_env).code == 0
    assert (path.read_bytes(), os.stat(path).st_mtime_ns) == before
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in path.parent.rglob("*") if file.is_file())
