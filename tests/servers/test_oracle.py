"""The ground-truth server: what smtplib does with it, what it logs, and what it objects to."""

import asyncio
import base64
import hashlib
import smtplib
import ssl
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import pytest

from tests.servers.certificates import Certificates
from tests.servers.dialogue_client import DialogueClient
from tests.servers.loops import BOTH_LOOPS
from tests.servers.oracle import Oracle
from tests.servers.sasl import Accounts
from tests.servers.scram import Misbehaviour, ScramSettings
from tests.servers.test_scram import client_final

pytestmark = BOTH_LOOPS
Factory = Callable[..., Oracle]
Tls = Literal["none", "starttls", "implicit"]
BODY = b"Subject: dots\r\n\r\n.one\r\n..two\r\n\r\n.\r\nend\r\n"
STUFFED = b"Subject: dots\r\n\r\n..one\r\n...two\r\n\r\n..\r\nend\r\n"


def smtplib_session(port: int, tls: Tls, context: ssl.SSLContext) -> tuple[dict[str, tuple[int, bytes]], str]:
    """Log in badly and well, send a message; returns the refused recipients and what was printed."""
    if tls == "implicit":
        client: smtplib.SMTP = smtplib.SMTP_SSL("localhost", port, context=context, timeout=10)
    else:
        client = smtplib.SMTP("localhost", port, timeout=10)
    with client:
        if tls == "starttls":
            client.starttls(context=context)
        client.ehlo("client.test")
        client.user, client.password = "alice", "wonder land"
        with pytest.raises(smtplib.SMTPAuthenticationError, match="535"):
            client.auth("CRAM-MD5", client.auth_cram_md5)
        client.auth("LOGIN", client.auth_login)
        recipients = ["bob@good.test", "unknown@good.test", "later@good.test"]
        refused = client.sendmail("alice@good.test", recipients, BODY)
    return refused, ""


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
async def test_a_whole_session_of_smtplib(oracle: Factory, certificates: Certificates, tls: Tls) -> None:
    async with oracle(tls=tls, refused_mechanisms=frozenset({"CRAM-MD5"})) as server:
        refused, _ = await asyncio.to_thread(smtplib_session, server.port, tls, certificates.client_context())
    assert {address: code for address, (code, _) in refused.items()} == {
        "unknown@good.test": 550,
        "later@good.test": 450,
    }
    assert [(name, outcome.ok) for name, outcome in server.logins] == [("CRAM-MD5", False), ("LOGIN", True)]
    (message,) = server.messages
    assert (message.sender, message.addresses, message.user) == (
        "alice@good.test",
        ("bob@good.test",),
        "alice",
    )
    assert message.data == BODY
    assert message.raw == STUFFED
    assert server.empty_messages == 0
    assert server.violations == []
    assert STUFFED + b".\r\n" in server.received
    assert server.sent.startswith(b"220-mx.oracle.test ESMTP oracle \r\n220 Gr\xfc\xdfe  \r\n")
    assert server.sent.endswith(b"221 2.0.0 Bye\r\n")
    assert (b"STARTTLS\r\n" in server.received) == (tls == "starttls")


async def test_the_log_is_what_crossed_the_wire(oracle: Factory) -> None:
    async with oracle() as server, DialogueClient(server.port) as client:
        seen = await client.reply()
        for line in (b"EHLO me.test", b"NOOP", b"QUIT"):
            seen += await client.say(line)
        assert await client.reader.read() == b""
    assert seen == server.sent
    assert server.received == b"EHLO me.test\r\nNOOP\r\nQUIT\r\n"
    order = [chunk.direction for chunk in server.log]
    assert order[0] == "out"
    assert b"".join(chunk.data for chunk in server.log if chunk.direction == "in") == server.received
    assert order.count("in") == 3
    assert order.count("out") >= 3 * len((b"banner", b"EHLO", b"NOOP", b"QUIT"))


