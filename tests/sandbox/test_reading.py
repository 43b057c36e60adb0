"""A caught message as text for people, however broken it is."""

import dataclasses
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import visible
from smtptui.sandbox import Caught, Part, body_text, envelope_text, headers_text, parts, raw_text
from tests.sandbox.test_caught import caught


def holding(content: bytes) -> Caught:
    """A caught message with this content."""
    return caught(0, content)


def composed() -> Caught:
    """A message with text, HTML and an attachment, as mail programs send it."""
    message = EmailMessage()
    message["From"] = "Jürgen <j@x.test>"
    message["Subject"] = "Grüße"
    message.set_content("Füße\nund mehr\n")
    message.add_alternative("<p>Füße</p>", subtype="html")
    message.add_attachment(b"\x00" * 1500, maintype="application", subtype="pdf", filename="Übung.pdf")
    return holding(message.as_bytes().replace(b"\n", b"\r\n"))


def test_an_ordinary_message() -> None:
    message = composed()
    assert (message.subject, message.from_) == ("Grüße", "Jürgen <j@x.test>")
    assert "Subject: Grüße" in headers_text(message).splitlines()
    assert [(part.name, part.type) for part in parts(message)] == [
        ("", "text/plain"),
        ("", "text/html"),
        ("Übung.pdf", "application/pdf"),
    ]
    assert parts(message)[2] == Part("Übung.pdf", "application/pdf", 1500)
    text = body_text(message).splitlines()
    assert text[:2] == ["Füße", "und mehr"]
    assert text[2].startswith("[text/html, ")
    assert text[3] == "[application/pdf “Übung.pdf”, 1,500 octets]"


def test_html_alone_is_shown_and_named() -> None:
    message = holding(b"Content-Type: text/html\r\n\r\n<b>hi</b>\r\n")
    assert body_text(message).splitlines() == ["[text/html, 11 octets]", "<b>hi</b>"]


def test_no_text_at_all() -> None:
    message = holding(b'Content-Type: image/png; name="a.png"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n')
    assert body_text(message) == "[image/png “a.png”, 3 octets]"
    assert body_text(holding(b"")) == ""


def test_a_forwarded_message_is_one_part() -> None:
    inner = b"Subject: inner\r\n\r\nhello\r\n"
    message = holding(b"Content-Type: message/rfc822\r\n\r\n" + inner)
    assert [part.type for part in parts(message)] == ["message/rfc822"]
    assert message.subject == ""


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (b"Subject: plain", "plain"),
        (b"Subject: folded\r\n over\r\n\tlines", "folded over\\tlines"),
        (b"subject:\xc3\xa4\xff", "ä\\xff"),
        (b"Subject: =?utf-8?Q?a=C3=A4?= =?utf-8?B?w7Y=?= c", "aäö c"),
        (b"Subject: =?klingon?Q?x?=", "=?klingon?Q?x?="),
        (b"Subject: =?utf-8?B?!!!!?=", "=?utf-8?B?!!!!?="),
        (b"Subject: \x1b[31mred\x07 =?utf-8?Q?=1B[2J?=", "\\x1b[31mred\\x07 \\x1b[2J"),
        (b"X: y\r\n\r\nSubject: in the body", ""),
    ],
)
def test_subjects_are_decoded_and_harmless(header: bytes, shown: str) -> None:
    assert holding(header + b"\r\n\r\n").subject == shown


@pytest.mark.parametrize("charset", [b"utf-8", b"klingon", b"zlib", b"utf-16", b'"', b""])
def test_any_charset_gives_text(charset: bytes) -> None:
    message = holding(b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n\x1b[2Jabc\xff\r\n")
    assert body_text(message)
    assert all(visible(line) == line for line in body_text(message).split("\n"))


def test_the_raw_text_shows_every_octet() -> None:
    message = holding(b"A: b\r\n\r\nbare\nesc\x1b \xff\r\nno end")
    assert raw_text(message) == "A: b\n\nbare\\n\nesc\\x1b \\xff\nno end"
    assert raw_text(holding(b"a\r\nb\r\n")) == "a\nb"


def test_the_envelope_as_it_was_said() -> None:
    message = dataclasses.replace(
        caught(0),
        recipients=("b@y.test", "c@\x1b.test"),
        mail_parameters="RET=HDRS",
        rcpt_parameters=("NOTIFY=NEVER", ""),
    )
    assert envelope_text(message).splitlines() == [
        "MAIL FROM:<> RET=HDRS",
        "RCPT TO:<b@y.test> NOTIFY=NEVER",
        "RCPT TO:<c@\\x1b.test>",
    ]


MIME = st.lists(
    st.sampled_from(
        [
            b"Content-Type: multipart/mixed; boundary=b\r\n",
            b"Content-Type: text/plain; charset*=x'y'%ZZ; name*0*=a; name*9=b\r\n",
            b"Content-Disposition: attachment; filename*=utf-8''%FF%\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Transfer-Encoding: x-uuencode\r\n",
            b"Subject: =?utf-8?Q?=?=\r\n",
            b"\r\n",
            b"--b\r\n",
            b"--b--\r\n",
            b"begin 666 x\r\n",
            b"\xff\x00\x1b]0;x\x07",
        ]
    )
    | st.binary(max_size=20),
    max_size=20,
).map(b"".join)


@given(MIME)
def test_nothing_that_is_caught_breaks_a_reader(content: bytes) -> None:
    message = holding(content)
    shown = [message.subject, message.from_, headers_text(message), body_text(message), raw_text(message)]
    shown += [part.name + part.type for part in message.parts]
    for text in shown:
        assert "\x1b" not in text
        assert "\x07" not in text
        text.encode()


def test_parts_within_parts_without_end() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(1050)
    )
    message = holding(b"Subject: deep\r\n" + nested)
    assert message.subject == "deep"
    assert len(message.parts) <= 1
