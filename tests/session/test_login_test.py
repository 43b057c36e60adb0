"""A trial goes as far as a login does, says goodbye, and tells in a sentence what it found."""

from collections.abc import Callable

import pytest

from smtptui.protocol import Credentials, EventKind, FailureKind, Secret, Stage
from smtptui.session import SessionRun, describe_login_test, login_test_request
from tests.servers.behaviours import send
from tests.servers.certificates import Certificates
from tests.servers.hostile import Hostile
from tests.servers.oracle import Oracle
from tests.session.exchange import Tls, connection

ALICE = Credentials("alice", Secret("wonder land"))
MakeOracle = Callable[..., Oracle]


def commands(run: SessionRun) -> list[str]:
    return [event.text.split()[0] for event in run.transcript if event.kind is EventKind.COMMAND]


@pytest.mark.parametrize(
    ("tls", "said"),
    [
        ("starttls", ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]),
        ("implicit", ["EHLO", "AUTH", "QUIT"]),
        ("none", ["EHLO", "AUTH", "QUIT"]),
    ],
)
async def test_it_logs_in_and_leaves(oracle: MakeOracle, certificates: Certificates, tls: Tls, said: list[str]) -> None:
    async with oracle(tls=tls, auth_required=True) as server:
        run = SessionRun(login_test_request(connection(server, certificates, tls, auth="PLAIN"), ALICE))
        outcome = await run.run()
    assert (outcome.ok, commands(run), server.messages, server.violations) == (True, said, [], [])
    where = f"{server.host}:{server.port} answers "
    how = "in the clear" if tls == "none" else "inside TLSv1.3 (verified: trusted, and issued for "
    assert describe_login_test(outcome).startswith(where + how)
    assert describe_login_test(outcome).endswith("; the login succeeded (PLAIN). No message was sent.")


async def test_without_a_login_it_ends_after_the_last_ehlo(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(tls="starttls") as server:
        run = SessionRun(login_test_request(connection(server, certificates, "starttls"), None))
        outcome = await run.run()
    assert (outcome.ok, commands(run)) == (True, ["EHLO", "STARTTLS", "EHLO", "QUIT"])
    assert "; nobody logged in." in describe_login_test(outcome)


async def test_a_refused_login_is_told(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(tls="starttls", auth_required=True) as server:
        who = Credentials("alice", Secret("wrong"))
        outcome = await SessionRun(login_test_request(connection(server, certificates, "starttls"), who)).run()
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.stage) == (FailureKind.AUTH, Stage.AUTH)
    assert "535" in describe_login_test(outcome)
    assert "wrong" not in describe_login_test(outcome)


async def test_what_a_server_says_of_itself_cannot_act(
    hostile: Callable[..., Hostile], certificates: Certificates
) -> None:
    async with hostile({"ehlo": send("escape", b"550 \x1b[2J go away\r\n")}) as server:
        outcome = await SessionRun(login_test_request(connection(server, certificates), None)).run()
    assert not outcome.ok
    assert "\x1b" not in describe_login_test(outcome)
