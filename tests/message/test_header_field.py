"""Tests of single header fields: whatever the value, it arrives as it was given, or is refused."""

import re
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.message import MessageError
from smtptui.protocol import Mailbox
from tests.message.making import assert_wire, header_names, make, parsed

FORBIDDEN = [*map(chr, range(0x09)), *map(chr, range(0x0A, 0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"]

allowed_characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=["\u2028", "\u2029"])
pieces = st.one_of(
    st.text(allowed_characters, max_size=12),
    st.sampled_from(
        [
            " ",
            "  ",
            "\t",
            " \t ",
            " " * 200,
            "=?utf-8?q?a_b?=",
            "=?utf-8?b?YQ==?=",
            "=?",
            "?=",
            "_",
            '"',
            "\\",
            ",",
            ";",
            ":",
            "<a@b>",
            "(c",
            "é",
            "日本語",
            "👩‍👩‍👧",
            "e\u0301",
            "word" * 30,
            "x" * 1500,
            "ü" * 500,
        ]
    ),
)
values = st.lists(pieces, max_size=12).map("".join)


@given(values)
@example("")
@example(" ")
@example(" leading and trailing ")
@example("é é  é\té")
@example("plain =?utf-8?q?looks_encoded?= plain")
@example("a" * 5000)
@example("a " * 2000 + "é")
def test_free_text_round_trips(value: str) -> None:
    message = make(subject=value, headers=(("X-Note", value),))
    assert_wire(message)
    found = parsed(message)
    assert str(found["X-Note"]) == value
    assert str(found["Subject"] or "") == value
    assert message.content.isascii()


@given(values)
@example(" \u00e9 ")
def test_free_text_round_trips_raw(value: str) -> None:
    message = make(sender="jörg@example.org", headers=(("X-Note", value),), smtputf8=True)
    assert_wire(message)
    assert str(parsed(message)["X-Note"]) == value
    assert message.utf8_headers


@given(st.text(allowed_characters, max_size=10), st.sampled_from(FORBIDDEN), st.text(allowed_characters, max_size=10))
def test_control_characters_are_refused_everywhere(before: str, bad: str, after: str) -> None:
    # At the ends of an address they are left out.
    value = f"x{before}{bad}{after}x"
    fields: list[tuple[str, dict[str, Any]]] = [
        ("Subject", {"subject": value}),
        ("X-Note", {"headers": (("X-Note", value),)}),
        ("From", {"sender": f"{value} <a@example.org>"}),
        ("To", {"to": (f"{value} <a@example.org>",)}),
        ("Bcc", {"bcc": (f"{value} <a@example.org>",)}),
        ("Message-ID", {"message_id": f"<{value}@example.org>"}),
        ("List-Unsubscribe", {"headers": (("List-Unsubscribe", value),)}),
    ]
    for name, field in fields:
        with pytest.raises(MessageError) as caught:
            make(**field)
        assert str(caught.value).startswith(f"{name}: "), "the sentence names the field"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("a\r\nBcc: b@example.org", "line break at character 2"),
        ("a\nb", "line break"),
        ("a\x00", r"control character \x00 at character 2"),
        ("caf\udce9", "character 4 is a byte that is no UTF-8"),
    ],
)
def test_the_refusal_says_what_and_where(value: str, says: str) -> None:
    with pytest.raises(MessageError, match=re.escape(says)):
        make(subject=value)


names = st.lists(pieces.filter(lambda text: "\t" not in text), max_size=4).map("".join)


@given(st.lists(names, min_size=1, max_size=4), st.booleans())
@example(["Doe, John", 'the "Boss"', "back\\slash", "Jörg, (Mr.)"], False)
@example(["  blanks  "], False)
@example(["=?utf-8?q?Boss?="], False)
def test_display_names_round_trip(display_names: list[str], raw: bool) -> None:
    local = "jörg" if raw else "joerg"
    boxes = [Mailbox(name, f"{local}{index}", "example.org") for index, name in enumerate(display_names)]
    quoted = tuple(
        '"{}" <{}>'.format(re.sub(r'(["\\])', r"\\\1", box.name), box.address) if box.name else box.address
        for box in boxes
    )
    message = make(to=quoted, cc=(", ".join(quoted),), smtputf8=raw)
    assert_wire(message)
    assert message.recipients == tuple(box.address for box in boxes)
    for field in ("To", "Cc"):
        assert read_addresses(message.content, field) == [(box.name, box.address) for box in boxes]


