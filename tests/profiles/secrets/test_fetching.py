"""Each origin gives credentials, or a sentence that says what to do; who could be asked is asked."""

import os
import subprocess
import sys

import pytest

from smtptui.profiles import AskingCancelled, Keyring, SecretError, fetch, origin_words, secret_word
from smtptui.protocol import Credentials, Secret
from tests.profiles.secrets.profiles import patient, profile
from tests.servers.secret_service import SecretService

NO_KEYRING = Keyring({"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})


class User:
    """Answers questions, and remembers them."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, question: str) -> str | None:
        self.asked.append(question)
        return self.answer


async def credentials(
    *, keyring: Keyring = NO_KEYRING, ask: User | None = None, environ: dict[str, str] | None = None, **fields: object
) -> Credentials | None:
    return await fetch(profile(**fields), keyring=keyring, environ=environ or {}, ask=ask)


async def fault(**given: object) -> str:
    with pytest.raises(SecretError) as caught:
        await credentials(**given)  # type: ignore[arg-type]
    return str(caught.value)


async def test_nobody_logs_in_without_a_user_or_with_auth_off() -> None:
    assert await credentials(user="") is None
    assert await credentials(auth="off", secret="ask") is None


async def test_external_needs_no_secret() -> None:
    assert await credentials(auth="external", user="") == Credentials()
    assert await credentials(auth="EXTERNAL") == Credentials("ann@example.org", authorization_id="ann@example.org")


async def test_a_client_certificate_alone_needs_no_secret() -> None:
    assert await credentials(user="", client_cert="me.pem") == Credentials()
    # It is shown in a TLS handshake and nowhere else.
    assert await credentials(user="", client_cert="me.pem", tls="none") is None


async def test_a_variable_holds_the_password_or_the_token() -> None:
    assert await credentials(password_env="OFFICE_PW", environ={"OFFICE_PW": "pw"}) == Credentials(
        "ann@example.org", password=Secret("pw")
    )
    assert await credentials(token_env="OFFICE_TOKEN", environ={"OFFICE_TOKEN": "t"}) == Credentials(
        "ann@example.org", token=Secret("t")
    )


@pytest.mark.parametrize(("environ", "word"), [({}, "is not set"), ({"OFFICE_PW": ""}, "is empty")])
async def test_a_variable_that_is_missing_is_named(environ: dict[str, str], word: str) -> None:
    said = await fault(password_env="OFFICE_PW", environ={**environ, "SMTPTUI_PASSWORD": "of somebody else"})
    assert "OFFICE_PW" in said
    assert word in said
    assert "of somebody else" not in said


async def test_who_is_there_is_asked() -> None:
    user = User("typed ")
    assert await credentials(secret="ask", ask=user) == Credentials("ann@example.org", password=Secret("typed "))
    assert user.asked == ["Password of ann@example.org at mail.example.org:587"]
    assert await credentials(secret="ask", auth="XOAUTH2", ask=user) == Credentials(
        "ann@example.org", token=Secret("typed ")
    )
    assert user.asked[1] == "Access token of ann@example.org at mail.example.org:587"


async def test_a_question_cannot_act_on_the_terminal() -> None:
    user = User("x")
    with pytest.raises(ValueError, match=r"character 4 is"):
        await credentials(secret="ask", user="ann\x1b[2J", ask=user)
    assert user.asked == []


@pytest.mark.parametrize("answer", [None, ""])
async def test_no_answer_is_a_cancel(answer: str | None) -> None:
    with pytest.raises(AskingCancelled, match="No password was given for ann@example"):
        await credentials(secret="ask", ask=User(answer))


async def test_where_nobody_could_answer_it_says_so() -> None:
    said = await fault(secret="ask")
    assert "there is no terminal to ask on" in said
    assert "keyring, a command or an environment variable" in said


async def test_the_keyring_gives_the_password(secret_service: SecretService) -> None:
    keyring = patient(secret_service.environ)
    await keyring.set(profile(), Secret("kept"))
    assert await credentials(keyring=keyring) == Credentials("ann@example.org", password=Secret("kept"))
    assert await credentials(keyring=keyring, auth="OAUTHBEARER") == Credentials(
        "ann@example.org", token=Secret("kept")
    )


async def test_an_empty_keyring_leads_to_a_question_that_says_why(secret_service: SecretService) -> None:
    keyring, user = patient(secret_service.environ), User("typed")
    assert await credentials(keyring=keyring, ask=user) == Credentials("ann@example.org", password=Secret("typed"))
    (question,) = user.asked
    assert question.startswith("The keyring has no password for profile office.")
    assert "`smtptui profiles password office`" in question
    assert question.endswith("\nPassword of ann@example.org at mail.example.org:587")
    # What was typed once is not kept unasked.
    assert secret_service.entries() == {}
    said = await fault(keyring=keyring, name="office relay")
    assert "`smtptui profiles password 'office relay'`" in said


async def test_a_keyring_that_cannot_be_had_leads_to_a_question_that_says_why() -> None:
    user = User("typed")
    assert await credentials(ask=user) == Credentials("ann@example.org", password=Secret("typed"))
    assert user.asked[0].startswith("There is no keyring here")
    assert (await fault()).startswith("There is no keyring here")


async def test_a_command_that_fails_leads_to_no_question() -> None:
    user = User("typed")
    said = await fault(password_command="exit 3", ask=user, environ=dict(os.environ))
    assert "exit code 3" in said
    assert user.asked == []


def test_the_origin_in_a_word_or_two() -> None:
    assert origin_words(profile()) == "keyring"
    assert origin_words(profile(secret="ask")) == "asks"
    assert origin_words(profile(password_env="OFFICE_PW")) == "$OFFICE_PW"
    assert origin_words(profile(token_command="oama access x")) == "command"
    assert origin_words(profile(user="")) == "none"
    assert secret_word(profile()) == "password"
    assert secret_word(profile(token_env="T")) == "access token"


def test_the_keyring_library_is_not_loaded() -> None:
    """It takes long, and has a process of its own."""
    code = (
        "import sys, smtptui.profiles; print(*[n for n in sys.modules if n.startswith(('keyring', 'secretstorage'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == []
