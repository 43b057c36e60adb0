"""LMTP: one reply for each recipient after the dot (RFC 2033), over TCP and a UNIX socket."""

from collections.abc import Callable
from pathlib import Path

import pytest

from smtptui.protocol import Connection, FailureKind, Stage, TlsMode
from smtptui.transcript import Verdict
from tests.servers.certificates import Certificates
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle
from tests.session.sending import MESSAGE, password, send, to

MakeOracle = Callable[..., Oracle]
pytestmark = BOTH_LOOPS


@pytest.fixture(params=["tcp", "unix"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Where the server listens: a UNIX socket, or None for TCP."""
    return tmp_path / "lmtp" if request.param == "unix" else None


def there(certificates: Certificates, server: Oracle, place: Path | None) -> Connection:
    if place is None:
        return to(certificates, server.port, lmtp=True)
    return to(certificates, 24, host="", lmtp=True, socket_path=place)


async def test_everybody_gets_it(oracle: MakeOracle, certificates: Certificates, place: Path | None) -> None:
    async with oracle(lmtp=True, path=place) as server:
        sent = await send(there(certificates, server, place), "a@good.test", "b@good.test")
    assert sent.outcome.ok, sent.text
    assert sent.commands[0] == "LHLO [127.0.0.1]"
    assert server.violations == []
    [message] = server.messages
    assert message.data == MESSAGE
    assert message.addresses == ("a@good.test", "b@good.test")
    for recipient in sent.outcome.recipients:
        assert recipient.stage is Stage.DOT
        assert recipient.reply is not None
        assert f"<{recipient.address}> Saved" in recipient.reply.text
    where = "the socket" if place is not None else f"127.0.0.1:{server.port}"
    assert sent.sentence == f"Accepted by {where} for 2 recipients."


async def test_each_has_a_reply_of_their_own(
    oracle: MakeOracle, certificates: Certificates, place: Path | None
) -> None:
    refusals = {"full@good.test": "452 4.2.2 <full@good.test> Mailbox full", "no@good.test": "550 5.2.1 Disabled"}
    async with oracle(lmtp=True, path=place, after_dot=refusals) as server:
        them = ("a@good.test", "full@good.test", "unknown@good.test", "no@good.test", "b@good.test")
        sent = await send(there(certificates, server, place), *them)
    assert sent.verdicts == [
        Verdict.ACCEPTED,
        Verdict.DEFERRED,
        Verdict.REFUSED,
        Verdict.REFUSED,
        Verdict.ACCEPTED,
    ]
    stages = [recipient.stage for recipient in sent.outcome.recipients]
    assert stages == [Stage.DOT, Stage.DOT, Stage.RCPT, Stage.DOT, Stage.DOT]
    codes = [recipient.reply.code for recipient in sent.outcome.recipients if recipient.reply]
    assert codes == [250, 452, 550, 550, 250]
    [message] = server.messages
    assert message.addresses == ("a@good.test", "b@good.test")
    assert sent.kind is FailureKind.DEFERRED
    assert "3 of 5 recipients not accepted" in sent.sentence
    assert "Mailbox full" in sent.sentence
    assert server.violations == []


async def test_refused_for_all_after_the_dot(oracle: MakeOracle, certificates: Certificates) -> None:
    refusals = {"a@good.test": "550 5.2.1 Disabled", "b@good.test": "452 4.2.2 Full"}
    async with oracle(lmtp=True, after_dot=refusals) as server:
        sent = await send(to(certificates, server.port, lmtp=True), "a@good.test", "b@good.test")
    assert sent.verdicts == [Verdict.REFUSED, Verdict.DEFERRED]
    assert sent.kind is FailureKind.DEFERRED
    assert sent.outcome.queue_id is None
    assert server.messages == []


async def test_the_queue_id_is_of_a_reply_that_accepts(oracle: MakeOracle, certificates: Certificates) -> None:
    after = {"a@good.test": "250 2.0.0 <a@good.test> kvYhHm5Xk2Vp8gAAz5o5hg Saved", "b@good.test": "452 4.2.2 Full"}
    async with oracle(lmtp=True, after_dot=after) as server:
        sent = await send(to(certificates, server.port, lmtp=True), "a@good.test", "b@good.test")
    assert sent.verdicts == [Verdict.ACCEPTED, Verdict.DEFERRED]
    assert sent.outcome.queue_id == "kvYhHm5Xk2Vp8gAAz5o5hg"


async def test_login_on_a_unix_socket_needs_no_consent(
    oracle: MakeOracle, certificates: Certificates, tmp_path: Path
) -> None:
    path = tmp_path / "smtp"
    async with oracle(path=path, auth_required=True) as server:
        sent = await send(to(certificates, 25, host="", socket_path=path), credentials=password("alice", "wonder land"))
    assert sent.outcome.ok, sent.text
    assert server.violations == []


async def test_tls_on_a_unix_socket_is_for_the_host_named(
    oracle: MakeOracle, certificates: Certificates, tmp_path: Path
) -> None:
    path = tmp_path / "smtp"
    async with oracle(path=path, tls="starttls") as server:
        good = await send(to(certificates, 25, TlsMode.STARTTLS, host="mx.good.test", socket_path=path))
        bad = await send(to(certificates, 25, TlsMode.STARTTLS, host="mx.bad.test", socket_path=path))
    assert good.outcome.ok, good.text
    assert bad.kind is FailureKind.CERTIFICATE
    assert len(server.messages) == 1
