"""From message options to envelope and message."""

import io
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from smtptui.cli.compose import Composed, compose
from smtptui.cli.errors import CommandError
from smtptui.cli.message_options import MessageChoice
from smtptui.message import Encoding
from smtptui.protocol import Body, Notify, Recipient, Ret, Stage
from smtptui.session import ExitAfter

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EML = b"From: Ann <ann@a.example>\nTo: bob@b.example\nBcc: secret@c.example\n\nHello\n"


def made(
    stdin: bytes = b"", exit_after: ExitAfter | None = None, sender: str | None = "ann@a.example", **choice: Any
) -> Composed:
    count = iter(range(1000))
    return compose(
        MessageChoice(sender=sender, **choice),
        exit_after,
        stdin=lambda: io.BytesIO(stdin),
        now=NOW,
        random_token=lambda: f"token{next(count)}",
    )


def parsed(composed: Composed) -> EmailMessage:
    message = message_from_bytes(composed.message.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def addresses(composed: Composed) -> list[str]:
    return [recipient.address for recipient in composed.envelope.recipients]


def test_defaults_make_a_test_message() -> None:
    composed = made(to=("bob@b.example",))
    message = parsed(composed)
    assert message["Subject"] == "Test message from smtptui"
    assert "test message" in message.get_content()
    assert message["Date"] == "Wed, 04 Mar 2026 05:06:07 +0000"
    assert composed.envelope.sender == "ann@a.example"
    assert addresses(composed) == ["bob@b.example"]


def test_recipients_of_all_kinds_each_once_and_bcc_in_no_header() -> None:
    composed = made(
        to=("Bob <bob@b.example>, cy@c.example",), cc=("dan@d.example",), bcc=("bob@b.example", "eve@e.example")
    )
    assert addresses(composed) == ["bob@b.example", "cy@c.example", "dan@d.example", "eve@e.example"]
    assert b"eve@" not in composed.message.content
    assert parsed(composed)["Cc"] == "dan@d.example"


def test_body_html_and_files(tmp_path: Path) -> None:
    for name, content in (("a.txt", "attached"), ("logo.png", "png"), ("p.html", "<p>Hi <img src='cid:logo.png'>")):
        (tmp_path / name).write_text(content)
    composed = made(
        b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe\n",
        to=("bob@b.example",),
        body_file="-",
        html=str(tmp_path / "p.html"),
        attach=(tmp_path / "a.txt",),
        inline=(tmp_path / "logo.png",),
        headers=(("X-Test", "yes"),),
        reply_to=("re@a.example",),
        subject="",
    )
    message = parsed(composed)
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["Grüße"]
    assert message.get_body(("html",)) is not None
    assert {part.get_filename() for part in message.walk()} == {None, "a.txt", "logo.png"}
    assert (message["X-Test"], message["Reply-To"], message["Subject"]) == ("yes", "re@a.example", None)


def test_markdown_makes_the_html() -> None:
    message = parsed(made(to=("bob@b.example",), body="Hello *you*", markdown=True))
    html = message.get_body(("html",))
    assert html is not None
    assert "<em>you</em>" in html.get_content()


@pytest.mark.parametrize(
    ("given", "sender"),
    [("", ""), ("<>", ""), ("bounce@a.example", "bounce@a.example"), ("<bounce@a.example>", "bounce@a.example")],
)
def test_envelope_from(given: str, sender: str) -> None:
    composed = made(to=("bob@b.example",), envelope_from=given)
    assert composed.envelope.sender == sender
    assert parsed(composed)["From"] == "ann@a.example"


def test_envelope_from_alone_is_the_author_as_well() -> None:
    composed = made(sender=None, to=("bob@b.example",), envelope_from="bounce@a.example")
    assert parsed(composed)["From"] == "bounce@a.example"


def test_notifications() -> None:
    composed = made(to=("bob@b.example",), notify=(Notify.SUCCESS,), ret=Ret.HDRS, envid="Q1")
    assert composed.envelope.recipients == (Recipient("bob@b.example", (Notify.SUCCESS,), "rfc822;bob@b.example"),)
    assert (composed.envelope.ret, composed.envelope.envid) == (Ret.HDRS, "Q1")
    assert made(to=("bob@b.example",)).envelope.recipients[0].orcpt is None


def test_eml_is_sent_as_it_is() -> None:
    composed = made(EML, sender=None, eml="-")
    assert composed.message.content == (b"From: Ann <ann@a.example>\r\nTo: bob@b.example\r\n\r\nHello\r\n")
    assert composed.envelope.sender == "ann@a.example"
    assert addresses(composed) == ["bob@b.example", "secret@c.example"]
    assert any("CRLF" in note for note in composed.message.notes)
    assert b"Bcc: secret" in made(EML, sender=None, eml="-", keep_bcc=True).message.content


def test_options_change_the_envelope_of_an_eml_but_not_the_message() -> None:
    composed = made(EML, sender="zoe@z.example", eml="-", to=("x@x.example, y@x.example",), bcc=("x@x.example",))
    assert composed.envelope.sender == "zoe@z.example"
    assert addresses(composed) == ["x@x.example", "y@x.example"]
    assert b"zoe" not in composed.message.content


def test_a_session_that_ends_early_needs_no_addresses() -> None:
    composed = made(sender=None, exit_after=ExitAfter(Stage.EHLO))
    assert composed.envelope.recipients == ()
    assert made(exit_after=ExitAfter(Stage.MAIL)).envelope.sender == "ann@a.example"


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ({"sender": None, "to": ("b@b.example",)}, "--from ADDRESS"),
        ({"sender": None, "to": ("b@b.example",), "envelope_from": ""}, "--from ADDRESS"),
        ({}, "There is no recipient: give --to ADDRESS."),
        ({"exit_after": ExitAfter(Stage.RCPT)}, "There is no recipient"),
        ({"stdin": b"From: a@a.example\n\nx\n", "eml": "-"}, "The file names no recipient"),
        ({"stdin": b"To: a@a.example\n\nx\n", "eml": "-", "sender": None}, "The file has no From"),
    ],
)
def test_missing_addresses_are_usage_errors(choice: dict[str, Any], why: str) -> None:
    with pytest.raises(CommandError) as caught:
        made(**choice)
    assert why in caught.value.message
    assert caught.value.code == 64


