"""``send -p`` logs in with the secret from where the profile says."""

from pathlib import Path

from tests.cli.profiles.keeping import kept
from tests.cli.running import smtptui
from tests.cli.typing_user import smtptui_in_terminal
from tests.servers.certificates import Certificates
from tests.servers.dovecot import GOOD_TOKEN, PASSWORDS
from tests.servers.postfix import Postfix
from tests.servers.secret_service import SecretService

MESSAGE = ("--from", "carol@good.test", "--to", "test-profile@good.test", "--subject", "by profile")


def profiles(directory: Path, postfix: Postfix, certificates: Certificates, fields: str) -> dict[str, str]:
    return kept(
        directory,
        f"""
profiles:
  office relay:
    host: {postfix.host}
    port: {postfix.ports.submission}
    ca_file: {certificates.ca_file}
    {fields}
""",
    )


def test_the_password_kept_in_the_keyring_sends_a_message(
    postfix: Postfix, certificates: Certificates, secret_service: SecretService, tmp_path: Path
) -> None:
    env = {**profiles(tmp_path, postfix, certificates, "user: carol"), **secret_service.environ}
    env["SMTPTUI_PASSWORD"] = "of another server"
    missing = smtptui("send", "-p", "office relay", *MESSAGE, env=env)
    assert (missing.code, missing.out) == (77, "")
    assert "`smtptui profiles password 'office relay'` keeps one" in missing.err
    assert smtptui("profiles", "password", "office relay", env=env, stdin=PASSWORDS["carol"].encode()).code == 0
    done = smtptui("send", "-p", "office relay", *MESSAGE, "--json", env=env)
    assert (done.code, done.document["auth"]) == (0, "SCRAM-SHA-256")
    assert postfix.delivered(done.document["queue_id"]).recipient == "test-profile@good.test"
    assert PASSWORDS["carol"] not in done.out
    assert smtptui("profiles", "password", "office relay", "--forget", env=env).code == 0
    assert smtptui("send", "-p", "office relay", *MESSAGE, env=env).code == 77


def test_a_token_command_logs_in_with_a_bearer_mechanism(
    postfix: Postfix, certificates: Certificates, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{GOOD_TOKEN}\n")
    fields = f"user: alice\n    token_command: cat {tmp_path}/token"
    env = profiles(tmp_path, postfix, certificates, fields)
    done = smtptui("send", "-p", "office relay", *MESSAGE, "--json", env=env)
    assert (done.code, done.document["auth"]) == (0, "OAUTHBEARER")
    assert GOOD_TOKEN not in done.out
    (tmp_path / "token").write_text("expired-token\n")
    refused = smtptui("send", "-p", "office relay", *MESSAGE, env=env)
    assert refused.code == 77
    assert "token" in refused.err
    assert "expired-token" not in refused.out + refused.err


def test_who_is_asked_types_the_password(postfix: Postfix, certificates: Certificates, tmp_path: Path) -> None:
    env = profiles(tmp_path, postfix, certificates, "user: alice\n    secret: ask")
    prompt = f"Password of alice at {postfix.host}:{postfix.ports.submission}: "
    arguments = ("send", "-p", "office relay", *MESSAGE, "--quiet")
    done = smtptui_in_terminal(*arguments, answers=[(prompt, f"{PASSWORDS['alice']}\n")], env=env)
    assert (done.code, PASSWORDS["alice"] in done.screen) == (0, False)
    left = smtptui_in_terminal(*arguments, answers=[(prompt, "\x04")], env=env)
    assert (left.code, "No password was given for alice; nobody logged in." in left.screen) == (75, True)
    stopped = smtptui_in_terminal(*arguments, answers=[(prompt, "\x03")], env=env)
    assert (stopped.code, "Interrupted; nothing was sent." in stopped.screen) == (75, True)


def test_a_session_that_leaves_before_auth_needs_no_secret(
    postfix: Postfix, certificates: Certificates, tmp_path: Path
) -> None:
    env = profiles(tmp_path, postfix, certificates, "user: alice\n    password_command: exit 3")
    assert smtptui("send", "-p", "office relay", "--quit-after", "ehlo-tls", "--quiet", env=env).code == 0
    assert smtptui("send", "-p", "office relay", *MESSAGE, "--quiet", env=env).code == 77
