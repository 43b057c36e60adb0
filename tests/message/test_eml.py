"""Tests of messages read from files."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.message import MessageError, load_eml

SIMPLE = b"From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Hi\r\n\r\nText\r\n.\r\n"


def test_a_finished_message_is_not_touched() -> None:
    message = load_eml(SIMPLE)
    assert message.content == SIMPLE
    assert message.sender == "ann@example.org"
    assert message.recipients == ("bob@example.net",)
    assert not message.eight_bit
    assert not message.utf8_headers
    assert message.notes == ()


def test_odd_but_lawful_octets_stay() -> None:
    data = b"SUBJECT:x  \r\nX-Odd :\ty\r\n \tz\r\nto: <a@b>\r\n\r\n\r\n\x01\xff tab\t \r\n\r\n"
    message = load_eml(data)
    assert message.content == data
    assert message.eight_bit
    assert not message.utf8_headers


@pytest.mark.parametrize(
    ("data", "content", "says"),
    [
        (b"A: b\n\nx\n", b"A: b\r\n\r\nx\r\n", "LF line ends became CRLF (3 lines)."),
        (b"A: b\r\n\r\nx\ny\r\n", b"A: b\r\n\r\nx\r\ny\r\n", "LF line ends became CRLF (1 line)."),
        (b"A: b\r\n\r\nx", b"A: b\r\n\r\nx\r\n", "no line end"),
        (b"\xef\xbb\xbfA: b\r\n\r\n", b"A: b\r\n\r\n", "byte order mark"),
        (b"From a@b Mon May  6 07:08:09 2024\r\nA: b\r\n\r\n", b"A: b\r\n\r\n", "mbox"),
        (b"A: b\r\n", b"A: b\r\n", "no empty line after the headers"),
        (b"A: b\r\nhello\r\n", b"A: b\r\nhello\r\n", "“hello” is no header field"),
    ],
)
def test_what_is_changed_or_odd_is_noted(data: bytes, content: bytes, says: str) -> None:
    message = load_eml(data)
    assert message.content == content
    assert any(says in note for note in message.notes)


@pytest.mark.parametrize(
    "field",
    [
        b"Bcc: secret@example.net\r\n",
        b"BCC:secret@example.net\r\n",
        b"Bcc : secret@example.net\r\n",
        b"bcc: one@example.net,\r\n\tsecret@example.net\r\n",
        b"Bcc:\r\n secret@example.net\r\n",
        b"Bcc: x@example.net,\r\n \r\n secret@example.net\r\n",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_bcc_is_removed_wherever_and_however_it_stands(field: bytes, place: int) -> None:
    around = [b"From: a@example.org\r\n", b"To: b@example.net,\r\n c@example.net\r\n"]
    header = b"".join([*around[:place], field, *around[place:]])
    message = load_eml(header + b"\r\nBcc: in the text stays\r\n")
    assert message.content == b"".join(around) + b"\r\nBcc: in the text stays\r\n"
    assert "secret@example.net" in message.recipients
    assert any("Bcc was removed" in note for note in message.notes)


def test_bcc_is_kept_on_request() -> None:
    data = b"From: a@example.org\r\nBcc: s@example.net\r\nResent-Bcc: t@example.net\r\n\r\n"
    kept = load_eml(data, keep_bcc=True)
    assert kept.content == data
    assert kept.notes == (
        "The message was resent, so it goes to those of the latest Resent-To, Resent-Cc and Resent-Bcc alone (RFC 5322 "
        "section 3.6.6); 1 other address of To, Cc, Bcc and earlier Resent- fields gets nothing. To send to them as "
        "well, name all recipients with --to.",
    )
    assert load_eml(data).content == b"From: a@example.org\r\n\r\n"


def test_bcc_after_a_line_that_is_no_field_is_removed_as_well() -> None:
    # Some readers go on with the headers there.
    message = load_eml(b"From: a@example.org\r\nbroken\r\nBcc: s@example.net\r\n\r\nx\r\n")
    assert b"s@example.net" not in message.content


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"A: b\r\n\r\none\r\ntwo\rthree\r\n", "Line 4 has a bare CR"),
        (b"A: b\r\n\r\nend\r", "Line 3 has a bare CR"),
        (b"A: b\r\r\n\r\n", "Line 1 has a bare CR"),
        (b"From x\nA: b\n\nx\0y\n", "Line 4 has a NUL"),
        (b"", "The file is empty"),
        (b" \r\n\r\n", "The file is empty"),
        (b"\xff\xfeA\0:\0", "UTF-16"),
        (b"\r\nA: b\r\n", "no header field before the first empty line"),
        (b"Bcc: a@example.org\r\n\r\ntext\r\n", "no header field before the first empty line"),
        (b"Dear all,\r\nhello\r\n", "“Dear all,”; a message begins with"),
        (b"From x\n\nhello\n", "no header field before the first empty line"),
        (b"\x1b[31mred\r\n\r\n", r"“\x1b[31mred”"),
        (
            b"From a@b Mon May  6 07:08:09 2024\nA: b\n\nx\n\nFrom a@b Mon May  6 07:08:10 2024\nA: c\n\n",
            "another message begins in line 6",
        ),
    ],
)
def test_what_is_no_message_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(MessageError, match=re.escape(says)):
        load_eml(data)


@pytest.mark.parametrize(
    ("header", "recipients"),
    [
        ("To: a@x.example, B <b@x.example>\r\nCc: c@x.example\r\nBcc: d@x.example", "a b c d"),
        ("Cc: c@x.example\r\nTo: a@x.example", "a c"),
        ("To: a@x.example\r\nTo: b@x.example, a@X.example", "a b"),
        ('To: "Doe, John (no)" <a@x.example>,\r\n\t"\\"q\\\\" <b@x.example>', "a b"),
        ("To: a@x.example (Ann (of x), y), (no one)\r\nCc: (\\)c) c@x.example", "a c"),
        ("To: friends: a@x.example, b@x.example;, c@x.example\r\nCc: undisclosed-recipients:;", "a b c"),
        ("To: =?utf-8?q?J=2C?= <a@x.example>", "a"),
        ("To:\r\nCc: ", ""),
    ],
)
def test_recipients_are_read(header: str, recipients: str) -> None:
    message = load_eml(f"From: z@x.example\r\n{header}\r\n\r\n".encode())
    assert [address.partition("@")[0] for address in message.recipients] == recipients.split()
    assert not [note for note in message.notes if "envelope" in note]


def test_an_address_literal_is_no_group() -> None:
    assert load_eml(b"To: a@[IPv6:::1], b@x.example\r\n\r\n").recipients == ("a@[IPv6:::1]", "b@x.example")


def test_what_cannot_be_read_is_named_with_its_field() -> None:
    message = load_eml(b"From: nobody\r\nTo: a@x.example, broken, \xff@x.example, b@x.example\r\n\r\n")
    assert message.recipients == ("a@x.example", "b@x.example")
    assert message.sender == ""
    assert [(each.field, each.text) for each in message.unreadable] == [("To", "broken"), ("To", "\udcff@x.example")]
    assert "0xFF" in str(message.unreadable[1])
    assert [(each.field, each.text) for each in message.unreadable_sender] == [("From", "nobody")]


@pytest.mark.parametrize(
    ("header", "readable", "unreadable"),
    [
        ("To: 'ann@x.example', bob@x.example", "ann bob", []),
        ("To: ann@x.example., bob@x.example", "ann bob", []),
        ("To: <<ann@x.example>>, <@r.example,@s.example:bob@x.example>", "ann bob", []),
        ("To: a..b@x.example, bob@x.example", "bob", ["To: a..b@x.example"]),
        ("Cc: ann@, bob@x.example", "bob", ["Cc: ann@"]),
        ("To: =?utf-8?q?ann=40x.example?=, bob@x.example", "bob", ["To: =?utf-8?q?ann=40x.example?="]),
        ('To: "Ann" </O=EX/OU=A (B)/CN=ANN>, bob@x.example', "bob", ['To: "Ann" </O=EX/OU=A (B)/CN=ANN>']),
        ("Bcc: a b@x.example, bob@x.example", "bob", ["Bcc: a b@x.example"]),
        ("To: Ann <ann@x.example, bob@x.example", "bob", ["To: Ann <ann@x.example"]),
        ('To: bob@x.example, "Ann <ann@x.example>,\r\n c@x.example', "bob", ['To: "Ann <ann@x.example>,  c@x.example']),
        ("To: bob@x.example, (Ann ann@x.example", "bob", ["To: (Ann ann@x.example"]),
        ("Resent-To: a@@x.example, bob@x.example\r\nTo: c@", "bob", ["Resent-To: a@@x.example"]),
        ("To: bob@x.example\r\nann@x.example", "bob", ["To: ann@x.example"]),
        ("Cc ann@x.example\r\nTo: bob@x.example", "bob", ["Cc: Cc ann@x.example"]),
        ("To: bob@x.example, Bcc: ann@x.example", "bob", ["To: Bcc: ann@x.example"]),
        ("T o: ann@x.example\r\nCc: bob@x.example", "bob", ["To: T o: ann@x.example"]),
        ("To: bob@x.example\r\nC\u0441: ann@x.example", "bob", ["Cc: C\u0441: ann@x.example"]),
        ("To: bob@x.example\r\nTo\u200b: ann@x.example", "bob", ["To: To\u200b: ann@x.example"]),
        ("Resent-From: r@x.example\r\nResent To: ann@x.example", "", ["Resent-To: Resent To: ann@x.example"]),
    ],
)
def test_nobody_who_stands_in_a_field_is_dropped_without_a_word(
    header: str, readable: str, unreadable: list[str]
) -> None:
    message = load_eml(f"From: z@x.example\r\n{header}\r\n\r\n".encode())
    assert [address.partition("@")[0] for address in message.recipients] == readable.split()
    assert [f"{each.field}: {each.text}" for each in message.unreadable] == unreadable


def test_what_is_read_as_what_is_meant_is_said() -> None:
    notes = load_eml(b"To: 'ann@x.example', bob@x.example.\r\n\r\n").notes
    assert "To: “'ann@x.example'” was read as ann@x.example." in notes
    assert "To: “bob@x.example.” was read as bob@x.example." in notes


@pytest.mark.parametrize(
    "lines",
    [
        "Bcc: secret@@x.example",
        "Bcc: <secret@x.example",
        'Bcc: "secret@x.example',
        "Bcc: b@x.example,\r\nsecret@x.example",
        "Bcc secret@x.example",
        "B\u0441c: secret@x.example",
        "Resent-Bcc secret@x.example\r\nsecret@y.example",
    ],
)
def test_a_blind_recipient_who_cannot_be_read_is_named_and_not_left_in_the_message(lines: str) -> None:
    message = load_eml(f"From: a@x.example\r\n{lines}\r\nSubject: s\r\n\r\ntext\r\n".encode())
    assert b"secret" not in message.content
    assert message.content.endswith(b"Subject: s\r\n\r\ntext\r\n")
    assert any("secret" in each.text and each.field.endswith("Bcc") for each in message.unreadable)
    assert any("Bcc was removed" in note for note in message.notes)
    assert not any("no header field" in note for note in message.notes)


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("From: a@x.example", "a@x.example"),
        ("From: a@x.example, b@x.example\r\nSender: s@x.example", "s@x.example"),
        ("From: a@x.example\r\nResent-From: r@x.example", "r@x.example"),
        ("Subject: x", ""),
    ],
)
def test_the_sender(header: str, sender: str) -> None:
    assert load_eml(f"{header}\r\n\r\n".encode()).sender == sender


def test_the_latest_resent_block_counts() -> None:
    message = load_eml(
        b"Resent-From: two@x.example\r\nResent-To: new@x.example\r\nResent-From: one@x.example\r\n"
        b"Resent-To: old@x.example\r\nFrom: a@x.example\r\nTo: first@x.example\r\n\r\n"
    )
    assert message.sender == "two@x.example"
    assert message.recipients == ("new@x.example",)
    assert any("Resent-To" in note for note in message.notes)


def test_one_resent_block_counts_whole_and_says_who_gets_nothing() -> None:
    message = load_eml(
        b"Resent-To: a@x.example\r\nResent-To: b@x.example\r\nTo: c@x.example\r\nBcc: d@x.example\r\n\r\n"
    )
    assert message.recipients == ("a@x.example", "b@x.example")
    assert any("2 other addresses of To, Cc, Bcc and earlier Resent- fields get nothing" in n for n in message.notes)


def test_utf8_headers_are_told_from_other_octets() -> None:
    utf8 = load_eml("Subject: Grüße\r\nTo: jörg@x.example\r\n\r\n".encode())
    assert utf8.utf8_headers
    assert utf8.recipients == ("jörg@x.example",)
    latin = load_eml(b"Subject: Gr\xfc\xdfe\r\n\r\n")
    assert latin.eight_bit
    assert not latin.utf8_headers
    assert any("no UTF-8" in note for note in latin.notes)
    body = load_eml("Subject: x\r\n\r\nGrüße\r\n".encode())
    assert body.eight_bit
    assert not body.utf8_headers


def test_overlong_lines_are_noted_by_number_and_not_without_end() -> None:
    message = load_eml(b"A: b\r\n\r\n" + b"x" * 998 + b"\r\n" + b"x" * 999 + b"\r\n")
    assert [note for note in message.notes if "octets" in note] == [
        "Line 4 has 999 octets, more than the 998 that servers must take (RFC 5322 section 2.1.1)."
    ]
    many = load_eml(b"A: b\r\n\r\n" + (b"x" * 999 + b"\r\n") * 50)
    assert len(many.notes) == 6
    assert many.notes[-1].startswith("45 more lines")


files = st.lists(
    st.one_of(
        st.binary(max_size=6),
        st.sampled_from(
            [
                b"From: a@x.example",
                b"To: b@x.example",
                b"Bcc: c@x.example",
                b"Resent-Bcc: d@x.example",
                b"From me Mon May  6 07:08:09 2024",
                b" folded",
                b"\xef\xbb\xbf",
                b"no field",
                b"\n",
                b"\n\n",
                b"\r\n",
                b"\r\n\r\n",
            ]
        ),
    ),
    max_size=14,
).map(b"".join)


@given(files, st.booleans())
@example(b"From x\nFrom y\nA: b\n", False)
@example(b"Bcc: x\nno field\nA: b\n\n", False)
@example(b"Bcc: x\nFrom x\nA: b\n\n", False)
@example(b"From x\n\xef\xbb\xbfA: b\n\n", False)
def test_reading_again_changes_nothing_more(data: bytes, keep_bcc: bool) -> None:
    refusal = ""
    try:
        message = load_eml(data, keep_bcc=keep_bcc)
    except MessageError as error:
        refusal = str(error)
    if refusal:
        assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", refusal), "the sentence can be shown"
        return
    content = message.content
    assert content.endswith(b"\r\n")
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    assert load_eml(content, keep_bcc=keep_bcc).content == content
    if not keep_bcc:
        assert not re.search(rb"(?im)^(resent-)?bcc[ \t]*:", content.partition(b"\r\n\r\n")[0])