async def test_replies_come_in_pieces(oracle: Factory) -> None:
    async with oracle(pieces=2, pause=0.2) as server, DialogueClient(server.port) as client:
        first = await client.reader.read(1000)
        assert first == b"220-mx.oracle.test ESMTP"
        rest = await client.reader.readline() + await client.reader.readline()
        assert rest == b" oracle \r\n220 Gr\xfc\xdfe  \r\n"


@pytest.mark.parametrize("apart", [False, True])
async def test_stray_lines(oracle: Factory, apart: bool) -> None:
    stray = {"MAIL": b"451 4.0.0 stray\r\n"}
    async with oracle(strays=stray, stray_apart=apart, pieces=1) as server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        assert await client.say(b"MAIL FROM:<a@x.test>") == b"250 2.1.0 Ok \r\n"
        assert await client.reply() == b"451 4.0.0 stray\r\n"
    writes = [chunk.data for chunk in server.log if b"stray" in chunk.data]
    assert writes == [b"451 4.0.0 stray\r\n" if apart else b"250 2.1.0 Ok \r\n451 4.0.0 stray\r\n"]


async def test_an_empty_message_is_noticed(oracle: Factory) -> None:
    async with oracle() as server, DialogueClient(server.port) as client:
        await client.reply()
        for line in (b"EHLO me.test", b"MAIL FROM:<a@x.test>", b"RCPT TO:<b@x.test>", b"DATA", b"."):
            last = await client.say(line)
    assert last == b"250 2.0.0 Ok: queued as ORACLE0001\r\n"
    assert [message.data for message in server.messages] == [b""]
    assert server.empty_messages == 1


