"""MAIL and RCPT as they are worded for what a server offers, or a refusal before MAIL."""

from collections.abc import Callable

import pytest

from smtptui.protocol import Body, Capabilities, Envelope, FailureKind, Notify, Recipient, Reply, Ret, Stage
from smtptui.session.envelope_commands import EnvelopeCommands, Terms, prepare, spoken, word
from smtptui.transcript.outcome import SessionError
from tests.servers.certificates import Certificates
from tests.servers.oracle import Oracle
from tests.session.sending import MESSAGE, send, to

ASCII = b"Subject: a\r\n\r\nb\r\n"
EIGHT_BIT = "Subject: a\r\n\r\nü\r\n".encode()
EVERYTHING = "SIZE 1000", "8BITMIME", "SMTPUTF8", "DSN"


def worded(envelope: Envelope, *offers: str, content: bytes = ASCII, utf8_headers: bool = False) -> EnvelopeCommands:
    lines = ("mx.test", *offers)
    raw = "".join(f"250{' ' if line == lines[-1] else '-'}{line}\r\n" for line in lines).encode()
    capabilities = Capabilities.from_reply(Reply(250, raw, len(raw)))
    return word(prepare(envelope, content, utf8_headers=utf8_headers), Terms.of(capabilities))


def refused(envelope: Envelope, *offers: str, content: bytes = ASCII, utf8_headers: bool = False) -> SessionError:
    with pytest.raises(SessionError) as caught:
        worded(envelope, *offers, content=content, utf8_headers=utf8_headers)
    assert str(caught.value).endswith(".")
    return caught.value


def test_nothing_is_said_that_was_not_offered() -> None:
    commands = worded(Envelope.of("a@good.test", "b@good.test", "c@good.test"))
    assert commands.mail == "MAIL FROM:<a@good.test>"
    assert commands.rcpt == ("RCPT TO:<b@good.test>", "RCPT TO:<c@good.test>")


def test_what_is_not_needed_is_not_said_though_it_is_offered() -> None:
    commands = worded(Envelope.of("a@good.test", "b@good.test"), *EVERYTHING)
    assert commands.mail == f"MAIL FROM:<a@good.test> SIZE={len(ASCII)}"
    assert commands.rcpt == ("RCPT TO:<b@good.test>",)


@pytest.mark.parametrize(
    ("sender", "path"),
    [
        ("", ""),
        ("postmaster", "postmaster"),
        ("Alice <alice@good.test>", "alice@good.test"),
        ('"quoted local"@good.test', '"quoted local"@good.test'),
        ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
        ("a@Bücher.test", "a@xn--bcher-kva.test"),
    ],
)
def test_paths(sender: str, path: str) -> None:
    assert worded(Envelope.of(sender, "b@good.test")).mail == f"MAIL FROM:<{path}>"
    if sender:
        assert worded(Envelope.of("", sender)).rcpt == (f"RCPT TO:<{path}>",)


def test_eight_bit_content_is_declared() -> None:
    envelope = Envelope.of("a@good.test", "b@good.test")
    assert worded(envelope, "8BITMIME", content=EIGHT_BIT).mail == "MAIL FROM:<a@good.test> BODY=8BITMIME"
    error = refused(envelope, "SIZE", content=EIGHT_BIT)
    assert (error.failure.kind, error.failure.stage) == (FailureKind.UNSUPPORTED, Stage.MAIL)
    assert "8BITMIME" in str(error)


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [("josé@good.test", "b@bücher.test"), ("a@good.test", "josé@bücher.test"), ("", "josé@bücher.test")],
)
def test_a_local_part_that_is_no_ascii_needs_smtputf8(sender: str, recipient: str) -> None:
    envelope = Envelope.of(sender, recipient)
    commands = worded(envelope, "SMTPUTF8", "8BITMIME")
    assert commands.mail == f"MAIL FROM:<{sender}> SMTPUTF8"
    local = recipient.partition("@")[0]
    # The domain of an ASCII local part can stay as it was looked up.
    assert commands.rcpt == (f"RCPT TO:<{local}@{'bücher.test' if local == 'josé' else 'xn--bcher-kva.test'}>",)
    error = refused(envelope, "8BITMIME")
    assert error.failure.kind is FailureKind.UNSUPPORTED
    assert "SMTPUTF8" in str(error)


