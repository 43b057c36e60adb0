"""A message as text for people, however broken it is."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.message import (
    Attachment,
    PartFacts,
    attachments_of,
    body_text,
    header,
    headers_text,
    letter_text,
    others_text,
    parts_of,
    raw_text,
)
from smtptui.protocol import visible
from tests.message.making import make


def composed() -> bytes:
    """A message with text, HTML and an attachment, as mail programs send it."""
    message = EmailMessage()
    message["From"] = "Jürgen <j@x.test>"
    message["Subject"] = "Grüße"
    message.set_content("Füße\nund mehr\n")
    message.add_alternative("<p>Füße</p>", subtype="html")
    message.add_attachment(b"\x00" * 1500, maintype="application", subtype="pdf", filename="Übung.pdf")
    return message.as_bytes().replace(b"\n", b"\r\n")


def test_an_ordinary_message() -> None:
    message = composed()
    assert (header(message, "Subject"), header(message, "From")) == ("Grüße", "Jürgen <j@x.test>")
    assert "Subject: Grüße" in headers_text(message).splitlines()
    assert [(part.name, part.type) for part in parts_of(message)] == [
        ("", "text/plain"),
        ("", "text/html"),
        ("Übung.pdf", "application/pdf"),
    ]
    assert parts_of(message)[2] == PartFacts("Übung.pdf", "application/pdf", 1500)
    text = body_text(message).splitlines()
    assert text[:2] == ["Füße", "und mehr"]
    assert text[2].startswith("[text/html, ")
    assert text[3] == "[application/pdf “Übung.pdf”, 1,500 octets]"


def test_html_alone_is_rendered_and_named() -> None:
    message = b"Content-Type: text/html\r\n\r\n<p>hi</p><ul><li>you</ul>\r\n"
    assert body_text(message).splitlines() == ["[text/html, 27 octets]", "hi", "", "- you"]


def test_html_is_shown_beside_plain_text_only_when_it_is_preferred() -> None:
    message = composed()
    assert body_text(message).splitlines()[0] == "Füße"
    text = body_text(message, prefer_html=True).splitlines()
    assert text[0].startswith("[text/html, ")
    assert text[1] == "Füße"
    assert text[2].startswith("[text/plain, ")


def test_endless_html_is_cut_and_says_so() -> None:
    message = b"Content-Type: text/html\r\n\r\n" + b"<b>x" * 300_000
    assert body_text(message).splitlines()[-1] == "[the rest of the HTML is not shown]"


def test_no_text_at_all() -> None:
    message = b'Content-Type: image/png; name="a.png"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n'
    assert body_text(message) == "[image/png “a.png”, 3 octets]"
    assert body_text(b"") == ""


def test_a_forwarded_message_is_one_part() -> None:
    inner = b"Subject: inner\r\n\r\nhello\r\n"
    message = b"Content-Type: message/rfc822\r\n\r\n" + inner
    assert [part.type for part in parts_of(message)] == ["message/rfc822"]
    assert header(message, "Subject") == ""


@pytest.mark.parametrize(
    ("field", "shown"),
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
def test_subjects_are_decoded_and_harmless(field: bytes, shown: str) -> None:
    assert header(field + b"\r\n\r\n", "Subject") == shown


@pytest.mark.parametrize("charset", [b"utf-8", b"klingon", b"zlib", b"utf-16", b'"', b""])
def test_any_charset_gives_text(charset: bytes) -> None:
    message = b"Content-Type: text/plain; charset=" + charset + b"\r\n\r\n\x1b[2Jabc\xff\r\n"
    assert body_text(message)
    assert all(visible(line) == line for line in body_text(message).split("\n"))


def test_the_raw_text_shows_every_octet() -> None:
    message = b"A: b\r\n\r\nbare\nesc\x1b \xff\r\nno end"
    assert raw_text(message) == "A: b\n\nbare\\n\nesc\\x1b \\xff\nno end"
    assert raw_text(b"a\r\nb\r\n") == "a\nb"


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
def test_no_message_breaks_a_reader(content: bytes) -> None:
    message = content
    shown = [
        header(message, "Subject"),
        header(message, "From"),
        headers_text(message),
        body_text(message),
        raw_text(message),
    ]
    shown += [part.name + part.type for part in parts_of(message)]
    for text in shown:
        assert "\x1b" not in text
        assert "\x07" not in text
        text.encode()


def test_parts_within_parts_without_end() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(1050)
    )
    message = b"Subject: deep\r\n" + nested
    assert header(message, "Subject") == "deep"
    assert len(parts_of(message)) <= 1


def test_a_letter_has_the_headers_that_mail_programs_show_and_its_files_by_name() -> None:
    lines = letter_text(composed()).splitlines()
    assert lines == ["From: Jürgen <j@x.test>", "Subject: Grüße", "", "Füße", "und mehr"]
    assert letter_text(composed(), prefer_html=True).splitlines()[-1] == "Füße"
    assert [(part.name, part.size) for part in attachments_of(composed())] == [("Übung.pdf", 1500)]


def test_what_a_letter_has_besides_its_text_is_named_with_type_and_size() -> None:
    message = make(
        text="Hello",
        html="<p>Hello <img src='cid:logo.png'>",
        attachments=(Attachment("Rechnung.pdf", b"%PDF", "application/pdf"),),
        inline=(Attachment("logo.png", b"png", "image/png"),),
    )
    also, shown, attached = others_text(message.content)
    assert also.startswith("Also: an HTML version (text/html, ")
    assert shown == "Shown in the HTML: logo.png (image/png, 3 octets)"
    assert attached == "Attachment: Rechnung.pdf (application/pdf, 4 octets)"
    assert others_text(make(text="Hello").content) == []
