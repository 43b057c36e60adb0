"""Whatever a secret is, nothing that is said, shown or given to another program depends on it.

A password of one letter stands in every sentence. So what is compared is what two different secrets lead to.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smtptui.profiles import Keyring, Profile, SecretError, fetch
from smtptui.protocol import Credentials, Secret
from smtptui.session import SessionRun, login_test_request
from tests.profiles.secrets.profiles import patient, profile

OTHER = "∅ another ∅"
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SECRETS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t"), min_size=1, max_size=40)
ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
WORDS = (
    "a",
    "250",
    "EHLO",
    "AUTH",
    "PLAIN",
    "password",
    "office",
    "keyring",
    "exit",
    "command",
    "profile",
    "{0}",
    "%s",
)
"""Secrets that are words of the protocol or of the sentences themselves."""


def words(test: Callable[..., Any]) -> Callable[..., Any]:
    for word in WORDS:
        test = example(secret=word)(test)
    return test


async def said(
    chosen: Profile, environ: dict[str, str], keyring: Keyring | None = None, typed: str | None = None
) -> str:
    """All that a fetch shows of itself, whether it succeeds or fails."""

    async def ask(question: str) -> str | None:
        asked.append(question)
        return typed

    asked: list[str] = []
    try:
        found = await fetch(
            chosen, keyring=keyring or Keyring(ENVIRON), environ=environ, ask=ask if typed is not None else None
        )
    except SecretError as error:
        return "\n".join([*asked, *chained(error)])
    run = SessionRun(login_test_request(chosen.connection(), found))
    return "\n".join([*asked, repr(found), str(found), repr(run.request), f"{found!r}"])


def chained(error: BaseException | None) -> list[str]:
    """An error and what lies behind it, as a report of a crash would have it."""
    return [] if error is None else [repr(error), str(error), *chained(error.__cause__), *chained(error.__context__)]


@words
@FEW
@given(secret=SECRETS)
async def test_of_a_variable(secret: str) -> None:
    chosen = profile(password_env="OFFICE_PW")
    assert await said(chosen, {"OFFICE_PW": secret}) == await said(chosen, {"OFFICE_PW": OTHER})


@words
@FEW
@given(secret=SECRETS)
async def test_of_typing(secret: str) -> None:
    chosen = profile(secret="ask")
    assert await said(chosen, {}, typed=secret) == await said(chosen, {}, typed=OTHER)


@words
@FEW
@given(secret=SECRETS)
async def test_of_a_command(secret: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "first-line"
    for then in ("", "; exit 1", "; cat {} >&2; exit 1", "; exit 127", "; kill -9 $$", "; head -c 99999 /dev/zero"):
        chosen = profile(password_command=f"cat {path}{then.format(path)}")
        heard = []
        for value in (secret, OTHER):
            path.write_text(f"{value}\nsecond line\n", encoding="utf-8")
            heard.append(await said(chosen, ENVIRON))
        assert heard[0] == heard[1]


@words
@FEW
@given(secret=SECRETS)
async def test_of_a_command_in_whose_place_it_stands(secret: str) -> None:
    """Where a user takes ``password_command`` for the password: nothing repeats it."""
    heard = await said(profile(password_command=f"'{secret.replace(chr(39), '')}-no-such-program'"), ENVIRON)
    assert heard == await said(profile(password_command="'other-no-such-program'"), ENVIRON)


SPY = """
import keyring.backend, pathlib, sys
HERE = pathlib.Path(__file__).parent
class Spy(keyring.backend.KeyringBackend):
    priority = 1
    def get_password(self, service, user):
        kept = HERE / "kept"
        return kept.read_text(encoding="utf-8") if kept.exists() else None
    def set_password(self, service, user, password):
        own = pathlib.Path("/proc/self")
        (HERE / "given").write_bytes((own / "cmdline").read_bytes() + (own / "environ").read_bytes())
        print(password, file=sys.stdout, flush=True)
        print(password, file=sys.stderr, flush=True)
        if (HERE / "fails").exists():
            raise ValueError(password)
        (HERE / "kept").write_text(password, encoding="utf-8")
    def delete_password(self, service, user):
        raise RuntimeError(self.get_password(service, user))
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at /proc")
@pytest.mark.parametrize("secret", ["a", "password", "ключ 🔑", '"with\ttab"', pytest.param("x" * 16000, id="long")])
async def test_of_the_keyring(secret: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "spy.py").write_text(SPY)
    heard: list[list[str]] = []
    for value in (secret, OTHER):
        environ = {
            **ENVIRON,
            "PYTHONPATH": str(tmp_path),
            "PYTHON_KEYRING_BACKEND": "spy.Spy",
            "SMTPTUI_PASSWORD": value,
        }
        keyring = patient(environ)
        one: list[str] = []
        for fails in (False, True):
            (tmp_path / "kept").unlink(missing_ok=True)
            (tmp_path / "fails").touch() if fails else (tmp_path / "fails").unlink(missing_ok=True)
            for call in (keyring.set(profile(), Secret(value)), keyring.get(profile()), keyring.forget(profile())):
                try:
                    one.append(repr(await call))
                except SecretError as error:
                    one += chained(error)
            one.append(await said(profile(), environ, keyring))
        # Its process was given the secret by standard input alone.
        one.append((tmp_path / "given").read_bytes().decode())
        heard.append(one)
    assert heard[0] == heard[1]
    assert "".join(capfd.readouterr()) == ""


async def test_a_command_is_given_no_other_secret(tmp_path: Path) -> None:
    environ = {**ENVIRON, "SMTPTUI_PASSWORD": "first-secret", "SMTPTUI_TOKEN": "second-secret"}
    chosen = profile(password_command=f"cat /proc/$$/environ /proc/$$/cmdline > {tmp_path}/given; echo pw")
    assert await fetch(chosen, keyring=Keyring(environ), environ=environ, ask=None) == Credentials(
        chosen.user, password=Secret("pw")
    )
    given_ = (tmp_path / "given").read_text()
    assert "PATH=" in given_
    assert "first-secret" not in given_
    assert "second-secret" not in given_


def test_a_report_of_a_crash_has_no_secret() -> None:
    """What goes wrong in a function that holds a secret is told without it."""
    secret = Secret("hunter2")
    with pytest.raises(TypeError) as caught:
        len(secret)  # type: ignore[arg-type]
    assert "hunter2" not in "".join(chained(caught.value))
    with pytest.raises(TypeError):
        __import__("pickle").dumps(Credentials("ann", password=secret))
