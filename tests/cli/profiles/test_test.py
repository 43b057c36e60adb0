"""``profiles test`` connects and logs in as a profile says, shows the session, and sends no mail."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.profiles.keeping import kept
from tests.cli.running import Ended, smtptui, smtptui_beside
from tests.cli.typing_user import smtptui_in_terminal
from tests.servers.certificates import Certificates
from tests.servers.dovecot import PASSWORDS
from tests.servers.oracle import Oracle
from tests.servers.postfix import Postfix
from tests.servers.secret_service import SecretService

MakeOracle = Callable[..., Oracle]


async def tried(directory: Path, /, *arguments: str, **fields: object) -> Ended:
    env = profile(directory, **fields)
    return await smtptui_beside("profiles", "test", "office", *arguments, env={**env, "OFFICE_PW": "wonder land"})


def profile(directory: Path, **fields: object) -> dict[str, str]:
    lines = "".join(f"    {name}: {value}\n" for name, value in fields.items())
    return kept(directory, f"profiles:\n  office:\n    host: 127.0.0.1\n{lines}")


def submission(server: Oracle, certificates: Certificates) -> dict[str, object]:
    """Fields for a server that wants STARTTLS and a login."""
    return {"port": server.port, "tls": "starttls", "ca_file": certificates.ca_file, "user": "alice"}


async def test_it_logs_in_and_sends_nothing(oracle: MakeOracle, certificates: Certificates, tmp_path: Path) -> None:
    async with oracle(tls="starttls", auth_in_clear=False, auth_required=True) as server:
        done = await tried(
            *(tmp_path, "--save", str(tmp_path / "session.txt")),
            **submission(server, certificates),
            auth="plain",
            password_env="OFFICE_PW",
        )
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[-1].startswith(f"127.0.0.1:{server.port} answers inside TLSv1.3 (verified: trusted, and issued for ")
    assert lines[-1].endswith("); the login succeeded (PLAIN). No message was sent.")
    assert any("⇒ AUTH PLAIN ••••••••" in line for line in lines)
    assert any("⇒ QUIT" in line for line in lines)
    assert not any("MAIL FROM" in line for line in lines)
    assert server.messages == []
    assert server.violations == []
    assert "AUTH PLAIN ••••••••" in (tmp_path / "session.txt").read_text()
    assert "wonder land" not in done.out


async def test_without_a_login_it_ends_after_ehlo(oracle: MakeOracle, tmp_path: Path) -> None:
    async with oracle() as server:
        done = await tried(tmp_path, port=server.port)
    assert done.code == 0
    assert done.out.splitlines()[-1] == (
        f"127.0.0.1:{server.port} answers in the clear; nobody logged in. No message was sent."
    )
    assert "AUTH" not in [line.split()[2] for line in done.out.splitlines()]


async def test_json_is_as_send_prints_it(oracle: MakeOracle, tmp_path: Path) -> None:
    async with oracle() as server:
        done = await tried(tmp_path, "--json", port=server.port)
    document = done.document
    assert (done.code, document["ok"], document["exit"], document["recipients"]) == (0, True, 0, [])
    assert document["server"]["port"] == server.port
    assert document["transcript"][-1]["kind"] == "close"


async def test_a_refused_login_has_the_exit_code_of_one(
    oracle: MakeOracle, certificates: Certificates, tmp_path: Path
) -> None:
    async with oracle(tls="starttls", auth_in_clear=False, auth_required=True) as server:
        done = await tried(
            *(tmp_path, "--quiet"),
            **submission(server, certificates),
            password_command="echo wrong-password",
        )
    assert (done.code, done.out) == (77, "")
    assert "535" in done.err
    assert "wrong-password" not in done.err


async def test_nobody_answers(tmp_path: Path) -> None:
    done = await tried(tmp_path, "--quiet", port=1)
    assert done.code == 75


async def test_without_its_secret_nothing_is_connected(tmp_path: Path) -> None:
    # Nobody listens on port 1, which would be another exit code.
    done = await tried(tmp_path, "--json", port=1, user="alice", password_env="NOT_SET_ANYWHERE")
    assert (done.code, done.document["error"]["kind"]) == (77, "secret")
    assert "NOT_SET_ANYWHERE" in done.document["error"]["message"]


async def test_what_is_for_sending_without_a_profile_is_not_used(tmp_path: Path) -> None:
    env = profile(tmp_path, port=1, user="alice", secret="ask")
    env |= {"SMTPTUI_PASSWORD": "of another server", "SMTPTUI_TOKEN": "of another server"}
    done = await smtptui_beside("profiles", "test", "office", env=env)
    assert done.code == 77
    assert "asks for its password, and there is no terminal to ask on" in done.err


def test_the_keyring_and_postfix(
    postfix: Postfix, certificates: Certificates, secret_service: SecretService, tmp_path: Path
) -> None:
    env = kept(
        tmp_path,
        f"""