def test_encoding_and_smtputf8_reach_message_and_envelope() -> None:
    composed = made(to=("bob@b.example",), body="Grüße", encoding=Encoding.EIGHT_BIT, smtputf8=True)
    assert "Grüße".encode() in composed.message.content
    assert composed.envelope.body is Body.EIGHT_BIT
    assert composed.envelope.smtputf8
    plain = made(to=("bob@b.example",), body="Grüße")
    assert plain.message.content.isascii()
    assert (plain.envelope.body, plain.envelope.smtputf8) == (None, False)


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ({"sender": "nobody"}, "--from: “nobody”: there is no “@”"),
        ({"to": ("b@b..example",)}, "b..example"),
        ({"bcc": ("b@b.example\r\nDATA",)}, "--bcc: “b@b.example"),
        ({"envelope_from": "a b@c.example"}, "--envelope-from: “a b@c.example”"),
        ({"subject": "two\nlines"}, "Subject: a line break"),
        ({"headers": (("X-Test", "a\rb"),)}, "X-Test: a line break"),
        ({"headers": (("X Test", "a"),)}, "X Test"),
        ({"stdin": b"caf\xe9\n", "body_file": "-"}, "--body-file: standard input is not UTF-8 in line 1"),
        ({"stdin": b"From: a@a.example\r\n\r\nbare\rCR\r\n", "eml": "-"}, "bare CR"),
        ({"stdin": b"", "eml": "-"}, "The file is empty"),
    ],
)
def test_bad_input_is_65(choice: dict[str, Any], why: str) -> None:
    with pytest.raises(CommandError) as caught:
        made(**{"to": ("b@b.example",), **choice})
    assert why in caught.value.message
    assert caught.value.code == 65


def test_skipping_goes_on_with_the_others_and_keeps_those_left_out() -> None:
    composed = made(to=("b@b.example, broken",), cc=("Doe, Jane <j@b.example>",), skip_unreadable=True)
    assert [each.address for each in composed.envelope.recipients] == ["b@b.example", "j@b.example"]
    assert [(each.field, each.text) for each in composed.left_out] == [("--to", "broken"), ("--cc", "Doe")]
    assert b"broken" not in composed.message.content


def test_skipping_is_no_way_to_send_to_nobody() -> None:
    file = b"From: a@a.example\r\nTo: broken\r\n\r\nx\r\n"
    choices: tuple[dict[str, Any], ...] = (
        {"to": ("broken",)},
        {"eml": "-", "stdin": file},
        {"eml": "-", "stdin": file, "to": ("a@",)},
    )
    for choice in choices:
        with pytest.raises(CommandError) as caught:
            made(**{"skip_unreadable": True, **choice})
        assert caught.value.code == 65
        assert "Nothing was sent." in caught.value.message


def test_skipping_is_no_way_on_from_a_sender_that_cannot_be_read() -> None:
    for skip in (False, True):
        with pytest.raises(CommandError) as caught:
            made(sender="Doe, Jane <j@a.example>", to=("b@b.example",), skip_unreadable=skip)
        assert caught.value.sentences[-1] == "Nothing was sent. Correct it."
        assert caught.value.sentences[0].startswith("--from: ")


def test_a_file_with_recipients_that_cannot_be_read_is_refused_unless_nobody_is_needed() -> None:
    file = b"From: a@a.example\r\nTo: b@b.example, c@\r\nCc: d..e@b.example\r\n\r\nx\r\n"
    with pytest.raises(CommandError) as caught:
        made(eml="-", stdin=file)
    assert caught.value.code == 65
    assert [sentence.partition(": there")[0] for sentence in caught.value.sentences[:2]] == [
        "To: “c@”",
        "Cc: “d..e@b.example”",
    ]
    assert caught.value.sentences[-1] == (
        "Nothing was sent. Correct them, or send to the 1 other recipient with --skip-unreadable."
    )
    skipping = made(eml="-", stdin=file, skip_unreadable=True)
    assert [each.text for each in skipping.left_out] == ["c@", "d..e@b.example"]
    others = made(eml="-", stdin=file, to=("x@b.example",))
    assert ([each.address for each in others.envelope.recipients], others.left_out) == (["x@b.example"], ())


@pytest.mark.parametrize(
    ("name", "option"), [("body_file", "--body-file"), ("html", "--html"), ("eml", "--eml"), ("attach", "--attach")]
)
def test_a_missing_file_is_66(tmp_path: Path, name: str, option: str) -> None:
    path = tmp_path / "nowhere"
    choice: dict[str, Any] = {name: (path,) if name == "attach" else str(path)}
    with pytest.raises(CommandError, match=f"{option}: .*nowhere cannot be read: No such file") as caught:
        made(to=("b@b.example",), **choice)
    assert caught.value.code == 66
