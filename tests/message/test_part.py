"""Tests of body parts: texts and files arrive as they were given, over a path of seven bits."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.message import Attachment, Encoding, MessageError, check_file, wire_size
from tests.message.making import assert_wire, make, octets_of, parsed, text_of

texts = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.sampled_from(["\n", "\r\n", "\r", ".", "\n.\n", " \n", "\t\n", "=", "=\n", "From x", "x" * 1100, "ü" * 600]),
    ),
    max_size=10,
).map("".join)


def canonical(text: str) -> str:
    """Line ends as CRLF, the last line ended."""
    text = re.sub(r"\r\n|\r|\n", "\r\n", text)
    return text if not text or text.endswith("\r\n") else text + "\r\n"


@given(texts, st.booleans())
@example("", False)
@example("trailing blank \n.\n..\n", False)
@example("é" * 999, True)
def test_a_text_arrives_whole(text: str, rich: bool) -> None:
    message = make(text=text, html="<p>rich</p>" if rich and text else None)
    assert_wire(message)
    assert message.content.isascii()
    found = parsed(message)
    part = found.get_body(("plain",)) if rich and text else found
    assert octets_of(part).decode("utf-8") == canonical(text)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain\n", "7bit"),
        ("x" * 998, "7bit"),
        ("x" * 999, "quoted-printable"),
        ("a few ümläute\n" * 9, "quoted-printable"),
        ("日本語\n" * 9, "base64"),
        ("nul \0", "quoted-printable"),
    ],
)
def test_the_transfer_encoding_suits_the_text(text: str, encoding: str) -> None:
    found = parsed(make(text=text))
    assert found["Content-Transfer-Encoding"] == encoding
    assert found["Content-Type"] == 'text/plain; charset="utf-8"'


def test_a_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(MessageError, match="Text: line 2 has a byte that is no UTF-8"):
        make(text="one\ncaf\udce9")
    with pytest.raises(MessageError, match="HTML: line 1"):
        make(html="<p>\udcff")


file_names = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), min_size=1),
        st.sampled_from(['"', "\\", "'", ";", "%41", "*0*", "=?utf-8?q?x?=", " ", "é", "ü" * 80, "long " * 30, ".pdf"]),
    ),
    min_size=1,
    max_size=5,
).map("".join)


@given(file_names, st.binary(max_size=200), st.booleans())
@example('odd; name="x".pdf', b"", False)
@example(" ", b"\r\n.\r\n", False)
def test_a_file_and_its_name_arrive_octet_for_octet(name: str, content: bytes, inline: bool) -> None:
    file = Attachment(name, content, "image/png", "image@example.org" if inline else None)
    message = make(html="<p>x</p>", inline=(file,)) if inline else make(html="<p>x</p>", attachments=(file,))
    assert_wire(message)
    found = [part for part in parsed(message).walk() if part.get_content_type() == "image/png"]
    assert [part["Content-Disposition"].params["filename"] for part in found] == [name]
    assert octets_of(found[0]) == content
    assert found[0].get_content_disposition() == ("inline" if inline else "attachment")
    assert found[0]["Content-ID"] == ("<image@example.org>" if inline else None)


@pytest.mark.parametrize("name", ["", "a\r\nb", "a\0b", "caf\udce9.txt"])
def test_a_file_name_that_cannot_be_written_is_refused(name: str) -> None:
    with pytest.raises(MessageError, match=r"^Attachment"):
        make(attachments=(Attachment(name, b""),))


@pytest.mark.parametrize(
    "media_type", ["", "png", "image/", "image/png\r\nX: y", "image/png; a", "multipart/mixed", "text/plain; é=1"]
)
def test_a_media_type_that_is_none_is_refused(media_type: str) -> None:
    with pytest.raises(MessageError, match=r"^Attachment 'x\.bin': "):
        make(attachments=(Attachment("x.bin", b"", media_type),))


def test_the_parameters_of_a_media_type_are_kept() -> None:
    message = make(attachments=(Attachment("x.csv", b"a;b", 'text/csv; header=present; note="a; b"'),))
    part = next(parsed(message).iter_attachments())
    assert part["Content-Type"].params == {"header": "present", "note": "a; b"}


def test_a_text_file_in_utf8_says_so() -> None:
    files = (Attachment("a.txt", "é".encode(), "text/plain"), Attachment("b.txt", b"\xe9", "text/plain"))
    first, second = parsed(make(attachments=files)).iter_attachments()
    assert first.get_content_charset() == "utf-8"
    assert second.get_content_charset() is None


def test_a_message_within_a_message_has_no_transfer_encoding() -> None:
    inner = make(subject="inner", text="first", html="<p>first</p>").content
    message = make(
        text="see below", attachments=(Attachment("a.eml", inner.replace(b"\r\n", b"\n"), "message/rfc822"),)
    )
    assert_wire(message)
    part = next(parsed(message).iter_attachments())
    found = part.get_content()
    assert part["Content-Transfer-Encoding"] == "7bit"
    assert found["Subject"] == "inner"
    assert inner in message.content, "its own boundaries are left alone"
    assert octets_of(found.get_body(("plain",))) == b"first\r\n"
    assert message.notes == ()


@pytest.mark.parametrize("content", [b"Subject: \xc3\xa9\r\n\r\n", b"Subject: x\r\n\r\n" + b"x" * 999, b"a\rb"])
def test_a_message_that_seven_bits_cannot_carry_becomes_a_plain_file(content: bytes) -> None:
    message = make(attachments=(Attachment("a.eml", content, "message/rfc822"),))
    assert_wire(message)
    part = next(parsed(message).iter_attachments())
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_payload(decode=True) == content
    assert any("application/octet-stream" in note for note in message.notes)


def test_a_text_that_holds_the_boundary_does_not_end_its_part() -> None:
    text = "".join(f"--=_{number}_token{token}\n" for number in range(1, 4) for token in range(1, 6))
    message = make(text=text, html="<p>x</p>", attachments=(Attachment("x", b"x"),))
    assert text_of(message) == text
    assert [part.get_content_type() for part in parsed(message).walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/octet-stream",
    ]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)


@given(TEXTS, st.none() | TEXTS.map(lambda text: f"<p>{text}"))
def test_with_eight_bits_a_text_travels_as_it_is(text: str, html: str | None) -> None:
    message = make(text=text, html=html, encoding=Encoding.EIGHT_BIT)
    assert_wire(message)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if lines and not lines.endswith("\n"):
        lines += "\n"
    if html is None or text:
        assert text_of(message) == lines
    if not text.isascii() and "\0" not in text and len(text) < 200 and html is None:
        assert text.splitlines()[-1].encode() in message.content


def test_what_holds_eight_bit_parts_says_so() -> None:
    message = make(text="é\n", html="<p>é</p>\n", encoding=Encoding.EIGHT_BIT)
    found = parsed(message)
    assert found["Content-Transfer-Encoding"] == "8bit"
    assert [part["Content-Transfer-Encoding"] for part in found.iter_parts()] == ["8bit", "8bit"]
    assert "é".encode() in message.content
    assert message.eight_bit


def test_lines_that_are_too_long_are_encoded_even_with_eight_bits() -> None:
    message = make(text="é" * 600, encoding=Encoding.EIGHT_BIT)
    assert_wire(message)
    assert not message.eight_bit


def test_seven_bits_and_addresses_in_utf8_exclude_each_other() -> None:
    assert make(text="é", encoding=Encoding.SEVEN_BIT).content.isascii()
    with pytest.raises(MessageError, match="7bit"):
        make(to=("josé@example.org",), smtputf8=True, encoding=Encoding.SEVEN_BIT)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 56, 57, 58, 1000, 4096])
def test_the_size_on_the_wire_is_known_before_the_file_is_read(size: int) -> None:
    content = make(attachments=(Attachment("a.bin", b"\xff" * size),)).content
    tail = content.rpartition(b'filename="a.bin"\r\n\r\n')[2]
    encoded = tail[: tail.rindex(b"\r\n--=_")]
    assert wire_size(size) == len(encoded) + (2 if size else 0)


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("a.png", "image/png", ""),
        ("", "image/png", "needs a name"),
        ("a.png", "png", "no media type"),
        ("a", "multipart/x", "cannot be"),
        ("a\n", "image/png", "line break"),
    ],
)
def test_a_files_name_and_type_are_checked_without_the_file(name: str, kind: str, says: str) -> None:
    fault = check_file(name, kind)
    assert says in fault
    assert bool(fault) == bool(says)