def read_addresses(content: bytes, field: str) -> list[tuple[str, str]]:
    """The field read after RFC 5322 and 2047 by the standard library's older parser.

    The newer one (``email.policy.default``) keeps the blanks between encoded words of a display name in
    Python before 3.13.2, against RFC 2047 section 6.2.
    """
    header = content.partition(b"\r\n\r\n")[0].decode()
    lines = re.search(rf"(?m)^{field}:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", header)
    assert lines is not None
    unfolded = lines[1].replace("\r\n", "")
    return [
        (str(make_header(decode_header(name))) if "=?" in name else name, address)
        for name, address in getaddresses([unfolded])
    ]


def test_a_name_with_a_comma_is_one_mailbox_to_the_newer_parser_too() -> None:
    message = make(to=('"Müller, Jörg" <j@example.org>', '"a\\"b" <k@example.org>'))
    found = parsed(message)["To"].addresses
    assert [(box.display_name, box.addr_spec) for box in found] == [
        ("Müller, Jörg", "j@example.org"),
        ('a"b', "k@example.org"),
    ]


def test_folding_keeps_lines_short_and_never_leaves_the_name_alone() -> None:
    message = make(
        subject="word " * 60 + "wörd " * 60,
        to=tuple(f"Recipient Number {number} <r{number}@example.org>" for number in range(30)),
    )
    header = message.content.partition(b"\r\n\r\n")[0]
    assert max(map(len, header.split(b"\r\n"))) <= 76
    assert not re.search(rb"(?m)^[!-~]+:[ \t]*\r$", header)


def test_encoded_words_are_cut_between_characters() -> None:
    header = make(subject="日本語" * 100).content.partition(b"\r\n\r\n")[0].decode()
    words = re.findall(r"=\?utf-8\?[bq]\?[^?]*\?=", header)
    assert len(words) > 5
    for word in words:
        assert len(word) <= 75
        assert set(str(make_header(decode_header(word)))) <= set("日本語")


@given(st.text(st.sampled_from("aé?日😀_-"), min_size=1, max_size=120))
def test_encoded_words_say_what_was_written_and_are_cut_only_where_they_are_full(text: str) -> None:
    header = make(subject=f"日{text}").content.partition(b"\r\n\r\n")[0].decode()
    words = re.findall(r"=\?utf-8\?[bq]\?[^?]*\?=", header)
    said = [str(make_header(decode_header(word))) for word in words]
    assert "".join(said) == f"日{text}"
    assert max(map(len, words)) <= 75
    for index in range(1, len(words) - 1):
        more = said[index + 1][0].encode()
        if "?q?" in words[index]:
            longer = len(words[index]) + sum(1 if octet in b"aA-" else 3 for octet in more)
        else:
            longer = len("=?utf-8?b??=") + -(-len(said[index].encode() + more) // 3) * 4
        assert longer > 74, "one more character has no place"


@pytest.mark.parametrize("name", ["", "X Y", "X:Y", "Ünicode", "X\r\nBcc", "X\t", "x" * 200])
def test_a_field_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(MessageError, match=r"header field has no name|Header .*name"):
        make(headers=((name, "value"),))


def test_identifiers_stay_as_they_are_and_ascii() -> None:
    link = "<https://example.org/unsubscribe?" + "x" * 300 + ">, <mailto:leave@example.org>"
    message = make(headers=(("List-Unsubscribe", link), ("References", "<a@example.org> <b@example.org>")))
    assert_wire(message)
    assert str(parsed(message)["List-Unsubscribe"]) == link
    assert parsed(message)["References"] == "<a@example.org> <b@example.org>"
    for value, says in (("<https://exämple.org/>", "only ASCII"), ("<=?utf-8?q?x?=>", "encoded word")):
        with pytest.raises(MessageError, match=f"List-Unsubscribe: .*{says}"):
            make(headers=(("List-Unsubscribe", value),))
    with pytest.raises(MessageError, match="longer than a line may be"):
        make(headers=(("List-Unsubscribe", "<https://example.org/" + "x" * 1000 + ">"),))


def test_a_local_part_that_reads_as_an_encoded_word_is_refused() -> None:
    with pytest.raises(MessageError, match="encoded word"):
        make(to=("=?utf-8?q?x=40evil.example=3E?=@example.org",))


@given(st.lists(st.tuples(st.from_regex(r"[Xx]-[A-Za-z0-9-]{1,20}", fullmatch=True), values), max_size=4))
def test_no_value_adds_or_hides_a_field(headers: list[tuple[str, str]]) -> None:
    plain = make(text="body")
    message = make(text="body", headers=tuple(headers))
    own = [name for name, _ in headers]
    expected = header_names(plain)
    at = expected.index("MIME-Version")
    assert header_names(message) == [*expected[:at], *own, *expected[at:]]
    assert message.content.partition(b"\r\n\r\n")[2] == b"body\r\n"
