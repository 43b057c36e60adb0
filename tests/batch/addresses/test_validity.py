"""Addresses get email-validator's verdict, fast; equal ones have equal keys."""

import email_validator
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtptui.batch.addresses import Address, Addresses
from smtptui.protocol import parse_mailbox


def read(text: str) -> Address | str:
    return Addresses().read(text)


def verdict(text: str) -> tuple[str, str] | None:
    """What email-validator says itself, with the lengths of RFC 5321."""
    try:
        found = email_validator.validate_email(
            text, allow_quoted_local=True, allow_display_name=True, check_deliverability=False, strict=True
        )
    except email_validator.EmailNotValidError:
        return None
    return found.local_part, found.ascii_domain


CHARS = "abcXYZ019.-_+'!\"@<> ()[]\\,;:=?xn"
ADDRESSISH = st.one_of(
    st.text(alphabet=CHARS, max_size=30),
    st.tuples(
        st.text(alphabet="aB1.-_+'!#{}~é\"", min_size=1, max_size=12),
        st.text(alphabet="aB1.-xn_ü", min_size=1, max_size=14),
        st.sampled_from([".org", ".test", ".local", ".invalid", ".1", ".x1", "", ".xn--p1ai", "."]),
    ).map(lambda parts: f"{parts[0]}@{parts[1]}{parts[2]}"),
    st.emails(),
)


@given(ADDRESSISH)
@example("a@b--c.org")
@example("a@bb--c.org")
@example("a" * 64 + "@b.org")
@example("a" * 65 + "@b.org")
@example("a@" + "b" * 63 + ".org")
@example("a@" + "b" * 64 + ".org")
@example("a@" + ".".join(["b" * 60] * 4) + ".org")
@example("a" * 10 + "@" + ".".join(["b" * 60] * 3) + "." + "c" * 57 + ".org")
@example("a" * 13 + "@" + ".".join(["b" * 60] * 3) + "." + "c" * 52 + ".org")
@example("a@b.c1")
@example("a@1.a")
@settings(max_examples=400, deadline=None)
def test_the_fast_way_and_the_validator_agree(text: str) -> None:
    if text != text.strip() or text.lower().startswith(("mailto:", "<mailto:")) or "localhost" in text.lower():
        return
    found, wanted = read(text), verdict(text)
    if isinstance(found, Address):
        # What is around an address is more than the validator reads; of the address itself it is the judge.
        same = verdict(found.text)
        assert same is not None
        assert (found.local.lower(), found.domain.name) == (same[0].lower(), same[1].lower())
        assert wanted is None or wanted[1].lower() == same[1].lower()
    elif wanted is not None:
        assert any(why in found for why in ("64 octets", "apostrophe", "encoded word", "“", "several addresses"))


@given(ADDRESSISH)
@settings(max_examples=200, deadline=None)
def test_what_is_valid_can_be_written_into_an_envelope(text: str) -> None:
    found = read(text)
    if isinstance(found, Address):
        assert parse_mailbox(found.text).wire() == found.text
        assert read(found.text) == found
        assert found.key == found.key.lower()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" ada@example.org\n", "ada@example.org"),
        ("\u00a0ada@example.org\u200b", "ada@example.org"),
        ("Ada Lovelace <ada@Example.ORG>", "ada@example.org"),
        ('"Lovelace, Ada" <ada@example.org>', "ada@example.org"),
        ("<ada@example.org>", "ada@example.org"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("'ada@example.org'", "ada@example.org"),
        ("ada@example.org.", "ada@example.org"),
        ("Façade <ada@example.org>", "ada@example.org"),
        ("Ada [mailto:ada@example.org]", "ada@example.org"),
        ("\u202aada@example.org\u202c", "ada@example.org"),
        ("ada@example.org;", "ada@example.org"),
        ("ada@müller.example", "ada@xn--mller-kva.example"),
        ("ädä@müller.example", "ädä@xn--mller-kva.example"),
        ('"a b"@example.org', '"a b"@example.org'),
        ('"ab"@example.org', "ab@example.org"),
        ("a@host.test", "a@host.test"),
        ("a@host.local", "a@host.local"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_addresses_as_lists_have_them_are_read(text: str, address: str) -> None:
    found = read(text)
    assert isinstance(found, Address), found
    assert found.text == address


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no address"),
        ("  ", "no address"),
        ("ada", "no “@”"),
        ("ada@", "no domain after “@”"),
        ("@example.org", "nothing before “@”"),
        ("ada@example", "period"),
        ("ada@example..org", "two dots"),
        ("a..b@example.org", "two dots"),
        ("a\u200bda@example.org", "character 2 is a zero-width space (U+200B); delete it"),
        ("ada@exam\u00a0ple.org", "character 9 is a no-break space (U+00A0); delete it"),
        ("ada\uff20example.org", "type “@” instead"),
        ("Lovelace, Ada <ada@example.org>", "put the name in quotes"),
        ("'ada@example.org", "apostrophe"),
        ('"A\x07" <ada@example.org>', "a control character; delete it"),
        ("ada@[192.0.2.1]", "bracketed IP address"),
        ("ada@host.invalid", "special-use"),
        ("a@b.org; c@d.org", "several addresses"),
        ("a@b.org,c@d.org", "several addresses"),
        ("a@b.org ::: c@d.org", "several addresses"),
        ("a@b.org c@d.org", "several addresses"),
        ("a@b.org\nc@d.org", "several addresses"),
        ("Ada <a@b.org> <c@d.org>", "several addresses"),
        ("a@b@c.org", "2 “@”"),
        ("a@b.org\nBcc: c", "line feed"),
        ("é" * 33 + "@example.org", "64 octets"),
        ("x" * 5000, "too long"),
    ],
)
def test_what_is_no_address_says_why(text: str, reason: str) -> None:
    found = read(text)
    assert isinstance(found, str)
    assert reason in found
    assert "\n" not in found


def test_case_and_spelling_of_the_domain_make_no_other_key() -> None:
    keys = {read(text).key for text in ("Ada@MÜLLER.example", "ada@xn--MLLER-kva.example")}  # type: ignore[union-attr]
    assert keys == {"ada@xn--mller-kva.example"}
