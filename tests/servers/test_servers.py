"""Postfix with Dovecot, tried with the standard library: every way in, every refusal, and what is stored."""

import base64
import contextlib
import hashlib
import hmac
import smtplib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.certificates import WRONG_NAME, Certificates
from tests.servers.daemon import Daemon, DaemonError
from tests.servers.dovecot import GOOD_TOKEN, MECHANISMS, PASSWORDS
from tests.servers.postfix import DOMAIN, REFUSALS, REFUSED_SENDER, SIZE_LIMIT, Postfix
from tests.servers.scram import ScramSettings
from tests.servers.test_scram import client_final

MESSAGE = (
    b"Return-Path: <mine@x.test>\r\nReceived: from my own\r\n\tline\r\nBcc: hidden@x.test\r\n"
    b"Subject:odd\r\nFrom: no domain\r\n\r\n"
    b".\r\n..two\r\nFrom here\r\ntrailing  \t\r\n\r\n" + b"x" * 998 + b"\r\n\xff\x80 8-bit\r\n\r\n\r\n"
)


def connect(postfix: Postfix, port: int, context: ssl.SSLContext | None = None) -> smtplib.SMTP:
    """Connected and greeted, over STARTTLS if there is a context."""
    client = smtplib.SMTP(postfix.host, port, local_hostname="client.test", timeout=10)
    try:
        client.ehlo()
        if context is not None:
            client.starttls(context=context)
            client.ehlo()
    except BaseException:
        client.close()
        raise
    return client


def queue_id(reply: bytes) -> str:
    """The queue id in Postfix's reply to the dot."""
    return reply.split()[-1].decode()


def send(client: smtplib.SMTP, recipients: list[str], body: bytes, options: str = "") -> str:
    """A message as it is, dots doubled; returns its queue id."""
    assert client.docmd(f"MAIL FROM:<sender@x.test>{options}")[0] == 250
    for recipient in recipients:
        assert client.docmd(f"RCPT TO:<{recipient}>")[0] == 250
    assert client.docmd("DATA")[0] == 354
    client.send(b"\r\n".join(b"." + line if line[:1] == b"." else line for line in body.split(b"\r\n")))
    code, reply = client.docmd(".")
    assert code == 250
    return queue_id(reply)