async def test_pipelining_across_messages(oracle: Factory) -> None:
    envelope = b"MAIL FROM:<a@x.test> SIZE=7\r\nRCPT TO:<b@x.test>\r\nDATA\r\n"
    async with oracle() as server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        client.writer.write(envelope)
        assert [(await client.reply())[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        client.writer.write(b"a\r\nbc\r\n.\r\n" + envelope)
        assert [(await client.reply())[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
        client.writer.write(b".\r\n")
        await client.reply()
    assert [message.data for message in server.messages] == [b"a\r\nbc\r\n", b""]
    assert server.violations == ["SIZE=7 was declared, 0 octets came"]


async def test_a_lone_dot_after_all_recipients_were_refused_is_no_message(oracle: Factory) -> None:
    async with oracle(promise_354=True) as server, DialogueClient(server.port) as client:
        await client.reply()
        for line in (b"EHLO me.test", b"MAIL FROM:<a@x.test>", b"RCPT TO:<unknown@good.test>"):
            await client.say(line)
        assert (await client.say(b"DATA")).startswith(b"354")
        assert (await client.say(b".")).startswith(b"554")
    assert server.messages == []


async def test_what_is_switched_off_is_not_offered(oracle: Factory) -> None:
    async with oracle(features=("SIZE",), mechanisms=()) as server, DialogueClient(server.port) as client:
        await client.reply()
        assert await client.say(b"EHLO me.test") == b"250-mx.oracle.test greets me.test \r\n250 SIZE\r\n"
        assert (await client.say(b"AUTH PLAIN AA==")).startswith(b"504")
        assert (await client.say(b"STARTTLS")).startswith(b"502")
    assert len(server.violations) == 2


async def test_a_reply_to_order(oracle: Factory) -> None:
    replies = {"RCPT": b"452 4.2.2 full\r\n", "banner": b"220 short\r\n"}
    async with oracle(replies=replies) as server, DialogueClient(server.port) as client:
        assert await client.reply() == b"220 short\r\n"
        await client.say(b"EHLO me.test")
        await client.say(b"MAIL FROM:<a@x.test>")
        assert await client.say(b"RCPT TO:<b@x.test>") == b"452 4.2.2 full\r\n"
        assert (await client.say(b"DATA")).startswith(b"554")
    assert server.violations == []


@pytest.mark.parametrize(
    ("features", "octets", "complaint"),
    [
        ((), b"NOOP\n", "bare CR or LF"),
        ((), b"NOOP\r\nNOOP\r\n", "did not wait for the reply to NOOP"),
        ((), b"RSET\r\nRSET\r\n", "pipelined after RSET, which was not offered"),
        (("PIPELINING",), b"DATA\r\nRSET\r\n", "did not wait for the reply to DATA"),
        ((), b"NOOP \x07\r\n", "control character"),
        ((), b"Subject: hello\r\n", "no command"),
        ((), b"MAIL FROM:<a@x.test> SIZE=1\r\n", "SIZE, which was not offered"),
        ((), "MAIL FROM:<é@x.test>\r\n".encode(), "without SMTPUTF8"),
        ((), b"MAIL FROM: a@x.test\r\n", "no MAIL command"),
        ((), b"NOOP " + b"x" * 600 + b"\r\n", "command line of"),
    ],
)
async def test_violations(oracle: Factory, features: tuple[str, ...], octets: bytes, complaint: str) -> None:
    async with oracle(features=features) as server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        assert server.violations == []
        client.writer.write(octets)
        await client.reply()
    assert any(complaint in sentence for sentence in server.violations), server.violations


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"a\nb\r\n", "bare CR or LF"),
        (b"a\0b\r\n", "NUL"),
        (b".a\r\n", "dot at the start"),
        (b"x" * 1000 + b"\r\n", "more than 1000 octets"),
        (b"\xe9\r\n", "without BODY=8BITMIME"),
    ],
)
async def test_violations_in_a_body(oracle: Factory, body: bytes, complaint: str) -> None:
    async with oracle() as server, DialogueClient(server.port) as client:
        await client.reply()
        for line in (b"EHLO me.test", b"MAIL FROM:<a@x.test>", b"RCPT TO:<b@x.test>", b"DATA"):
            await client.say(line)
        await client.say(body + b".")
    assert [sentence for sentence in server.violations if complaint in sentence], server.violations


def _oauth(user: str, token: str) -> bytes:
    return f"n,a={user},\x01host=localhost\x01auth=Bearer {token}\x01\x01".encode()


@pytest.mark.parametrize(
    ("mechanism", "responses", "final"),
    [
        ("PLAIN", [b"\0alice\0wonder land"], b"235"),
        ("PLAIN", ["\0zoë\0pässwörd".encode()], b"235"),
        ("PLAIN", [b"\0alice\0wrong"], b"535"),
        ("LOGIN", [b"alice", b"wonder land"], b"235"),
        ("XOAUTH2", [b"user=alice\x01auth=Bearer good-token\x01\x01"], b"235"),
        ("XOAUTH2", [b"user=alice\x01auth=Bearer bad\x01\x01", b""], b"535"),
        ("OAUTHBEARER", [_oauth("alice", "good-token")], b"235"),
        ("OAUTHBEARER", [_oauth("alice", "bad"), b"\x01"], b"535"),
    ],
)
@pytest.mark.parametrize("initial", [True, False])
async def test_mechanisms(oracle: Factory, mechanism: str, responses: list[bytes], final: bytes, initial: bool) -> None:
    async with oracle() as server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        rest = [base64.b64encode(response) for response in responses]
        command = b"AUTH " + mechanism.encode()
        reply = await client.say(command + b" " + rest.pop(0) if initial else command)
        for response in rest:
            assert reply.startswith(b"334 ")
            reply = await client.say(response)
        assert reply.startswith(final)
    assert [outcome.ok for _, outcome in server.logins] == [final == b"235"]
    assert server.logins[0][1].why == ""


@pytest.mark.parametrize(
    ("mechanism", "binding", "tls12", "use"),
    [
        ("SCRAM-SHA-1", "", False, "good"),
        ("SCRAM-SHA-256", "", False, "good"),
        ("SCRAM-SHA-1-PLUS", "tls-server-end-point", False, "good"),
        ("SCRAM-SHA-256-PLUS", "tls-server-end-point", False, "sha384"),
        ("SCRAM-SHA-256-PLUS", "tls-unique", True, "good"),
    ],
)
async def test_scram(
    oracle: Factory, certificates: Certificates, mechanism: str, binding: str, tls12: bool, use: str
) -> None:
    certificate = getattr(certificates, use)
    mechanisms = ("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS")
    settings = ScramSettings(algorithm=mechanism.removeprefix("SCRAM-").removesuffix("-PLUS"))
    server = oracle(tls="implicit", tls12=tls12, use=certificate, mechanisms=mechanisms)
    context = certificates.client_context()
    async with server, DialogueClient(server.port, context) as client:
        secured: ssl.SSLObject = client.writer.get_extra_info("ssl_object")
        data = {
            "": b"",
            "tls-server-end-point": hashlib.new("sha384" if use == "sha384" else "sha256", certificate.der).digest(),
            "tls-unique": (secured.get_channel_binding("tls-unique") or b"") if tls12 else b"",
        }[binding]
        await client.reply()
        await client.say(b"EHLO me.test")
        header = f"p={binding},,".encode() if binding else b"n,,"
        bare = b"n=alice,r=abc"
        reply = await client.say(f"AUTH {mechanism} ".encode() + base64.b64encode(header + bare))
        first = base64.b64decode(reply[4:])
        final = client_final(settings, bare, first, "wonder land", header, data)
        assert (await client.say(base64.b64encode(final))).startswith(b"334 dj")
        assert (await client.say(b"")).startswith(b"235")
    assert server.logins[0][1].ok


async def test_scram_misbehaves_to_order(oracle: Factory) -> None:
    accounts = Accounts(scram=Misbehaviour.ABSURD_ITERATIONS)
    async with oracle(accounts=accounts) as server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        reply = await client.say(b"AUTH SCRAM-SHA-256 " + base64.b64encode(b"n,,n=alice,r=abc"))
        assert base64.b64decode(reply[4:]).endswith(b",i=2147483648")
        assert (await client.say(b"*")).startswith(b"501")
    assert server.logins == []


async def test_a_client_certificate_and_external(oracle: Factory, certificates: Certificates) -> None:
    context = certificates.client_context()
    context.load_cert_chain(certificates.client.certificate, certificates.client.key)
    server = oracle(tls="starttls", client_certificates=True, mechanisms=("EXTERNAL",))
    async with server, DialogueClient(server.port) as client:
        await client.reply()
        await client.say(b"EHLO me.test")
        assert (await client.say(b"STARTTLS")).startswith(b"220")
        await client.start_tls(context)
        await client.say(b"EHLO me.test")
        assert (await client.say(b"AUTH EXTERNAL =")).startswith(b"235")
    assert server.logins[0][1].user == "client@good.test"


async def test_lmtp_over_a_unix_socket(oracle: Factory, tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    after: Mapping[str, str] = {"full@good.test": "452 4.2.2 Mailbox full"}
    async with oracle(lmtp=True, path=path, after_dot=after) as server:
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(
            b"LHLO me.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<bob@good.test>\r\nRCPT TO:<full@good.test>\r\nDATA\r\n"
        )
        while not (await reader.readline()).startswith(b"354"):
            pass
        writer.write(b"hello\r\n.\r\n")
        assert (await reader.readline()).startswith(b"250 2.1.5 <bob@good.test>")
        assert (await reader.readline()).startswith(b"452 4.2.2")
        writer.close()
        await writer.wait_closed()
    assert [message.addresses for message in server.messages] == [("bob@good.test",)]


async def test_a_handshake_that_the_client_breaks_off(oracle: Factory, certificates: Certificates) -> None:
    async with oracle(tls="implicit", use=certificates.untrusted) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(
                "127.0.0.1", server.port, ssl=certificates.client_context(), server_hostname="localhost"
            )
    assert server.sent == b""


async def test_a_message_made_by_the_standard_library(oracle: Factory) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.test", "b@x.test", "Grüße"
    message.set_content("Zeile eins\n.Punkt\n" * 5000, cte="8bit")

    def send(port: int) -> None:
        with smtplib.SMTP("localhost", port, timeout=10) as client:
            client.send_message(message, mail_options=["BODY=8BITMIME"])

    async with oracle(pieces=1) as server:
        await asyncio.to_thread(send, server.port)
    assert server.messages[0].data.count(b"\r\n.Punkt\r\n") == 5000
    assert server.violations == []
