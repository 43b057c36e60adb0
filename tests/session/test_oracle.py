"""The transcript equals the wire: every octet in both directions, masked spans excepted."""

import re
from collections.abc import Callable, Iterable

import pytest

from smtptui.protocol import (
    FROM_CLIENT,
    Connection,
    Credentials,
    Envelope,
    Event,
    EventKind,
    Secret,
    TlsMode,
    TlsSettings,
)
from smtptui.session import Request, SessionRun
from smtptui.session.mask import MASK
from smtptui.transcript.transcript import text_wire
from tests.servers.certificates import Certificates
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle

pytestmark = BOTH_LOOPS

CONTENT = (
    b"From: me@good.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n"
    b".hidden by one dot\r\n..by two\r\n.\r\nlast, 8-bit \xc3\xbc \xff\r\n"
)
TLS = pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])


def pattern(events: Iterable[Event]) -> re.Pattern[bytes]:
    """What the wire must look like for these events; a masked span may be anything within its line."""
    wire = b""
    for event in events:
        octets = (
            event.text.encode("utf-8", "surrogateescape") if event.kind is EventKind.BODY else text_wire(event.text)
        )
        wire += re.escape(octets)
    return re.compile(wire.replace(re.escape(MASK.encode()), b"[^\r\n]+"))


def client_side(run: SessionRun) -> list[Event]:
    return [event for event in run.transcript if event.kind in FROM_CLIENT]


def server_side(run: SessionRun) -> list[Event]:
    return [event for event in run.transcript if event.kind is EventKind.REPLY]


def request(server: Oracle, certificates: Certificates, tls: str, auth: str = "LOGIN") -> Request:
    connection = Connection(
        "127.0.0.1",
        server.port,
        TlsSettings(mode=TlsMode(tls), ca_file=certificates.ca_file),
        auth=auth,
        allow_clear_auth=True,
        timeout=5,
    )
    return Request(
        connection,
        Envelope.of("me@good.test", "you@good.test", "unknown@good.test", "other@good.test"),
        CONTENT,
        Credentials("zoë", Secret("pässwörd")),
    )


@TLS
@pytest.mark.parametrize("pieces", [1, 2, 7])
async def test_every_octet_of_a_whole_session(
    tls: str, pieces: int, oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    async with oracle(tls=tls, pieces=pieces) as server:
        run = SessionRun(request(server, certificates, tls), body_peek=10**6)
        outcome = await run.run()
    assert pattern(server_side(run)).fullmatch(server.sent), (server.sent, server_side(run))
    assert pattern(client_side(run)).fullmatch(server.received), (server.received, client_side(run))
    assert [message.data for message in server.messages] == [CONTENT]
    assert server.violations == []
    assert [each.reply.code for each in outcome.recipients if each.reply] == [250, 550, 250]
    secured = [event.tls for event in run.transcript if event.kind is EventKind.COMMAND]
    assert secured[-1] is (tls != "none")


@TLS
@pytest.mark.parametrize("auth", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
async def test_every_octet_of_a_failed_login(
    tls: str, auth: str, oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    async with oracle(tls=tls, refused_mechanisms=frozenset({auth})) as server:
        run = SessionRun(request(server, certificates, tls, auth), body_peek=10**6)
        outcome = await run.run()
    assert pattern(server_side(run)).fullmatch(server.sent)
    assert pattern(client_side(run)).fullmatch(server.received)
    assert outcome.failure is not None
    assert outcome.failure.stage == "auth"
    assert len(server.logins) == 1, "a refused credential is never tried again"


@TLS
@pytest.mark.parametrize("apart", [False, True])
async def test_stray_lines_are_shown_and_end_the_session(
    tls: str, apart: bool, oracle: Callable[..., Oracle], certificates: Certificates
) -> None:
    async with oracle(tls=tls, strays={"MAIL": b"451 4.0.0 stray  \r\n"}, stray_apart=apart, pieces=1) as server:
        run = SessionRun(request(server, certificates, tls), body_peek=10**6)
        outcome = await run.run()
    assert pattern(server_side(run)).match(server.sent), (server.sent, server_side(run))
    assert any("stray" in event.text for event in server_side(run))
    assert outcome.ok is False
    assert server.messages == [], "nothing is delivered on a connection whose replies are out of step"
