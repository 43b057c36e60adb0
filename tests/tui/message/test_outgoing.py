"""The filled form as envelope, message and early exit; each fault at its field."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtptui.message import Encoding, load_eml
from smtptui.protocol import Body, Notify, Ret, Stage
from smtptui.session import ExitAfter
from smtptui.tui.message.model import FieldError, File, Filled, Format, Handling, Leave, Letter, Whole, attached
from smtptui.tui.message.outgoing import Outgoing, outgoing
from smtptui.tui.message.spoken import spoken_rows

NOW = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
LETTER = Letter(sender="Me <me@example.org>", to="you@example.net", subject="Hi", body="Hello.\n")

PLAIN = Handling()


def made(letter: Letter = LETTER, handling: Handling = PLAIN, whole: Whole | None = None) -> Outgoing:
    return outgoing(Filled(letter, handling, whole), now=NOW, random_token=lambda: "token")


def refused(letter: Letter = LETTER, handling: Handling = PLAIN) -> FieldError:
    with pytest.raises(FieldError) as caught:
        made(letter, handling)
    assert str(caught.value).endswith(".")
    return caught.value


def said(letter: Letter = LETTER, handling: Handling = PLAIN, whole: Whole | None = None) -> list[str]:
    return [row.parts[0][0] for row in spoken_rows(Filled(letter, handling, whole))]


def test_a_simple_message_needs_nothing_more() -> None:
    out = made()
    assert out.envelope.sender == "me@example.org"
    assert [recipient.address for recipient in out.envelope.recipients] == ["you@example.net"]
    assert b"Subject: Hi\r\n" in out.content
    assert out.exit_after is None
    assert said() == ["MAIL FROM:<me@example.org>", "RCPT TO:<you@example.net>"]


def test_the_envelope_can_be_another() -> None:
    handling = Handling(envelope_from="<>", envelope_to="a@example.com, b@example.com")
    out = made(handling=handling)
    assert out.envelope.sender == ""
    assert [recipient.address for recipient in out.envelope.recipients] == ["a@example.com", "b@example.com"]
    assert b"To: you@example.net\r\n" in out.content
    assert said(handling=handling) == ["MAIL FROM:<>", "RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>"]


def test_options_reach_envelope_and_message() -> None:
    handling = Handling(notify=(Notify.FAILURE,), ret=Ret.HDRS, envid="q1", encoding=Encoding.EIGHT_BIT, smtputf8=True)
    out = made(replace(LETTER, body="Grüße\n"), handling)
    assert (out.envelope.ret, out.envelope.envid, out.envelope.body) == (Ret.HDRS, "q1", Body.EIGHT_BIT)
    assert out.envelope.smtputf8
    assert out.envelope.recipients[0].orcpt == "rfc822;you@example.net"
    assert "Grüße\r\n".encode() in out.content
    assert said(handling=handling) == [
        "MAIL FROM:<me@example.org> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=q1",
        "RCPT TO:<you@example.net> NOTIFY=FAILURE ORCPT=rfc822;you@example.net",
    ]


@pytest.mark.parametrize(
    ("letter", "handling", "field", "says"),
    [
        (replace(LETTER, sender=" "), Handling(), "from", "From is empty"),
        (replace(LETTER, to=""), Handling(), "to", "To is empty"),
        (replace(LETTER, cc="a@@b"), Handling(), "cc", "Cc: “a@@b”"),
        (replace(LETTER, bcc="a"), Handling(), "bcc", "Bcc: "),
        (replace(LETTER, reply_to="a"), Handling(), "reply-to", "Reply-To: "),
        (replace(LETTER, sender="a@example.org, b@example.org"), Handling(), "from", "2 authors"),
        (replace(LETTER, subject="a\x07"), Handling(), "subject", "control character"),
        (replace(LETTER, headers=(("Date", "x"),)), Handling(), "headers", "no date"),
        (replace(LETTER, headers=(("X Y", "x"),)), Handling(), "headers", "X Y"),
        (replace(LETTER, files=(File("a", "png", 1, content=b"x"),)), Handling(), "files", "no media type"),
        (replace(LETTER, body="\ud800"), Handling(), "body", "no UTF-8"),
        (LETTER, Handling(envelope_from="a@@b"), "envelope-from", "MAIL FROM: “a@@b”"),
        (LETTER, Handling(envelope_to="a"), "envelope-to", "RCPT TO: "),
        (LETTER, Handling(leave=Leave.QUIT, leave_after=Stage.DATA), "leave-after", "QUIT cannot follow data"),
        (replace(LETTER, to="é@example.org"), Handling(encoding=Encoding.SEVEN_BIT), "encoding", "7bit"),
    ],
)
def test_a_fault_is_told_at_its_field(letter: Letter, handling: Handling, field: str, says: str) -> None:
    error = refused(letter, handling)
    assert error.field == field
    assert says in str(error)


@pytest.mark.parametrize("leave", [Leave.QUIT, Leave.DROP])
def test_a_session_that_ends_early_needs_only_the_addresses_it_names(leave: Leave) -> None:
    def leaving(stage: Stage) -> Handling:
        return Handling(leave=leave, leave_after=stage)

    nothing = made(Letter(), leaving(Stage.EHLO))
    assert nothing.exit_after == ExitAfter(Stage.EHLO, drop=leave is Leave.DROP)
    assert (nothing.envelope.sender, nothing.envelope.recipients, nothing.content) == ("", (), b"")
    assert refused(Letter(), leaving(Stage.MAIL)).field == "from"
    to_mail = made(Letter(sender="me@example.org"), leaving(Stage.MAIL))
    assert (to_mail.envelope.sender, to_mail.envelope.recipients) == ("me@example.org", ())
    assert refused(Letter(sender="me@example.org"), leaving(Stage.RCPT)).field == "to"
    checked = made(Letter(to="you@example.net"), replace(leaving(Stage.RCPT), envelope_from="<>"))
    assert (checked.envelope.sender, len(checked.envelope.recipients)) == ("", 1)
    assert refused(Letter(to="a@@b"), leaving(Stage.EHLO)).field == "to"


def test_html_and_markdown_bring_their_plain_text() -> None:
    rich = made(replace(LETTER, body="<p>Hello</p>", format=Format.HTML)).content
    assert rich.count(b"Content-Type: text/") == 2
    assert b"\r\nHello\r\n" in rich
    own = made(replace(LETTER, body="<p>Hello</p>", format=Format.HTML, alternative="Own words")).content
    assert b"\r\nOwn words\r\n" in own
    assert b"<h1>Hello</h1>" in made(replace(LETTER, body="# Hello", format=Format.MARKDOWN)).content


def test_a_file_is_read_when_the_message_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\n")
    letter = replace(LETTER, files=(attached(path),))
    assert b'filename="a.txt"' in made(letter).content
    path.write_bytes(b"other\n")
    os.utime(path, ns=(1, 1))
    changed = refused(letter)
    assert (changed.field, "a.txt has changed" in str(changed)) == ("files", True)
    path.unlink()
    assert "a.txt is gone" in str(refused(letter))
    path.mkdir()
    assert "a.txt" in str(refused(letter))


def test_only_an_ordinary_file_can_be_attached(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="folder"):
        attached(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no ordinary file"):
        attached(tmp_path / "pipe")


def test_a_finished_message_goes_out_octet_for_octet() -> None:
    data = b"From: a@example.org\r\nTo: b@example.net\r\nX-Odd:   kept \r\n\r\n.dot\r\n"
    whole = Whole(Path("/x/odd.eml"), load_eml(data))
    out = made(Letter(), whole=whole)
    assert out.content == data
    assert out.envelope.sender == "a@example.org"
    assert said(Letter(), whole=whole) == ["MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>"]
    other = made(Letter(), Handling(envelope_to="c@example.net"), whole)
    assert [recipient.address for recipient in other.envelope.recipients] == ["c@example.net"]
    nameless = Whole(Path("/x/odd.eml"), load_eml(b"Subject: x\r\n\r\n"))
    with pytest.raises(FieldError, match=r"odd\.eml has no From") as caught:
        made(Letter(), whole=nameless)
    assert caught.value.field == "envelope-from"


def test_those_who_cannot_be_read_are_kept_apart_and_shown() -> None:
    whole = Whole(Path("/x/odd.eml"), load_eml(b"From: a@example.org\r\nTo: b@example.net, c@\r\n\r\n"))
    out = made(Letter(), whole=whole)
    assert [each.address for each in out.envelope.recipients] == ["b@example.net"]
    assert [each.text for each in out.left_out] == ["c@"]
    assert said(Letter(), whole=whole)[-1].startswith("✗ To: “c@”: there is no domain after “@”")
    assert made(Letter(), Handling(envelope_to="c@example.net"), whole).left_out == ()
    nobody = Whole(Path("/x/odd.eml"), load_eml(b"From: a\r\nTo: c@\r\n\r\n"))
    with pytest.raises(FieldError, match="To: “c@”") as caught:
        made(Letter(), Handling(envelope_from="a@example.org"), nobody)
    assert caught.value.field == "envelope-to"
    with pytest.raises(FieldError, match="From: “a”"):
        made(Letter(), Handling(envelope_to="c@example.net"), nobody)


def test_what_will_be_said_tells_what_is_missing_or_not_reached() -> None:
    assert said(Letter()) == ["MAIL FROM: nobody yet; fill in From.", "RCPT TO: nobody yet; fill in To."]
    assert said(replace(LETTER, to="a@@b"))[0].startswith("✗ To: “a@@b”")
    rows = spoken_rows(Filled(LETTER, Handling(leave=Leave.QUIT, leave_after=Stage.MAIL)))
    assert [row.right for row in rows] == ["from the header", "not said: the session ends before"]
