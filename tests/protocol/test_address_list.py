"""The one reader of addresses: whatever stands in a list is a mailbox or is named, and nothing is missing."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.protocol import read_addresses
from smtptui.protocol.address_list import FaultKind


def read(text: str) -> list[str]:
    """Addresses, and what cannot be read after an exclamation mark."""
    entries = read_addresses(text).entries
    return [entry.mailbox.address if entry.mailbox is not None else f"!{entry.text}" for entry in entries]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.org; b@y.org", "a@x.org b@y.org"),
        ("a@x.org;b@y.org;", "a@x.org b@y.org"),
        (" , a@x.org, ; ", "a@x.org"),
        ("'a@x.org'", "a@x.org"),
        ("<'a@x.org'>, 'a@x.org' <a@x.org>", "a@x.org a@x.org"),
        ("“a@x.org”, ‘b@x.org’, „c@x.org“, «d@x.org», `e@x.org`", "a@x.org b@x.org c@x.org d@x.org e@x.org"),
        ('"a@x.org"', "a@x.org"),
        ("mailto:a@x.org", "a@x.org"),
        ("MAILTO:a%40x.org?subject=Hi%20there", "a@x.org"),
        ("<mailto:a@x.org>, Ann [mailto:b@x.org], [c@x.org]", "a@x.org b@x.org c@x.org"),
        ("a@x.org <mailto:a@x.org>", "a@x.org"),
        ("a@x.org.", "a@x.org"),
        ("<<a@x.org>>", "a@x.org"),
        ("<@r.org,@s.org:a@x.org>", "a@x.org"),
        ("a@x.org (Ann), (Bob) b@x.org, c(x)@(y (z))x.org", "a@x.org b@x.org c@x.org"),
        ("a @ x . org, b. c@x.org", "a@x.org b.c@x.org"),
        ('"a".b@x.org', "a.b@x.org"),
        ("Façade <a@x.org>, Dr. B. Smith <b@x.org>, [EXT] C <c@x.org>", "a@x.org b@x.org c@x.org"),
        ("Doe, Jane <j@x.org>; Roe, Richard <r@x.org>", "j@x.org r@x.org"),
        ("'Doe, Jane' <j@x.org>, “Roe, R” <r@x.org>", "j@x.org r@x.org"),
        ("=?utf-8?q?Doe,_Jane?= <j@x.org>", "j@x.org"),
        ("Friends: a@x.org, B <b@x.org>;, c@x.org", "a@x.org b@x.org c@x.org"),
        ("Friends: a@x.org, b@x.org", "a@x.org b@x.org"),
        ("undisclosed-recipients:;", ""),
        ("To: a@x.org", "a@x.org"),
        ("a@[192.0.2.1], b@[IPv6:2001:db8::1]", "a@[192.0.2.1] b@[IPv6:2001:db8::1]"),
        ("Postmaster, root@localhost", "Postmaster root@localhost"),
        ("a@x.org\t\n", "a@x.org"),
        ("o'brien@x.org", "o'brien@x.org"),
    ],
)
def test_what_is_meant_without_doubt_is_read(text: str, found: str) -> None:
    assert read(text) == found.split()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("https://x.org/a@x.org", "this is a web address, not an email address"),
        ("http://x.org", "this is a web address, not an email address"),
        ("Doe, Jane <j@x.org>", 'put the name in quotes: "Doe, Jane" <j@x.org>'),
        ("a@x.org b@y.org", "separate addresses with commas"),
        ("Ann <a@x.org> Bob <b@x.org>", "separate them with commas"),
        ("a@x.org <b@x.org>", "separate addresses with a comma"),
        ("<a@x.org> b@x.org", "separate addresses with commas"),
        ("a@x.org/b@y.org", "separate addresses with commas"),
        ('"a@x.org, b@x.org"', "the quotation marks enclose several addresses"),
        ("mailto:a@x.org?cc=b@x.org", "write each address by itself"),
        ("ann@example,org", "write ann@example.org"),
        ("ann(at)example.org", "write “@” instead of “(at)”"),
        ("ann at example.org", "write “@” instead of “at”"),
        ("ann%40example.org", "write “@” instead of “%40”"),
        ("ann@@x.org", "two “@” in a row"),
        ("ann@x.org:25", "a domain has no port"),
        ("ann smith@x.org", "write “ann <smith@x.org>”"),
        ("'ann@x.org, bob@x.org'", "an apostrophe at the start"),
        ("/O=EX/OU=A/CN=RECIPIENTS/CN=ANN", "an Exchange directory name"),
        ("{{email}}", "a placeholder that was never filled in"),
        ("<<Email>>", "a placeholder that was never filled in"),
        ("=?utf-8?b?YW5uQHgub3Jn?=", "write it plainly: ann@x.org"),
        ("=?utf-8?q?ann?=@x.org", "an encoded word (RFC 2047)"),
        ("Ann <>", "no address between “<” and “>”"),
        ("(a@x.org)", "the address is within a comment"),
        ("a@x.org, Bcc: b@x.org", "“Bcc:” begins another field"),
        ("Friends:", "there is no “@”"),
        ("a@x.org..", "two dots in a row"),
        ("a@x.org\nb@x.org", "separate addresses with commas"),
    ],
)
def test_what_is_not_read_says_what_is_wrong_and_what_is_meant(text: str, says: str) -> None:
    assert any(says in str(fault) for fault in read_addresses(text).faults), read_addresses(text).faults


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a@x.org, "Ann <b@x.org>, c@x.org', ["a@x.org", '!"Ann <b@x.org>, c@x.org']),
        ("a@x.org, (Ann b@x.org, c@x.org", ["a@x.org", "!(Ann b@x.org, c@x.org"]),
        ("a@x.org, Ann <b@x.org, c@x.org", ["a@x.org", "!Ann <b@x.org", "c@x.org"]),
        ("Ann <b@x.org Bob <c@x.org>", ["!Ann <b@x.org Bob <c@x.org>"]),
        ('<"a@x.org>, b@x.org', ['!<"a@x.org>, b@x.org']),
    ],
)
def test_what_is_not_closed_is_a_fault_of_its_own_kind(text: str, found: list[str]) -> None:
    assert read(text) == found
    assert [fault.kind for fault in read_addresses(text).faults] == [FaultKind.UNCLOSED]


GOOD_ONES = [
    "n{}@x.org",
    "<n{}@x.org>",
    "Name <n{}@x.org>",
    '"Doe, J; (x) <y@z>" <n{}@x.org>',
    "=?utf-8?q?Doe,_J?= <n{}@x.org>",
    "n{}@x.org (a comment, with; signs <q@r.s>)",
    "'n{}@x.org'",
    "mailto:n{}@x.org",
    "Group: n{}@x.org, <n{}b@x.org>;",
    '"n{} , ;"@x.org',
    "n{}@[192.0.2.1]",
    "<@a.org,@b.org:n{}@x.org>",
]
GOOD = st.sampled_from(GOOD_ONES)
BROKEN = st.sampled_from(
    [
        "n{}@",
        "n{}..b@x.org",
        "n{} n{}@x.org",
        "n{}@x..org",
        "<n{}@x.org> junk",
        "</O=n{}/CN=X>",
        "n{}\u200b@x.org",
        "=?utf-8?q?n{}=40x.org?=",
        "n{}@x.org>",
        "Name <n{}@x.org",
        "n{}word",
        "(n{}@x.org)",
        "n{}@a@x.org",
    ]
)
UNCLOSED = st.sampled_from(['"n{}@x.org', "(n{}@x.org", 'Name <"n{}@x.org>'])
BETWEEN = st.sampled_from([",", ", ", " , ", ",,", ",\r\n\t", ", (between),  "])


@given(
    st.lists(st.one_of(GOOD, BROKEN), max_size=6),
    BETWEEN,
    st.one_of(st.just(""), UNCLOSED),
    st.booleans(),
)
@example(["n{}@", "Name <n{}@x.org>"], ", ", "", False)
def test_each_piece_of_a_list_is_accounted_for(pieces: list[str], between: str, last: str, folded: bool) -> None:
    written = [piece.replace("{}", str(number)) for number, piece in enumerate([*pieces, *([last] if last else [])])]
    text = between.join(written)
    if folded:
        text = f"\r\n {text}\r\n"
    found = read_addresses(re.sub(r"[\r\n\t]+", " ", text))
    for number, piece in enumerate([*pieces, *([last] if last else [])]):
        mark = re.compile(rf"n{number}(?!\d)")
        mine = [entry for entry in found.entries if mark.search(entry.text)]
        assert mine, (piece, found)
    read_here = [box for box in found.mailboxes if re.fullmatch(r'"?n\d+b?(?: , ;")?', box.local)]
    assert len(read_here) == len(found.mailboxes)
    wanted = sum(piece.count("{}") for piece in pieces if piece in GOOD_ONES)
    assert len(found.mailboxes) == wanted


@given(st.text(st.sampled_from("ab@.,;:<>()[]\"'\\=? \t\u200b\uff20é"), max_size=40))
def test_no_at_sign_goes_missing(text: str) -> None:
    entries = read_addresses(text).entries
    assert sum(entry.text.count("@") for entry in entries) == text.count("@") or "(" in text
    assert all(entry.mailbox is None or not entry.what for entry in entries)
    for entry in entries:
        assert entry.mailbox is not None or entry.what
        if entry.mailbox is not None:
            assert not set(entry.mailbox.wire()) & set("\r\n\0\u200b\uff20")


@pytest.mark.parametrize(
    "piece", ["a:", "<", "<@,", "(", ")", '"', "[", "=?a?q?x", "'a ", "a@", "a,", "\\", "@:", "<a,"]
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    # A reader that looks back for each piece would take minutes here, and the test's own time limit ends it.
    found = read_addresses(piece * 10_000)
    assert sum(entry.text.count("@") for entry in found.entries) == (piece * 10_000).count("@")
