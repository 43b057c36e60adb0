"""Where mail goes when no server is named: MX look-ups, and the next exchanger when one fails."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from smtptui.protocol import EventKind, FailureKind, Family, Stage, TlsMode
from smtptui.transcript import Verdict, phases
from tests.dns.nameserver import FakeNameServer, Zone, serving
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle
from tests.session.sending import Sent, send, to

MakeOracle = Callable[..., Oracle]
ZONE: Zone = {
    "good.test": ["MX 20 second.test.", "MX 10 first.test.", "MX 30 third.test."],
    "first.test": ["A 127.0.0.2"],
    "second.test": ["A 127.0.0.1"],
    "third.test": ["A 127.0.0.3"],
    "single.test": ["MX 10 second.test."],
    "bare.test": ["A 127.0.0.1"],
    "null.test": ["MX 0 ."],
    "dangling.test": ["MX 10 nowhere.test.", "MX 20 second.test."],
    "hopeless.test": ["MX 10 nowhere.test."],
    "halfway.test": ["MX 10 second.test.", "MX 20 nowhere.test."],
    "empty.test": ["TXT nothing"],
    "xn--bcher-kva.test": ["MX 5 second.test."],
    "broken.test": ["MX 10 second.test."],
    "many.test": [f"MX {number} nowhere{number}.test." for number in range(30, 0, -1)],
    "six.test": ["MX 10 host6.test."],
    "host6.test": ["AAAA ::1"],
}
"""127.0.0.2 and 127.0.0.3 answer nothing unless a test listens there."""
OTHER_LOOPBACK = pytest.mark.skipif(sys.platform == "darwin", reason="only 127.0.0.1 is set up on macOS")


async def deliver(certificates: Certificates, port: int, *recipients: str, **zone: object) -> Sent:
    """Send to recipients without naming a server; the port is the test server's instead of 25."""
    async with serving(FakeNameServer(ZONE, **zone)) as names:  # type: ignore[arg-type]
        connection = to(certificates, port, TlsMode.OPPORTUNISTIC, host="", resolver=names.address)
        return await send(connection, *recipients)


