"""``password_command`` and ``token_command``: the first line is the secret, or a sentence says why there is none."""

import time

import pytest

from smtptui.profiles import Keyring, SecretError, fetch
from smtptui.protocol import Credentials, Secret
from tests.profiles.secrets.profiles import profile

ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}


async def run(command: str, field: str = "password_command", /, **fields: object) -> Credentials | None:
    return await fetch(profile(**{field: command}, **fields), keyring=Keyring(ENVIRON), environ=ENVIRON, ask=None)


async def password(command: str) -> str:
    found = await run(command)
    assert found is not None
    assert found.password is not None
    return found.password.reveal()


async def fault(command: str, **fields: object) -> str:
    with pytest.raises(SecretError) as caught:
        await run(command, **fields)
    assert caught.value.__context__ is None or not isinstance(caught.value.__context__, UnicodeError)
    return str(caught.value)


@pytest.mark.parametrize(
    ("command", "secret"),
    [
        ("echo hunter2", "hunter2"),
        ("printf hunter2", "hunter2"),
        (r"printf 'hunter2\r\nurl: x\n'", "hunter2"),
        ("printf '  two before, one after \\n'", "  two before, one after "),
        ("printf 'pässwörd-ключ-🔑'", "pässwörd-ключ-🔑"),
        (r"printf 'with\ttab'", "with\ttab"),
        # As msmtp's passwordeval: quotes, variables, pipes.
        ('echo "$HOME" | tr / x', "xtmp"),
        ("printf '%s' \"it's\"", "it's"),
        ("echo noise >&2; echo hunter2", "hunter2"),
    ],
)
async def test_the_first_line_is_the_secret(command: str, secret: str) -> None:
    assert await password(command) == secret


async def test_a_token_command_gives_a_token() -> None:
    for auth in ("auto", "XOAUTH2", "OAUTHBEARER"):
        found = await run("echo ya29.token", "token_command", auth=auth)
        assert found == Credentials("ann@example.org", token=Secret("ya29.token"))


async def test_a_password_command_for_a_token_mechanism_gives_a_token() -> None:
    assert await run("echo ya29.token", auth="XOAUTH2") == Credentials("ann@example.org", token=Secret("ya29.token"))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("true", ("printed nothing", "first line")),
        ("echo; echo hunter2", ("empty first line",)),
        (r"printf 'hunter2\0'", ("control character",)),
        (r"printf '\033[1mhunter2\033[0m\n'", ("control character", "colour")),
        (r"printf 'hunter2\377\n'", ("UTF-8",)),
        ("yes", ("65536 octets", "stopped")),
        ("exit 3", ("exit code 3", "said nothing", "terminal")),
        (
            "echo 'gpg: decryption failed: No secret key' >&2; exit 2",
            ("exit code 2: gpg: decryption failed: No secret",),
        ),
        (
            "echo 'gpg: problem with the agent: Inappropriate ioctl for device' >&2; exit 2",
            ("for device. It had no terminal to ask on",),
        ),
        (r"printf 'bad\033[31m\n' >&2; exit 1", (r"bad\x1b[31m",)),
        ("kill -15 $$", ("signal 15",)),
        ("no-such-program-anywhere hunter2", ("not found", "PATH")),
    ],
)
async def test_why_there_is_none_and_what_to_do(command: str, words: tuple[str, ...]) -> None:
    said = await fault(command)
    assert said.startswith("The password_command of profile office ")
    assert said.endswith((".", "?"))
    for word in words:
        assert word in said
    assert "hunter2" not in said
    assert "\x1b" not in said


async def test_a_long_complaint_is_cut() -> None:
    said = await fault("yes complaint | head -c 100000 >&2; exit 1")
    assert len(said) < 450
    assert said.endswith("….")


async def test_a_complaint_that_repeats_the_secret_is_not_told() -> None:
    # A shell that traces itself.
    said = await fault("set -x; echo hunter2; exit 1")
    assert "hunter2" not in said
    assert "not repeated" in said


async def test_a_password_in_place_of_the_command_is_not_told() -> None:
    assert "hunter2" not in await fault("hunter2")
    assert "hunter2" not in await fault("hunter2 'unbalanced")


async def test_a_slow_one_is_stopped_in_its_time() -> None:
    started = time.monotonic()
    said = await fault("sleep 30", command_timeout=0.5)
    assert time.monotonic() - started < 10
    assert "did not end within 0.5 s" in said
    assert "command_timeout" in said


async def test_the_child_does_not_see_the_secrets_of_the_environment() -> None:
    environ = {**ENVIRON, "SMTPTUI_PASSWORD": "pw", "SMTPTUI_TOKEN": "tok", "SMTPTUI_OTHER": "seen"}
    chosen = profile(password_command='echo "$SMTPTUI_PASSWORD$SMTPTUI_TOKEN$SMTPTUI_OTHER"')
    found = await fetch(chosen, keyring=Keyring(ENVIRON), environ=environ, ask=None)
    assert found == Credentials("ann@example.org", password=Secret("seen"))