def test_headers_that_are_no_ascii_need_smtputf8_and_8bitmime() -> None:
    envelope = Envelope.of("a@good.test", "b@good.test")
    commands = worded(envelope, "SMTPUTF8", "8BITMIME", content=EIGHT_BIT, utf8_headers=True)
    assert commands.mail == "MAIL FROM:<a@good.test> BODY=8BITMIME SMTPUTF8"
    assert "SMTPUTF8" in str(refused(envelope, "8BITMIME", content=EIGHT_BIT, utf8_headers=True))


@pytest.mark.parametrize(
    ("size", "fits"), [("SIZE 17", True), ("SIZE 16", False), ("SIZE 0", True), ("SIZE", True), ("SIZE much", True)]
)
def test_the_size_is_compared_before_anything_is_said(size: str, fits: bool) -> None:
    envelope = Envelope.of("a@good.test", "b@good.test")
    if fits:
        assert worded(envelope, size).mail == "MAIL FROM:<a@good.test> SIZE=17"
        return
    error = refused(envelope, size)
    assert error.failure.kind is FailureKind.TOO_LARGE
    assert "17 octets" in str(error)
    assert "16" in str(error)


def test_delivery_status_parameters() -> None:
    him = Recipient("b@good.test", (Notify.FAILURE, Notify.DELAY), "rfc822;o=ne+x@good.test")
    never = Recipient("c@good.test", (Notify.NEVER,))
    envelope = Envelope("a@good.test", (him, never, Recipient("d@good.test")), Ret.FULL, "id 1")
    commands = worded(envelope, "DSN")
    assert commands.mail == "MAIL FROM:<a@good.test> RET=FULL ENVID=id+201"
    assert commands.rcpt == (
        "RCPT TO:<b@good.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;o+3Dne+2Bx@good.test",
        "RCPT TO:<c@good.test> NOTIFY=NEVER",
        "RCPT TO:<d@good.test>",
    )
    error = refused(envelope, "SIZE")
    assert error.failure.kind is FailureKind.UNSUPPORTED
    assert "DSN, and RET and ENVID and NOTIFY and ORCPT" in str(error)


@pytest.mark.parametrize(
    ("orcpt", "said"),
    [
        ("plain@good.test", "rfc822;plain@good.test"),
        ("x400;C=de;O=a", "x400;C+3Dde;O+3Da"),
        ("rfc822;josé+x@good.test", "utf-8;jos\\x{E9}\\x{2B}x@good.test"),
    ],
)
def test_an_original_recipient_has_its_type(orcpt: str, said: str) -> None:
    envelope = Envelope("", (Recipient("b@good.test", orcpt=orcpt),))
    assert worded(envelope, "DSN").rcpt == (f"RCPT TO:<b@good.test> ORCPT={said}",)


@pytest.mark.parametrize("envid", ["", "ünique", "two\r\nlines", "x" * 101, "=" * 34])
def test_an_envelope_id_that_cannot_be_sent(envid: str) -> None:
    error = refused(Envelope("", (Recipient("b@good.test"),), envid=envid), "DSN")
    assert (error.failure.kind, error.failure.stage) == (FailureKind.INPUT, Stage.MAIL)
    assert "ENVID" in str(error)


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("no at sign", "b@good.test"),
        ("a@good.test", "<b@good.test"),
        ("a@good.test", "b@good.test\r\nRCPT TO:<c@good.test>"),
        ("a@good.test> SIZE=1", "b@good.test"),
        ("a@-.test", "b@good.test"),
        ("a@good.test", "b@bad domain.test"),
        ("a@good.test", ""),
    ],
)
def test_an_address_that_cannot_be_said_is_refused(sender: str, recipient: str) -> None:
    error = refused(Envelope.of(sender, recipient), *EVERYTHING)
    assert error.failure.kind is FailureKind.INPUT


@pytest.mark.parametrize(
    "content", [b"", b"no end", b"a\nb\r\n", b"a\rb\r\n", b"a\x00b\r\n", b"\n", b"a\r\r\n", b"a\r\n\n"]
)
def test_a_message_that_no_server_may_be_sent(content: bytes) -> None:
    error = refused(Envelope.of("a@good.test", "b@good.test"), content=content)
    assert (error.failure.kind, error.failure.stage) == (FailureKind.INPUT, Stage.BODY)


def test_nobody_to_send_to() -> None:
    assert refused(Envelope("a@good.test", ())).failure.stage is Stage.RCPT


