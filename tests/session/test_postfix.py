"""Whole sessions with a real Postfix: what it stored, what it logged, and what it refused."""

import asyncio
import random

import pytest

from smtptui.protocol import Body, EventKind, FailureKind, Notify, Recipient, Ret, Stage, TlsMode
from smtptui.transcript import Verdict
from tests.servers.certificates import Certificates
from tests.servers.dovecot import PASSWORDS
from tests.servers.loops import BOTH_LOOPS
from tests.servers.postfix import REFUSED_SENDER, SIZE_LIMIT, Delivered, Postfix
from tests.session.sending import Sent, password, send, to

HEAD = b"From: sender@good.test\r\nSubject: a test\r\n\r\n"


async def stored(postfix: Postfix, sent: Sent) -> Delivered:
    """The message as Postfix delivered it."""
    queue_id = sent.outcome.queue_id
    assert queue_id is not None, sent.text
    return await asyncio.to_thread(postfix.delivered, queue_id)


@BOTH_LOOPS
@pytest.mark.parametrize(
    ("way", "mode"),
    [
        ("mx", TlsMode.NONE),
        ("mx", TlsMode.OPPORTUNISTIC),
        ("mx", TlsMode.STARTTLS),
        ("clear", TlsMode.OPPORTUNISTIC),
        ("submission", TlsMode.STARTTLS),
        ("smtps", TlsMode.IMPLICIT),
    ],
)
async def test_what_is_stored_is_what_was_sent(
    postfix: Postfix, certificates: Certificates, way: str, mode: TlsMode
) -> None:
    content = HEAD + b".\r\n..\r\n. dot\r\n\r\nGr\xc3\xbc\xc3\x9fe \xff\xfe\r\n" + b"x" * 990 + b"\r\n \t\r\n\r\n\r\n"
    connection = to(certificates, getattr(postfix.ports, way), mode)
    sent = await send(connection, f"test-{way}-{mode}@good.test", content=content)
    assert sent.outcome.ok, sent.text
    assert (await stored(postfix, sent)).sent == content
    secured = mode is not TlsMode.NONE and way != "clear"
    assert (sent.outcome.tls is not None) is secured
    queue_id = sent.outcome.queue_id
    assert sent.sentence == (
        f"Accepted by 127.0.0.1:{connection.port} for test-{way}-{mode}@good.test, queued as {queue_id}."
    )
    assert f"{queue_id}: client=" in postfix.log


@BOTH_LOOPS
async def test_a_big_message_arrives_whole(postfix: Postfix, certificates: Certificates) -> None:
    rng = random.Random(500)
    lines = [b"." * (n % 3) + rng.randbytes(60).hex().encode() for n in range(4000)]
    content = HEAD + b"\r\n".join(lines) + b"\r\n"
    assert 480_000 < len(content) < 520_000
    sent = await send(to(certificates, postfix.ports.mx, TlsMode.STARTTLS), content=content)
    assert sent.outcome.ok, sent.text
    assert (await stored(postfix, sent)).sent == content
    [body] = [event for event in sent.transcript if event.kind is EventKind.BODY]
    assert body.size == len(content) + sum(line.startswith(b".") for line in lines)
    assert len(body.text) < 3000


async def test_the_envelope_is_what_was_asked_for(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.mx), "test-null@good.test", sender="")
    message = await stored(postfix, sent)
    assert (message.sender, message.recipient) == ("", "test-null@good.test")
    assert "MAIL FROM:<> SIZE=" in sent.text


async def test_one_of_three_is_refused_and_the_others_get_it(postfix: Postfix, certificates: Certificates) -> None:
    them = ("test-first@good.test", "nobody@good.test", "test-last@good.test")
    sent = await send(to(certificates, postfix.ports.mx), *them)
    assert sent.verdicts == [Verdict.ACCEPTED, Verdict.REFUSED, Verdict.ACCEPTED]
    first, refused, last = sent.outcome.recipients
    assert refused.stage is Stage.RCPT
    assert refused.reply is not None
    assert refused.reply.code == 550
    assert str(refused.reply.enhanced) == "5.1.1"
    for each in (first, last):
        assert each.stage is Stage.DOT
        assert each.reply is not None
        assert "queued as" in each.reply.text
    delivered = await asyncio.to_thread(postfix.deliveries, sent.outcome.queue_id or "", 2)
    assert {message.recipient for message in delivered} == {them[0], them[2]}
    assert not sent.outcome.ok
    assert sent.kind is FailureKind.REFUSED
    assert sent.sentence.startswith(
        f"Accepted by 127.0.0.1:{postfix.ports.mx} for 2 recipients, queued as {sent.outcome.queue_id}. "
        "1 of 3 recipients not accepted: <nobody@good.test> 550 5.1.1 "
    )


async def test_nobody_accepted_means_no_data_and_a_reset(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.mx), "nobody@good.test", "someone@elsewhere.test")
    assert sent.verdicts == [Verdict.REFUSED, Verdict.REFUSED]
    assert sent.outcome.queue_id is None
    assert sent.commands[-2:] == ["RSET", "QUIT"]
    assert "DATA" not in sent.commands
    assert "Relay access denied" in sent.sentence


@pytest.mark.parametrize("address", ["greylisted@good.test", "later@good.test", "full@good.test"])
async def test_a_temporary_refusal_is_one(postfix: Postfix, certificates: Certificates, address: str) -> None:
    sent = await send(to(certificates, postfix.ports.mx), address)
    assert sent.verdicts == [Verdict.DEFERRED]
    assert sent.kind is FailureKind.DEFERRED
    assert sent.stage is Stage.RCPT
    assert sent.sentence.startswith(f"The recipient was not accepted: <{address}> 45")
    assert sent.sentence.endswith("Try again later.")


