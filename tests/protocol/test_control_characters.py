"""Text from a server reaches nobody's terminal as control, and its octets are never lost."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import decode, encode, visible, visible_lines

BIDIRECTIONAL = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ANY = st.text(st.characters(), max_size=60)
NASTY = st.text(
    st.one_of(
        st.sampled_from(sorted(BIDIRECTIONAL | set("\x00\x07\x08\x1b\x7f\x85\x9b\u2028\u2029\ufeff\u200b\u00ad"))),
        st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]),
    ),
    max_size=20,
)


def assert_harmless(text: str) -> None:
    for char in text:
        assert unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"}, repr(char)
        assert char not in BIDIRECTIONAL
    assert len(text.splitlines()) <= 1
    text.encode("utf-8")


@given(st.one_of(ANY, NASTY))
def test_visible_text_is_harmless(text: str) -> None:
    assert_harmless(visible(text))


@given(st.binary(max_size=100))
def test_visible_octets_are_harmless(data: bytes) -> None:
    assert_harmless(visible(decode(data)))
    for line in visible_lines(decode(data)):
        assert_harmless(line)


@given(st.binary(max_size=200))
def test_octets_survive_as_text(data: bytes) -> None:
    assert encode(decode(data)) == data


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_what_is_written_out() -> None:
    assert visible("\x1b[31mred\x07\t\r\n\x00") == "\\x1b[31mred\\x07\\t\\r\\n\\x00"
    assert visible("a\u202etxt.exe\U000e0041\u2028") == "a\\u202etxt.exe\\U000e0041\\u2028"
    assert visible(decode(b"Gr\xfc\xdfe")) == "Gr\\xfc\\xdfe"
    assert visible("Grüße, 你好 🎉") == "Grüße, 你好 🎉"


def test_invisible_letters_and_formats_are_written_out() -> None:
    for char in "\u115f\u1160\u180e\u3164\uffa0\U0001d173\u034f":
        assert visible(f"a{char}b") not in (f"a{char}b", "ab")


def test_lines() -> None:
    assert visible_lines("one\r\ntwo") == ["one", "two"]
    assert visible_lines("one\r\n") == ["one"]
    assert visible_lines("bare\nnext\r\n") == ["bare\\n", "next"]
    assert visible_lines("ends bare\n") == ["ends bare\\n"]
    assert visible_lines("a\rb\r\r\n") == ["a\\rb\\r"]
    assert visible_lines("") == [""]
