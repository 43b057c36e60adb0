"""Tests of a draft's header section and the envelope it suggests."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from smtptui.message import MessageError
from tests.message.making import NOW, assert_wire, header_names, make, parsed


def test_a_plain_message() -> None:
    message = make(
        sender="Ann <ann@example.org>",
        to=("bob@example.net",),
        cc=("Carl <carl@example.net>, dora@example.net",),
        bcc=("eve@example.net",),
        reply_to=("Desk <desk@example.org>",),
        subject="Hello",
        text="Hi\n",
    )
    assert message.content.decode().split("\r\n") == [
        "Date: Mon, 06 May 2024 07:08:09 +0000",
        "From: Ann <ann@example.org>",
        "To: bob@example.net",
        "Cc: Carl <carl@example.net>, dora@example.net",
        "Reply-To: Desk <desk@example.org>",
        "Subject: Hello",
        "Message-ID: <token1@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 7bit",
        "",
        "Hi",
        "",
    ]
    assert message.sender == "ann@example.org"
    assert message.recipients == ("bob@example.net", "carl@example.net", "dora@example.net", "eve@example.net")
    assert not message.eight_bit
    assert not message.utf8_headers
    assert message.notes == ()


def test_bcc_is_in_no_header() -> None:
    message = make(bcc=("Secret <secret@example.net>",))
    assert message.recipients == ("secret@example.net",)
    assert b"ecret" not in message.content


def test_each_recipient_comes_once_in_order() -> None:
    message = make(
        to=("b@example.net", "a@example.net"),
        cc=("B <b@EXAMPLE.net>", "B@example.net"),
        bcc=("a@example.net", "x@exämple.net", "x@xn--exmple-cua.net"),
    )
    # RFC 5321 section 2.4: case matters before the "@" and not after it.
    assert message.recipients == ("b@example.net", "a@example.net", "B@example.net", "x@exämple.net")


@pytest.mark.parametrize("sender", ["", "   ", ","])
def test_an_empty_from_is_refused(sender: str) -> None:
    with pytest.raises(MessageError, match="From: an address is needed"):
        make(sender=sender)


def test_empty_subject_and_text_are_fine() -> None:
    message = make()
    assert_wire(message)
    assert message.content.endswith(b"\r\n\r\n")
    assert "Subject" not in header_names(message)


def test_the_field_with_the_bad_address_is_named() -> None:
    for field, name in (("sender", "From"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc"), ("reply_to", "Reply-To")):
        draft: dict[str, Any] = {field: "nobody" if field == "sender" else ("x@example.org", "nobody")}
        with pytest.raises(MessageError, match=f"^{name}: .*nobody"):
            make(**draft)


def test_several_authors_need_a_sender() -> None:
    authors = "a@example.org, b@example.com"
    with pytest.raises(MessageError, match="2 authors need the header Sender"):
        make(sender=authors)
    message = make(sender=authors, headers=(("Sender", "Desk <desk@example.com>"),))
    assert parsed(message)["From"] == authors
    assert parsed(message)["Sender"] == "Desk <desk@example.com>"
    assert message.sender == "desk@example.com"
    assert parsed(message)["Message-ID"].endswith("@example.com>")
    with pytest.raises(MessageError, match="Sender: one address is possible, there are 2"):
        make(sender=authors, headers=(("Sender", authors),))


def test_own_headers_replace_made_ones_where_they_stand() -> None:
    message = make(
        subject="made",
        headers=(
            ("SUBJECT", "own"),
            ("Date", "Tue, 1 Jan 2030 00:00:00 +0100"),
            ("message-id", "<own@example.org>"),
            ("From", "Other <other@example.org>"),
            ("X-A", "1"),
            ("X-A", "2"),
        ),
    )
    assert header_names(message)[:6] == ["Date", "From", "SUBJECT", "message-id", "X-A", "X-A"]
    found = parsed(message)
    assert found["Subject"] == "own"
    assert found["Message-ID"] == "<own@example.org>"
    assert found["Date"].datetime == datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert message.sender == "other@example.org"


def test_a_to_header_by_hand_does_not_change_who_gets_the_message() -> None:
    message = make(to=("real@example.net",), headers=(("To", "List <list@example.net>"),))
    assert parsed(message)["To"] == "List <list@example.net>"
    assert message.recipients == ("real@example.net",)
    assert any("To was set by hand" in note for note in message.notes)
    alone = make(headers=(("To", "List <list@example.net>"), ("Cc", "c@example.net")))
    assert alone.recipients == ("list@example.net", "c@example.net")


def test_undisclosed_recipients() -> None:
    message = make(bcc=("b@example.net",), headers=(("To", "undisclosed-recipients:;"),))
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in message.content
    assert message.recipients == ("b@example.net",)


@pytest.mark.parametrize(
    "name", ["Bcc", "bcc", "Resent-Bcc", "Content-Type", "content-transfer-encoding", "MIME-Version"]
)
def test_structural_headers_are_refused(name: str) -> None:
    with pytest.raises(MessageError, match=f"^{name}: this field"):
        make(headers=((name, "x"),))


def test_a_field_that_occurs_once_is_refused_twice() -> None:
    with pytest.raises(MessageError, match="subject: this field occurs once"):
        make(headers=(("Subject", "a"), ("subject", "b")))


def test_address_headers_are_checked_and_encoded() -> None:
    message = make(headers=(("Errors-To", "Jörg <j@exämple.org>"),))
    assert b"\r\nErrors-To: =?utf-8?q?J=C3=B6rg?= <j@xn--exmple-cua.org>\r\n" in message.content
    with pytest.raises(MessageError, match=r"Resent-To: .*nobody"):
        make(headers=(("Resent-To", "nobody"),))
    with pytest.raises(MessageError, match="Reply-To: an address is needed"):
        make(headers=(("Reply-To", ""),))


def test_the_domain_of_an_idn_address_goes_as_a_labels() -> None:
    message = make(sender="j@exämple.org", to=("x@bücher.example",))
    assert b"From: j@xn--exmple-cua.org\r\nTo: x@xn--bcher-kva.example\r\n" in message.content
    assert b"Message-ID: <token1@xn--exmple-cua.org>" in message.content
    assert message.recipients == ("x@bücher.example",)
    assert not message.eight_bit
    # Allowing SMTPUTF8 is no reason to need it.
    assert make(sender="j@exämple.org", to=("x@bücher.example",), smtputf8=True).content == message.content


def test_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    for field, name in (("to", "To"), ("bcc", "Bcc"), ("reply_to", "Reply-To")):
        draft: dict[str, Any] = {field: ("jörg@example.org",)}
        with pytest.raises(MessageError, match=f"^{name}: jörg@example.org is not ASCII .* SMTPUTF8"):
            make(**draft)
    with pytest.raises(MessageError, match=r"^To: jörg"):
        make(to=("plain@example.org",), headers=(("To", "jörg@example.org"),))
    message = make(to=("Jörg <jörg@exämple.org>",), subject="Grüße", smtputf8=True)
    assert_wire(message)
    assert message.utf8_headers
    assert message.eight_bit
    assert 'To: "Jörg" <jörg@exämple.org>\r\nSubject: Grüße\r\n' in message.content.decode()


def test_a_bcc_beyond_ascii_leaves_the_headers_ascii() -> None:
    message = make(bcc=("jörg@example.org",), subject="Grüße", smtputf8=True)
    assert message.recipients == ("jörg@example.org",)
    assert not message.utf8_headers
    assert not message.eight_bit


@pytest.mark.parametrize(
    ("date", "written"),
    [
        (NOW, "Mon, 06 May 2024 07:08:09 +0000"),
        (NOW.astimezone(timezone(timedelta(hours=-3, minutes=-30))), "Mon, 06 May 2024 03:38:09 -0330"),
        (datetime(1905, 1, 1, tzinfo=timezone(timedelta(minutes=17, seconds=30))), "Sun, 01 Jan 1905 00:00:30 +0018"),
    ],
)
def test_date(date: datetime, written: str) -> None:
    assert f"Date: {written}\r\n".encode() in make(date=date).content


@pytest.mark.parametrize(
    "date", [datetime(2024, 1, 1), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]
)
def test_a_date_that_cannot_be_written_is_refused(date: datetime) -> None:
    with pytest.raises(MessageError, match=r"^Date: "):
        make(date=date)


@pytest.mark.parametrize("value", ["", "soon", "2024-05-06", "Mon, 99 May 2024 07:08:09 +0000"])
def test_a_date_header_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(MessageError, match=r"Date: .* is no date"):
        make(headers=(("Date", value),))


def test_message_id_with_and_without_brackets() -> None:
    for value in ("<a.b@example.org>", "a.b@example.org"):
        assert parsed(make(message_id=value))["Message-ID"] == "<a.b@example.org>"
    for value in ("<a@b@c>", "<a>", "a b@c", "<a@b", "<ä@b>"):
        with pytest.raises(MessageError, match=r"^Message-ID: "):
            make(message_id=value)


def test_a_bare_postmaster_is_a_recipient_but_no_author() -> None:
    message = make(to=("postmaster",))
    assert message.recipients == ("postmaster",)
    assert any("no domain" in note for note in message.notes)
    with pytest.raises(MessageError, match="From: postmaster needs a domain"):
        make(sender="postmaster")


def test_an_address_literal() -> None:
    message = make(sender="root@[127.0.0.1]", to=('"odd name"@[IPv6:::1]',))
    assert message.sender == "root@[127.0.0.1]"
    assert b'From: root@[127.0.0.1]\r\nTo: "odd name"@[IPv6:::1]\r\n' in message.content
    assert re.search(rb"Message-ID: <token1@\[127.0.0.1\]>\r\n", message.content)