async def test_one_temporary_and_one_permanent_leaves_something_to_try_again(
    postfix: Postfix, certificates: Certificates
) -> None:
    sent = await send(to(certificates, postfix.ports.mx), "greylisted@good.test", "blocked@good.test")
    assert sent.verdicts == [Verdict.DEFERRED, Verdict.REFUSED]
    assert sent.kind is FailureKind.DEFERRED


async def test_a_refused_sender(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.mx), sender=REFUSED_SENDER)
    assert sent.kind is FailureKind.REFUSED
    assert "550 5.7.1" in sent.sentence


async def test_too_large_by_what_the_server_announced(postfix: Postfix, certificates: Certificates) -> None:
    content = HEAD + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * (SIZE_LIMIT // 78)
    assert len(content) > SIZE_LIMIT
    sent = await send(to(certificates, postfix.ports.mx), content=content)
    assert sent.kind is FailureKind.TOO_LARGE
    assert sent.commands == ["EHLO [127.0.0.1]", "QUIT"]
    assert str(len(content)) in sent.sentence
    assert str(SIZE_LIMIT) in sent.sentence


async def test_too_large_by_what_the_server_did_not_announce(postfix: Postfix, certificates: Certificates) -> None:
    # Postfix also counts what it puts in front, so that this is below its SIZE and above its limit.
    line = b"y" * 76 + b"\r\n"
    content = HEAD + line * ((SIZE_LIMIT - len(HEAD)) // len(line))
    assert SIZE_LIMIT - 80 < len(content) <= SIZE_LIMIT
    sent = await send(to(certificates, postfix.ports.mx), content=content)
    assert sent.stage is Stage.DOT
    assert sent.kind is FailureKind.TOO_LARGE
    assert sent.verdicts == [Verdict.REFUSED]
    assert "smaller" in sent.sentence


async def test_delivery_status_options_are_accepted(postfix: Postfix, certificates: Certificates) -> None:
    him = Recipient("test-dsn@good.test", (Notify.SUCCESS, Notify.DELAY), "rfc822;orig+tag=x@good.test")
    sent = await send(
        to(certificates, postfix.ports.mx),
        him,
        Recipient("test-never@good.test", (Notify.NEVER,), "utf-8;josé@good.test"),
        sender="test-dsn-sender@good.test",
        ret=Ret.HDRS,
        envid="id with spaces+=",
    )
    assert sent.outcome.ok, sent.text
    assert "RET=HDRS ENVID=id+20with+20spaces+2B+3D" in sent.text
    assert "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;orig+2Btag+3Dx@good.test" in sent.text
    assert "NOTIFY=NEVER ORCPT=utf-8;jos\\x{E9}@good.test" in sent.text
    notice = (await asyncio.to_thread(postfix.delivered, "test-dsn-sender@good.test")).sent
    assert b"Original-Envelope-Id: id with spaces+=" in notice
    assert b"Original-Recipient: rfc822;orig+tag=x@good.test" in notice
    assert notice.count(b"Action: ") == 1


@pytest.mark.parametrize(
    ("body", "declared"), [(Body.EIGHT_BIT, "BODY=8BITMIME"), (Body.SEVEN_BIT, "BODY=7BIT"), (None, "")]
)
async def test_a_body_is_declared_and_stored_as_it_was_sent(
    postfix: Postfix, certificates: Certificates, body: Body | None, declared: str
) -> None:
    content = HEAD + ("Grüße\r\n".encode() if body is Body.EIGHT_BIT else b"7 bits\r\n")
    sent = await send(to(certificates, postfix.ports.mx), content=content, body=body, smtputf8=body is None)
    assert sent.outcome.ok, sent.text
    said = next(line for line in sent.commands if line.startswith("MAIL"))
    assert declared in said
    assert ("BODY" in said) is bool(declared)
    assert ("SMTPUTF8" in said) is (body is None)
    assert (await stored(postfix, sent)).sent == content


async def test_an_internationalised_address_goes_with_smtputf8(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.mx), "josé@bücher.test")
    assert sent.outcome.ok, sent.text
    assert "SMTPUTF8" in sent.text
    assert "RCPT TO:<josé@bücher.test>" in sent.text
    assert (await stored(postfix, sent)).recipient == "josé@bücher.test"


async def test_an_internationalised_domain_alone_goes_as_a_labels(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.mx), "alice@Bücher.test")
    assert sent.outcome.ok, sent.text
    assert "RCPT TO:<alice@xn--bcher-kva.test>" in sent.text
    assert "SMTPUTF8" not in " ".join(sent.commands)
    assert (await stored(postfix, sent)).recipient.lower() == "alice@xn--bcher-kva.test"


async def test_login_is_demanded_before_relaying(postfix: Postfix, certificates: Certificates) -> None:
    connection = to(certificates, postfix.ports.submission, TlsMode.STARTTLS)
    refused = await send(connection, "someone@elsewhere.test")
    assert refused.verdicts == [Verdict.REFUSED]
    assert "554 5.7.1" in refused.sentence
    credentials = password("alice", PASSWORDS["alice"])
    taken = await send(connection, "someone@elsewhere.test", credentials=credentials)
    assert taken.outcome.ok, taken.text
    assert (await stored(postfix, taken)).recipient == "someone@elsewhere.test"


async def test_tls_is_demanded_before_mail(postfix: Postfix, certificates: Certificates) -> None:
    sent = await send(to(certificates, postfix.ports.submission))
    assert sent.stage is Stage.MAIL
    assert sent.kind is FailureKind.TLS
    assert "530 5.7.0 Must issue a STARTTLS command first. Use TLS" in sent.sentence