def test_what_it_stored_is_what_was_sent(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        name = send(client, ["test-bytes@good.test"], MESSAGE, " BODY=8BITMIME")
    for key in (name, "test-bytes@good.test"):
        message = postfix.delivered(key)
        assert message.sent == MESSAGE
        assert (message.queue_id, message.recipient) == (name, "test-bytes@good.test")
        assert message.sender == "sender@x.test"
        assert message.prepended.startswith(b"Return-Path: <sender@x.test>\n")
        assert message.prepended.count(b"Received: ") == 1


def test_every_recipient_gets_a_copy(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        name = send(client, ["test-one@good.test", "test-two@good.test"], b"Subject: two\r\n\r\n")
    copies = postfix.deliveries(name, 2)
    assert {copy.recipient for copy in copies} == {"test-one@good.test", "test-two@good.test"}
    assert {copy.sent for copy in copies} == {b"Subject: two\r\n\r\n"}


def test_an_empty_message_is_seen(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        for line in ("MAIL FROM:<>", "RCPT TO:<test-empty@good.test>", "DATA"):
            client.docmd(line)
        code, _ = client.docmd(".")
    assert code == 250
    assert postfix.delivered("test-empty@good.test").sent == b""


def test_what_is_offered_where(postfix: Postfix, certificates: Certificates) -> None:
    context = certificates.client_context()
    with connect(postfix, postfix.ports.mx) as client:
        offered = {"pipelining", "starttls", "8bitmime", "dsn", "smtputf8", "enhancedstatuscodes", "size"}
        assert offered <= set(client.esmtp_features)
        assert client.esmtp_features["size"] == str(SIZE_LIMIT)
        assert not client.has_extn("auth")
    with connect(postfix, postfix.ports.submission) as client:
        assert not client.has_extn("auth")
        assert client.docmd("MAIL FROM:<a@x.test>")[0] == 530
    with connect(postfix, postfix.ports.submission, context) as client:
        assert client.esmtp_features["auth"].split() == list(MECHANISMS)
    with smtplib.SMTP_SSL(postfix.host, postfix.ports.smtps, context=context, timeout=10) as client:
        client.ehlo()
        assert client.esmtp_features["auth"].split() == list(MECHANISMS)
    with connect(postfix, postfix.ports.clear) as client:
        assert client.esmtp_features["auth"].split() == list(MECHANISMS)
        assert not client.has_extn("starttls")


@pytest.mark.parametrize("user", PASSWORDS)
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_passwords(postfix: Postfix, user: str, mechanism: str, right: bool) -> None:
    password = PASSWORDS[user] if right else PASSWORDS[user] + "x"
    with connect(postfix, postfix.ports.clear) as client:
        code, text = AUTHENTICATE[mechanism](client, mechanism, user, password)
    assert (code, text[:5]) == ((235, b"2.7.0") if right else (535, b"5.7.8"))


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _plain(client: smtplib.SMTP, mechanism: str, user: str, password: str) -> tuple[int, bytes]:
    return client.docmd("AUTH PLAIN", _b64(f"\0{user}\0{password}".encode()))


def _login(client: smtplib.SMTP, mechanism: str, user: str, password: str) -> tuple[int, bytes]:
    client.docmd("AUTH LOGIN")
    client.docmd(_b64(user.encode()))
    return client.docmd(_b64(password.encode()))


def _cram(client: smtplib.SMTP, mechanism: str, user: str, password: str) -> tuple[int, bytes]:
    challenge = base64.b64decode(client.docmd("AUTH CRAM-MD5")[1])
    digest = hmac.new(password.encode(), challenge, hashlib.md5).hexdigest()
    return client.docmd(_b64(f"{user} {digest}".encode()))


def _scram(client: smtplib.SMTP, mechanism: str, user: str, password: str) -> tuple[int, bytes]:
    bare = f"n={user},r=abcdef".encode()
    code, reply = client.docmd(f"AUTH {mechanism}", _b64(b"n,," + bare))
    assert code == 334
    first = base64.b64decode(reply)
    fields = dict(part.split("=", 1) for part in first.decode().split(","))
    settings = ScramSettings(
        algorithm=mechanism.removeprefix("SCRAM-"),
        salt=base64.b64decode(fields["s"]),
        iterations=int(fields["i"]),
    )
    code, reply = client.docmd(_b64(client_final(settings, bare, first, password, b"n,,")))
    return client.docmd("") if code == 334 else (code, reply)


AUTHENTICATE: dict[str, Callable[[smtplib.SMTP, str, str, str], tuple[int, bytes]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram,
    "SCRAM-SHA-1": _scram,
    "SCRAM-SHA-256": _scram,
}


@pytest.mark.parametrize("token", [GOOD_TOKEN, "expired-token"], ids=["good", "bad"])
@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_tokens(postfix: Postfix, mechanism: str, token: str) -> None:
    messages = {
        "XOAUTH2": f"user=alice\x01auth=Bearer {token}\x01\x01",
        "OAUTHBEARER": f"n,a=alice,\x01host=localhost\x01port=25\x01auth=Bearer {token}\x01\x01",
    }
    with connect(postfix, postfix.ports.clear) as client:
        code, reply = client.docmd(f"AUTH {mechanism}", _b64(messages[mechanism].encode()))
        if token != GOOD_TOKEN:
            assert code == 334
            assert b"status" in base64.b64decode(reply)
            code, reply = client.docmd("" if mechanism == "XOAUTH2" else "AQ==")
    assert code == (235 if token == GOOD_TOKEN else 535)


@pytest.mark.parametrize("address", REFUSALS)
def test_recipients_refused_by_a_rule(postfix: Postfix, address: str) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        client.docmd("MAIL FROM:<a@x.test>")
        code, text = client.docmd(f"RCPT TO:<{address}>")
    assert code == int(REFUSALS[address][:3])
    assert text.startswith(REFUSALS[address][4:9].encode())


def test_other_refusals(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        client.docmd("MAIL FROM:<a@x.test>")
        code, text = client.docmd(f"RCPT TO:<nobody-here@{DOMAIN}>")
        assert (code, text[:5]) == (550, b"5.1.1")
        code, text = client.docmd("RCPT TO:<a@elsewhere.test>")
        assert (code, text[:5]) == (554, b"5.7.1")
        client.docmd("RSET")
        assert client.docmd(f"MAIL FROM:<a@x.test> SIZE={SIZE_LIMIT + 1}")[0] == 552
        client.docmd("RSET")
        assert client.docmd(f"MAIL FROM:<{REFUSED_SENDER}>")[0] == 250
        assert client.docmd("RCPT TO:<alice@good.test>")[0] == 550


def test_a_message_too_large_and_undeclared(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        for line in ("MAIL FROM:<a@x.test>", "RCPT TO:<alice@good.test>", "DATA"):
            client.docmd(line)
        client.send((b"x" * 98 + b"\r\n") * (SIZE_LIMIT // 100 + 1000))
        code, text = client.docmd(".")
    assert (code, text[:5]) == (552, b"5.3.4")


def test_bare_line_feeds_are_refused(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        for line in ("MAIL FROM:<a@x.test>", "RCPT TO:<alice@good.test>", "DATA"):
            client.docmd(line)
        client.send(b"one\ntwo\r\n")
        code, text = client.docmd(".")
    assert code == 550
    assert b"bare <LF>" in text


def test_pipelining(postfix: Postfix) -> None:
    envelope = b"MAIL FROM:<a@x.test>\r\nRCPT TO:<test-pipe@good.test>\r\nDATA\r\n"
    with connect(postfix, postfix.ports.mx) as client:
        client.send(envelope)
        assert [client.getreply()[0] for _ in range(3)] == [250, 250, 354]
        client.send(b"N: one\r\n\r\n.\r\n" + envelope)
        assert [client.getreply()[0] for _ in range(4)] == [250, 250, 250, 354]
        client.send(b"N: two\r\n\r\n.\r\n")
        assert client.getreply()[0] == 250
    bodies = [message.sent for message in postfix.deliveries("test-pipe@good.test", 2)]
    assert sorted(bodies) == [b"N: one\r\n\r\n", b"N: two\r\n\r\n"]


def test_smtputf8(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.mx) as client:
        client.send("MAIL FROM:<zoë@x.test> SMTPUTF8 BODY=8BITMIME\r\n".encode())
        assert client.getreply()[0] == 250
        client.send("RCPT TO:<josé@good.test>\r\n".encode())
        assert client.getreply()[0] == 250
        client.docmd("DATA")
        client.send("Subject: é\r\n\r\n".encode())
        assert client.docmd(".")[0] == 250
    assert postfix.delivered("josé@good.test").sender == "zoë@x.test"


def test_a_delivery_status_notification(postfix: Postfix) -> None:
    with connect(postfix, postfix.ports.clear) as client:
        client.docmd("MAIL FROM:<test-dsn@good.test> RET=HDRS ENVID=envelope-7")
        client.docmd("RCPT TO:<far@away.test> NOTIFY=SUCCESS ORCPT=rfc822;original@away.test")
        client.docmd("DATA")
        client.send(b"Subject: dsn\r\n\r\nbody\r\n")
        assert client.docmd(".")[0] == 250
    report = postfix.delivered("test-dsn@good.test")
    assert report.sender == ""
    assert b"Original-Envelope-Id: envelope-7" in report.stored
    assert b"Original-Recipient: rfc822;original@away.test" in report.stored


def test_mail_for_elsewhere_is_relayed_after_auth_and_kept(postfix: Postfix, certificates: Certificates) -> None:
    with connect(postfix, postfix.ports.submission, certificates.client_context()) as client:
        client.login("alice", PASSWORDS["alice"])
        name = send(client, ["someone@far.test"], b"Subject: far\r\n\r\n")
    assert postfix.delivered(name).sent == b"Subject: far\r\n\r\n"


@pytest.mark.parametrize(
    ("port", "reason"),
    [("expired", "expired"), ("wrong_name", "mismatch"), ("self_signed", "self.signed"), ("mx", None)],
)
def test_certificates(postfix: Postfix, certificates: Certificates, port: str, reason: str | None) -> None:
    context = certificates.client_context()
    if reason is None:
        with connect(postfix, getattr(postfix.ports, port), context) as client:
            assert isinstance(client.sock, ssl.SSLSocket)
            assert client.sock.getpeercert(binary_form=True) == certificates.good.der
    else:
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            connect(postfix, getattr(postfix.ports, port), context)


def test_another_authority(postfix: Postfix, certificates: Certificates) -> None:
    context = ssl.create_default_context(cafile=str(certificates.other_ca_file))
    with pytest.raises(ssl.SSLCertVerificationError, match="issuer"):
        connect(postfix, postfix.ports.mx, context)


def converse(postfix: Postfix, context: ssl.SSLContext) -> None:
    """A command after the greetings, at the port that needs a client certificate."""
    with connect(postfix, postfix.ports.mutual, context) as client:
        client.docmd("NOOP")


def test_client_certificates(postfix: Postfix, certificates: Certificates) -> None:
    context = certificates.client_context()
    context.load_cert_chain(certificates.client.certificate, certificates.client.key)
    with connect(postfix, postfix.ports.mutual, context) as client:
        assert client.esmtp_features["auth"].split() == ["EXTERNAL"]
        assert client.docmd("AUTH EXTERNAL", "=")[0] == 535
        client.docmd("MAIL FROM:<a@x.test>")
        assert client.docmd("RCPT TO:<someone@far.test>")[0] == 250
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        converse(postfix, certificates.client_context())


@pytest.mark.parametrize(
    ("name", "verified"),
    [
        ("good", None),
        ("chained", None),
        ("sha384", None),
        ("wrong_name", f"not valid for 'localhost'|{WRONG_NAME}"),
        ("expired", "expired"),
        ("not_yet", "not yet valid"),
        ("self_signed", "self.signed"),
        ("untrusted", "issuer"),
    ],
)
def test_the_certificates_themselves(certificates: Certificates, name: str, verified: str | None) -> None:
    server = ssl.MemoryBIO(), ssl.MemoryBIO()
    accepting = getattr(certificates, name).server_context().wrap_bio(*server, server_side=True)
    mine = ssl.MemoryBIO(), ssl.MemoryBIO()
    calling = certificates.client_context().wrap_bio(*mine, server_hostname="localhost")

    def shake() -> None:
        for _ in range(3):
            for side, (_, out), (other, _) in ((calling, mine, server), (accepting, server, mine)):
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()
                other.write(out.read())

    if verified is None:
        shake()
        assert calling.version() == "TLSv1.3"
    else:
        with pytest.raises(ssl.SSLCertVerificationError, match=verified):
            shake()


def test_a_delivery_that_does_not_come_shows_the_log(postfix: Postfix) -> None:
    with pytest.raises(
        TimeoutError, match=r"0 instead of 1 deliveries of test-never@good\.test in 0\.05 s:\n(.|\n)*postfix/smtpd"
    ):
        postfix.delivered("test-never@good.test", timeout=0.05)


def test_a_daemon_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    daemon = Daemon(["/bin/sh", "-c", "echo a bad setting >&2; exit 3"], output=tmp_path / "output")
    with pytest.raises(DaemonError, match=r"ended with 3 at its start:\na bad setting"):
        daemon.wait_ready(lambda: False, tmp_path / "log")


def test_it_speaks_first(postfix: Postfix) -> None:
    with socket.create_connection(("127.0.0.1", postfix.ports.mx), 10) as raw:
        assert raw.recv(100).startswith(b"220 mx.good.test ESMTP")