profiles:
  office:
    host: {postfix.host}
    port: {postfix.ports.submission}
    tls: starttls
    ca_file: {certificates.ca_file}
    user: carol
""",
    )
    env = secret_service.environ | {"SMTPTUI_PROFILES": env["SMTPTUI_PROFILES"]}
    stored = smtptui("profiles", "password", "office", env=env, stdin=PASSWORDS["carol"].encode())
    assert stored.code == 0
    done = smtptui("profiles", "test", "office", env=env)
    assert done.code == 0
    assert "the login succeeded (SCRAM-SHA-256)" in done.out
    secret_service.lock()
    locked = smtptui("profiles", "test", "office", env=env)
    assert (locked.code, locked.out) == (77, "")
    assert "locked" in locked.err


def test_a_command_may_ask_on_the_terminal(tmp_path: Path) -> None:
    command = "printf PIN: >/dev/tty; stty -echo </dev/tty; read -r pin </dev/tty; test $pin = 1234 && echo pw"
    env = profile(tmp_path, port=1, user="alice", password_command=f"'{command}'")
    done = smtptui_in_terminal("profiles", "test", "office", "--quiet", answers=[("PIN:", "1234\n")], env=env)
    # Nobody listens on port 1: it got that far.
    assert done.code == 75
    assert "1234" not in done.screen
    wrong = smtptui_in_terminal("profiles", "test", "office", "--quiet", answers=[("PIN:", "0000\n")], env=env)
    assert (wrong.code, "failed with exit code 1; what it said stands above" in wrong.screen) == (77, True)
    stopped = smtptui_in_terminal("profiles", "test", "office", "--quiet", answers=[("PIN:", "\x03")], env=env)
    assert (stopped.code, "was interrupted; nobody logged in" in stopped.screen) == (75, True)


def test_a_keyring_that_is_not_there_leads_to_the_question(tmp_path: Path) -> None:
    env = profile(tmp_path, port=1, user="alice")
    done = smtptui_in_terminal(
        "profiles", "test", "office", "--quiet", answers=[("Password of alice at 127.0.0.1:1: ", "x\n")], env=env
    )
    assert done.code == 75
    assert "There is no keyring here" in done.screen


@pytest.mark.parametrize("secret", ["e", "250", "пароль 🔑", "profile", "x" * 60, "ann@example.org"])
async def test_the_report_does_not_depend_on_the_secret(
    oracle: MakeOracle, certificates: Certificates, tmp_path: Path, secret: str
) -> None:
    """What is compared is what two wrong passwords lead to: the document, and the saved transcript."""
    reports = []
    async with oracle(tls="starttls", auth_in_clear=False, auth_required=True) as server:
        for value in (secret, "∅ another ∅"):
            (tmp_path / "first-line").write_text(f"{value}\n")
            done = await tried(
                *(tmp_path, "--json", "--save", str(tmp_path / "session.html")),
                **submission(server, certificates),
                # Without a nonce, which differs from one run to the next.
                auth="plain",
                password_command=f"cat {tmp_path}/first-line",
            )
            document = done.document
            assert (done.code, document["error"]["stage"]) == (77, "auth")
            page = (tmp_path / "session.html").read_text(encoding="utf-8")
            reports.append((without_times(document), re.sub(r" +\[[^]]*\]| +[0-9.]+ |[0-9]+", "N", page)))
    assert reports[0] == reports[1]


def without_times(document: dict[str, Any]) -> dict[str, Any]:
    """A session's document without what differs from one run to the next."""
    events = [
        {**event, "at": None, "text": re.sub(r":[0-9]+", ":N", event["text"])} for event in document["transcript"]
    ]
    return {**document, "started": None, "server": None, "transcript": events}