# In a session


@pytest.mark.parametrize(
    ("features", "content", "sender", "words"),
    [
        (("SIZE 10",), MESSAGE, "a@good.test", "SIZE"),
        (("DSN",), EIGHT_BIT, "a@good.test", "8BITMIME"),
        (("8BITMIME",), MESSAGE, "josé@good.test", "SMTPUTF8"),
    ],
)
async def test_what_is_needed_and_not_offered_ends_before_mail(
    oracle: Callable[..., Oracle],
    certificates: Certificates,
    features: tuple[str, ...],
    content: bytes,
    sender: str,
    words: str,
) -> None:
    async with oracle(features=features) as server:
        sent = await send(to(certificates, server.port), sender=sender, content=content)
    assert sent.commands == ["EHLO [127.0.0.1]", "QUIT"]
    assert words in sent.sentence
    assert server.violations == []


async def test_helo_offers_nothing_whatever_it_says(oracle: Callable[..., Oracle], certificates: Certificates) -> None:
    replies = {"EHLO": b"502 5.5.1 What?\r\n", "HELO": b"250-mx.old.test\r\n250-SIZE 10\r\n250 DSN\r\n"}
    async with oracle(replies=replies, features=()) as server:
        sent = await send(to(certificates, server.port))
    assert sent.outcome.ok, sent.text
    assert sent.commands[:3] == ["EHLO [127.0.0.1]", "HELO [127.0.0.1]", "MAIL FROM:<sender@good.test>"]
    assert server.violations == []


def test_the_type_of_an_original_recipient_is_no_place_for_commands() -> None:
    envelope = Envelope("a@good.test", (Recipient("b@good.test", orcpt="rfc822\r\nRCPT TO:<evil@good.test>;x"),))
    with pytest.raises(SessionError, match="ORCPT"):
        prepare(envelope, b"x\r\n")


@pytest.mark.parametrize(
    ("body", "offers", "mail"),
    [
        (Body.EIGHT_BIT, ("8BITMIME",), "MAIL FROM:<a@good.test> BODY=8BITMIME"),
        (Body.SEVEN_BIT, ("8BITMIME",), "MAIL FROM:<a@good.test> BODY=7BIT"),
        (Body.SEVEN_BIT, (), "MAIL FROM:<a@good.test>"),
        (None, ("8BITMIME",), "MAIL FROM:<a@good.test>"),
    ],
)
def test_a_body_is_declared_as_it_is_asked_for(body: Body | None, offers: tuple[str, ...], mail: str) -> None:
    envelope = Envelope("a@good.test", (Recipient("b@good.test"),), body=body)
    assert worded(envelope, *offers).mail == mail


def test_what_was_asked_for_and_is_not_offered_is_refused_with_the_way_out() -> None:
    eight = Envelope("a@good.test", (Recipient("b@good.test"),), body=Body.EIGHT_BIT)
    assert "it was asked for. Set the body encoding to auto" in str(refused(eight))
    utf8 = Envelope("a@good.test", (Recipient("b@good.test"),), smtputf8=True)
    assert worded(utf8, "SMTPUTF8").mail == "MAIL FROM:<a@good.test> SMTPUTF8"
    assert "Set SMTPUTF8 to auto" in str(refused(utf8, "8BITMIME"))


def test_eight_bit_octets_are_not_declared_seven_bit() -> None:
    envelope = Envelope("a@good.test", (Recipient("b@good.test"),), body=Body.SEVEN_BIT)
    error = refused(envelope, *EVERYTHING, content=EIGHT_BIT)
    assert error.failure.kind is FailureKind.INPUT
    assert "BODY=7BIT" in str(error)


def test_what_will_be_said_is_known_beforehand() -> None:
    envelope = Envelope("é@good.test", (Recipient("b@good.test", (Notify.NEVER,)),), Ret.HDRS, "id 1")
    commands = spoken(envelope, utf8_headers=True)
    assert commands.mail == "MAIL FROM:<é@good.test> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+201"
    assert commands.rcpt == ("RCPT TO:<b@good.test> NOTIFY=NEVER",)
    assert spoken(Envelope.of("", "b@good.test")).mail == "MAIL FROM:<>"
    with pytest.raises(SessionError, match="ENVID"):
        spoken(Envelope("a@good.test", (), envid="é"))
