"""Characters that an address must not have: named with their place, and left out at the ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import MailboxError, odd_character, parse_mailbox, read_addresses, read_user, trimmed

UNSEEN = [
    *map(chr, range(0x200B, 0x2010)),
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2065)),
    *map(chr, range(0x2066, 0x206A)),
    *"\u00a0\u00ad\u034f\u061c\u1680\u180e\u2000\u2009\u202f\u205f\u2028\u2029\u3000\u3164\ufe00\ufe0f\ufeff",
    *"\U000e0001\U000e0041\U000e007f\U000e0100",
]
CONTROLS = [*map(chr, (*range(0x09), *range(0x0E, 0x20), 0x7F, *range(0x86, 0xA0)))]


@pytest.mark.parametrize("char", [*UNSEEN, *CONTROLS], ids=lambda char: f"U+{ord(char):04X}")
def test_within_an_address_it_is_refused_by_name_and_place(char: str) -> None:
    for text, place in ((f"ann{char}a@x.example", 4), (f"ann@x{char}y.example", 6), (f"Ann <a{char}b@x.example>", 2)):
        (fault,) = read_addresses(text).faults
        assert f"character {place} is a" in fault.what
        remedy = "separate addresses with commas" if char in "\u2028\u2029\x0b\x0c" else "delete it"
        assert f"(U+{ord(char):04X}); {remedy}" in fault.what
        # It cannot be seen, so what is shown is written out.
        assert char not in str(fault)


@pytest.mark.parametrize("char", UNSEEN, ids=lambda char: f"U+{ord(char):04X}")
def test_at_the_ends_it_is_left_out(char: str) -> None:
    for text in (
        f"{char}ann@x.example{char}",
        f"b@x.example, {char} ann@x.example{char}",
        f"<{char}ann@x.example{char}>",
    ):
        found = read_addresses(text)
        assert not found.faults
        assert found.mailboxes[-1].address == "ann@x.example"
    assert trimmed(f"{char} ann@x.example {char}\n") == "ann@x.example"
    assert read_user(f"{char}ann@x.example{char}") == "ann@x.example"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ann\u200b@x.example", "character 4 is a zero-width space (U+200B); delete it"),
        ("ann\uff20x.example", "character 4 is a fullwidth commercial at (U+FF20); type “@” instead"),
        ("ann@x\uff0eexample", "character 6 is a fullwidth full stop (U+FF0E); type “.” instead"),
        ("ann@x\u3002example", "character 6 is an ideographic full stop (U+3002); type “.” instead"),
        ("ann@x\uff61example", "type “.” instead"),
        ("\uff41nn@x.example", "character 1 is a fullwidth Latin small letter a (U+FF41); type “a” instead"),
        ("o\u2019brien@x.example", "character 2 is a right single quotation mark (U+2019); type “'” instead"),
        ("ann\u2013b@x.example", "character 4 is an en dash (U+2013); type “-” instead"),
        ("\u0430nn@x.example", "character 1 is a Cyrillic small letter a (U+0430); type “a” instead"),
        ("ann@ex\u0430mple.org", "character 7 is a Cyrillic small letter a (U+0430); type “a” instead"),
        ("ann\udce9@x.example", "character 4 is a byte that is not UTF-8 (0xE9)"),
        ("ann\ue000@x.example", "character 4 is a character without a meaning (U+E000)"),
    ],
)
def test_what_looks_like_ascii_is_named_with_what_is_meant(text: str, says: str) -> None:
    with pytest.raises(MailboxError) as caught:
        parse_mailbox(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["иван@x.example", "ann@почта.рф", "сосо@x.example", "ελλη@x.example", "jörg@bücher.example", "例え@例え.テスト"],
)
def test_other_scripts_are_no_fault(text: str) -> None:
    assert parse_mailbox(text).address == text


def test_what_is_composed_and_what_is_not_are_one_mailbox() -> None:
    assert parse_mailbox("jo\u0308rg@x.example") == parse_mailbox("j\u00f6rg@x.example")


def test_names_may_have_what_addresses_may_not() -> None:
    box = parse_mailbox("Ann\u00a0\u200d\U0001f469\ufe0f <ann@x.example>")
    assert box.address == "ann@x.example"


def test_a_user_name_is_looked_at_like_an_address() -> None:
    assert read_user("Ändi Müller") == "Ändi Müller"
    assert read_user("o\u2019neil") == "o\u2019neil"
    assert read_user("b c ") == "b c "
    for name in ("ann\u200b", "an\u200bn", "ann\uff20x.example", "an\u2019n@x.example"):
        with pytest.raises(ValueError, match=r"character \d is a"):
            read_user(name)


@given(st.text(max_size=12))
def test_what_is_left_has_nothing_to_leave_out(text: str) -> None:
    once = trimmed(text)
    assert trimmed(once) == once
    assert once in text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.text(max_size=8))
def test_no_address_that_is_read_has_such_a_character(local: str, domain: str) -> None:
    for box in read_addresses(f"{local}@{domain}").mailboxes:
        assert odd_character(box.address) is None
