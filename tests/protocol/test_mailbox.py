"""Addresses as people write them: read, refused with a reason, written for the envelope."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import Mailbox, MailboxError, ascii_domain, parse_mailbox, parse_mailboxes

ATOM = st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-üñ", min_size=1, max_size=8)
LOCALS = st.one_of(
    st.lists(ATOM, min_size=1, max_size=3)
    .map(".".join)
    # An apostrophe is taken for a quotation mark, and this for an encoded word.
    .filter(lambda local: not local.startswith("'") and "=?" not in local),
    st.text(st.sampled_from('ab .,;:<>()[]@"\\'), min_size=1, max_size=6).map(
        lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    ),
)
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(lambda label: label[2:4] != "--")
DOMAINS = st.one_of(
    st.lists(LABEL, min_size=1, max_size=4).map(".".join),
    st.sampled_from(["[127.0.0.1]", "[IPv6:2001:db8::1]", "bücher.example", "例え.テスト", "_dmarc.example.org"]),
)
NAMES = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)


def written(name: str, address: str) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


@given(LOCALS, DOMAINS)
def test_an_address_is_read_as_it_was_written(local: str, domain: str) -> None:
    box = parse_mailbox(f"{local}@{domain}")
    assert (box.name, box.local, box.domain) == ("", local, domain)
    assert box.address == f"{local}@{domain}"


@given(NAMES, LOCALS, DOMAINS)
def test_a_name_with_an_address_round_trips(name: str, local: str, domain: str) -> None:
    assert parse_mailbox(written(name, f"{local}@{domain}")) == Mailbox(name, local, domain)


@given(st.lists(st.tuples(NAMES, LOCALS, DOMAINS), max_size=4), st.sampled_from([",", ", ", " , ", ",,"]))
def test_a_list_round_trips(boxes: list[tuple[str, str, str]], between: str) -> None:
    text = between.join(written(name, f"{local}@{domain}") for name, local, domain in boxes)
    assert parse_mailboxes(text) == tuple(Mailbox(*box) for box in boxes)


@given(LOCALS, DOMAINS)
def test_the_wire_form_is_one_ascii_line_unless_the_local_part_is_not(local: str, domain: str) -> None:
    wire = parse_mailbox(f"{local}@{domain}").wire()
    assert wire.startswith(f"{local}@")
    assert wire.removeprefix(f"{local}@").isascii()
    assert not set(wire) & set("\r\n\0")


def wires(text: str) -> list[str]:
    """The wire forms of all that is read; nothing where it is refused."""
    with suppress(MailboxError):
        return [box.wire() for box in parse_mailboxes(text)]
    return []


@given(st.text(max_size=40))
def test_whatever_is_given_is_read_or_refused_in_a_sentence(text: str) -> None:
    for wire in wires(text):
        assert wire
        assert not any(ord(char) < 32 for char in wire)


@given(st.text(st.sampled_from('ab@.,<>()"\\[] -é\u3002\u200d\u00df'), max_size=30))
def test_punctuation_in_any_order_is_read_or_refused(text: str) -> None:
    for wire in wires(text):
        assert not set(wire) & set("\r\n\0")


def test_domains_travel_as_a_labels() -> None:
    box = parse_mailbox("Jörg <joerg@Bücher.example>")
    assert box.name == "Jörg"
    assert not box.needs_smtputf8
    assert box.wire() == "joerg@xn--bcher-kva.example"
    assert box.wire(smtputf8=True) == "joerg@xn--bcher-kva.example"


def test_a_local_part_that_is_not_ascii_needs_smtputf8() -> None:
    box = parse_mailbox("jörg@bücher.example")
    assert box.needs_smtputf8
    assert box.wire(smtputf8=True) == "jörg@bücher.example"


def test_postmaster_stands_alone() -> None:
    assert parse_mailbox("Postmaster").wire() == "Postmaster"
    with pytest.raises(MailboxError, match="no “@”"):
        parse_mailbox("root")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is no address"),
        ("a@b.test, c@d.test", "there are 2 addresses, and one is wanted"),
        ("@b.test", "nothing before"),
        ("a@", "there is no domain after “@”"),
        ("a b@c.test", "a blank before “@”; delete it, or write “a <b@c.test>”"),
        ("a..b@c.test", "two dots in a row before “@”"),
        (".a@c.test", "a dot at the start"),
        ("a@b..test", "two dots in a row in the domain"),
        ("a@-b.test", "begins or ends with “-”"),
        ("a@b.test\r\nRCPT TO:<x@y.test>", "separate addresses with commas"),
        ("a@b.test\u2028c@d.test", "separate addresses with commas"),
        ("a@b.test\x00", "character 9 is a NUL"),
        ("a\udcff@b.test", "character 2 is a byte that is not UTF-8 .0xFF."),
        ("Name <a@b.test", "not closed"),
        ("a@b.test>", "“>” is not opened by “<”"),
        ('"open@b.test', "quotation mark"),
        ("x" * 65 + "@b.test", "64 octets"),
        ("ü" * 33 + "@b.test", "64 octets"),
        ("a@" + ".".join(["x" * 60] * 5), "255"),
        ("a@" + "x" * 64 + ".test", "longer than 63 characters"),
        ("a@[not an ip", "“.” is not closed by “.”"),
    ],
)
def test_what_is_refused_and_why(text: str, why: str) -> None:
    with pytest.raises(MailboxError, match=why):
        parse_mailbox(text)


def test_a_domain_that_is_no_idn_is_told() -> None:
    with pytest.raises(MailboxError, match="internationalized"):
        ascii_domain("a\u0640\u0300.example")