@asynccontextmanager
async def answering(ip: str, port: int, greeting: bytes) -> AsyncIterator[None]:
    """A server on ``ip`` that says its greeting and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        if greeting:
            await reader.read(100)
        writer.close()

    server = await asyncio.start_server(serve, ip, port)
    try:
        yield
    finally:
        server.close()
        await asyncio.sleep(0.01)


async def test_the_recipients_exchanger_gets_it(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle(tls="starttls") as server:
        sent = await deliver(certificates, server.port, "a@single.test", "b@SINGLE.test")
    assert sent.outcome.ok, sent.text
    assert "MX of single.test: 10 second.test" in sent.notes
    assert "second.test has the address 127.0.0.1" in sent.notes
    assert sent.outcome.server.host == "second.test"
    assert sent.sentence.startswith(f"Accepted by second.test:{server.port} for 2 recipients")
    looked_up, resolved = [event for event in sent.transcript if event.took is not None][:2]
    assert looked_up.text.startswith("MX of ")
    assert resolved.text.startswith("second.test has")


async def test_of_very_many_exchangers_ten_are_tried_in_order(certificates: Certificates) -> None:
    sent = await deliver(certificates, 25, "a@many.test")
    tried = ", ".join(f"{number} nowhere{number}.test" for number in range(1, 11))
    said = f"MX of many.test: {tried} and 20 more; 10 of 30 mail exchangers are tried"
    assert said in sent.notes
    looked = [each.text for each in sent.transcript if each.text.startswith("looked for the address of")]
    assert looked == [f"looked for the address of nowhere{number}.test in vain" for number in range(1, 11)]


@OTHER_LOOPBACK
async def test_the_next_exchanger_is_tried_where_one_refuses(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle() as server:
        sent = await deliver(certificates, server.port, "a@good.test")
    assert sent.outcome.ok, sent.text
    assert "MX of good.test: 10 first.test, 20 second.test, 30 third.test" in sent.notes
    [error] = sent.texts(EventKind.ERROR)
    assert error.startswith(f"No connection to first.test:{server.port}: 127.0.0.2: Connection refused")
    assert sent.outcome.server.host == "second.test"
    assert "third.test has" not in sent.notes


@OTHER_LOOPBACK
@pytest.mark.parametrize("greeting", [b"421 4.3.2 Too busy\r\n", b"450 4.3.2 Later\r\n", b""])
async def test_the_next_exchanger_is_tried_where_one_is_busy(
    oracle: MakeOracle, certificates: Certificates, greeting: bytes
) -> None:
    async with oracle() as server, answering("127.0.0.2", server.port, greeting):
        sent = await deliver(certificates, server.port, "a@good.test")
    assert sent.outcome.ok, sent.text
    assert sent.outcome.server.host == "second.test"
    assert sent.verdicts == [Verdict.ACCEPTED]


@OTHER_LOOPBACK
async def test_a_greeting_that_refuses_speaks_for_its_host_alone(
    oracle: MakeOracle, certificates: Certificates
) -> None:
    async with oracle() as server, answering("127.0.0.2", server.port, b"554 5.7.1 Not from you\r\n"):
        sent = await deliver(certificates, server.port, "a@good.test")
        refused = await deliver(certificates, server.port, "unknown@good.test")
    assert sent.outcome.ok
    assert any("554" in error for error in sent.texts(EventKind.ERROR)), "the first one's refusal is told"
    assert (refused.kind, refused.stage) == (FailureKind.REFUSED, Stage.RCPT)
    assert len(server.messages) == 1
    assert len(server.record.ehlo_names) == 2, "a refused recipient is an answer: no other exchanger is asked"


async def test_a_later_exchanger_without_address_does_not_make_it_permanent(certificates: Certificates) -> None:
    sent = await deliver(certificates, 9, "a@halfway.test")
    assert sent.kind is FailureKind.CONNECT, "the first one refused the connection: trying later may help"
    assert any("nowhere.test" in error for error in sent.texts(EventKind.ERROR)), "and the other is told of"


@OTHER_LOOPBACK
async def test_all_exchangers_failing_is_told_of_each(certificates: Certificates) -> None:
    sent = await deliver(certificates, 9, "a@good.test")
    assert sent.kind is FailureKind.CONNECT
    errors = sent.texts(EventKind.ERROR)
    assert [host for host in ("first", "second", "third") for error in errors if f"{host}.test:9" in error] == [
        "first",
        "second",
        "third",
    ]
    assert "third.test:9" in sent.sentence
    assert sent.verdicts == [Verdict.UNTRIED]


async def test_an_exchanger_without_address_is_passed_over(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle() as server:
        sent = await deliver(certificates, server.port, "a@dangling.test")
    assert sent.outcome.ok, sent.text
    assert "nowhere.test" in sent.texts(EventKind.ERROR)[0]
    assert "trying the next mail exchanger" in sent.texts(EventKind.ERROR)[0]


async def test_without_mx_the_domain_itself_counts(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle() as server:
        sent = await deliver(certificates, server.port, "a@bare.test")
    assert sent.outcome.ok, sent.text
    assert "bare.test has no MX: its own address counts" in sent.notes


async def test_an_address_literal_is_its_own_host(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle() as server:
        sent = await deliver(certificates, server.port, "a@[127.0.0.1]")
    assert sent.outcome.ok, sent.text
    assert sent.outcome.server.address == f"127.0.0.1:{server.port}"
    assert "has no MX" not in sent.notes


async def test_one_domain_in_both_spellings_is_one(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle() as server:
        sent = await deliver(certificates, server.port, "a@bücher.test", "b@xn--bcher-kva.test")
    assert sent.outcome.ok, sent.text


@pytest.mark.parametrize(
    ("address", "kind", "words"),
    [
        ("a@null.test", FailureKind.NULL_MX, "takes no mail"),
        ("a@missing.test", FailureKind.DNS_UNKNOWN, "missing.test"),
        ("a@empty.test", FailureKind.DNS_UNKNOWN, "empty.test has no IP address"),
        ("a@hopeless.test", FailureKind.DNS_UNKNOWN, "nowhere.test"),
        ("a@broken.test", FailureKind.DNS_TEMPORARY, "broken.test"),
        ("postmaster", FailureKind.INPUT, "postmaster"),
    ],
)
async def test_no_way_is_a_sentence(certificates: Certificates, address: str, kind: FailureKind, words: str) -> None:
    sent = await deliver(certificates, 9, address, servfail={"broken.test"})
    assert (sent.kind, sent.stage) == (kind, Stage.CONNECT)
    assert words in sent.sentence
    assert sent.sentence.endswith(".")
    assert sent.verdicts == [Verdict.UNTRIED]
    assert sent.texts(EventKind.ERROR) == [sent.sentence]


async def test_several_domains_need_a_server(certificates: Certificates) -> None:
    sent = await deliver(certificates, 9, "a@good.test", "b@bare.test")
    assert sent.kind is FailureKind.INPUT
    assert "bare.test, good.test" in sent.sentence


async def test_a_server_that_is_named_takes_all_domains(oracle: MakeOracle, certificates: Certificates) -> None:
    async with oracle() as server, serving(FakeNameServer(ZONE)) as names:
        connection = to(certificates, server.port, host="second.test", resolver=names.address)
        sent = await send(connection, "a@good.test", "b@bare.test")
        assert all(record != "MX" for _, _, record in names.asked)
    assert sent.outcome.ok, sent.text
    assert sent.outcome.server.host == "second.test"


async def test_the_family_asked_for_must_be_there(certificates: Certificates) -> None:
    async with serving(FakeNameServer(ZONE)) as names:
        connection = to(certificates, 9, host="", resolver=names.address, family=Family.IPV4)
        sent = await send(connection, "a@six.test")
    assert sent.kind is FailureKind.DNS_UNKNOWN
    assert "host6.test has no IPv4 address" in sent.sentence


async def test_a_name_server_that_is_no_address_is_a_setting_to_mend(certificates: Certificates) -> None:
    sent = await send(to(certificates, 9, host="", resolver="not an address"))
    assert sent.kind is FailureKind.CONFIGURATION
    assert "not an address" in sent.sentence


async def test_a_look_up_in_vain_tells_how_long_it_took(certificates: Certificates) -> None:
    sent = await deliver(certificates, 25, "a@unheard-of.test")
    (note,) = (event for event in sent.transcript if event.kind is EventKind.NOTE)
    assert note.text == "looked for the MX of unheard-of.test in vain"
    assert note.took is not None
    assert [phase.name for phase in phases(sent.transcript)] == ["DNS"]
