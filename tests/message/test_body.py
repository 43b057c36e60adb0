"""Tests of the tree of body parts."""

from email.message import EmailMessage
from typing import Any

import pytest

from smtptui.message import Attachment, MessageError
from tests.message.making import assert_wire, make, parsed, text_of

LOGO = Attachment("logo.png", b"\x89PNG", "image/png")
FILE = Attachment("a.pdf", b"%PDF", "application/pdf")


def tree(part: EmailMessage) -> Any:
    """Content types, nested as the parts are."""
    if not part.is_multipart():
        return part.get_content_type()
    return part.get_content_type(), *(tree(child) for child in part.iter_parts() if isinstance(child, EmailMessage))


ALTERNATIVE = ("multipart/alternative", "text/plain", "text/html")
RELATED = ("multipart/alternative", "text/plain", ("multipart/related", "text/html", "image/png"))


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ({"text": "x"}, "text/plain"),
        ({"text": "x", "html": ""}, "text/plain"),
        ({"text": "x", "html": "<p>x"}, ALTERNATIVE),
        ({"html": "<p>x"}, ALTERNATIVE),
        ({"text": "*x*", "markdown": True}, ALTERNATIVE),
        ({"text": "x", "attachments": (FILE,)}, ("multipart/mixed", "text/plain", "application/pdf")),
        ({"html": "<p>x", "attachments": (FILE,)}, ("multipart/mixed", ALTERNATIVE, "application/pdf")),
        ({"html": "<img src='cid:logo.png'>", "inline": (LOGO,)}, RELATED),
        (
            {"html": "<img src='cid:logo.png'>", "inline": (LOGO,), "attachments": (FILE,)},
            ("multipart/mixed", RELATED, "application/pdf"),
        ),
        ({"text": "x", "inline": (LOGO,)}, ("multipart/mixed", "text/plain", "image/png")),
    ],
)
def test_only_the_parts_that_are_needed(draft: dict[str, Any], expected: Any) -> None:
    message = make(**draft)
    assert_wire(message)
    assert tree(parsed(message)) == expected
    assert parsed(message).defects == []


def test_related_names_the_type_of_its_first_part() -> None:
    message = make(html="<img src='cid:logo.png'>", inline=(LOGO,))
    related = next(part for part in parsed(message).walk() if part.get_content_type() == "multipart/related")
    assert related["Content-Type"].params["type"] == "text/html"


def test_markdown_is_sent_as_text_without_its_marks_and_as_html() -> None:
    message = make(text="# Hi\n\n<b>not bold</b> *really*\n", markdown=True)
    assert text_of(message) == "Hi\n\n<b>not bold</b> really\n"
    assert "<h1>Hi</h1>" in text_of(message, "html")
    assert "&lt;b&gt;not bold&lt;/b&gt; <em>really</em>" in text_of(message, "html")


def test_markdown_and_html_together_are_refused() -> None:
    with pytest.raises(MessageError, match="HTML: the text is Markdown"):
        make(text="x", markdown=True, html="<p>x")


def test_a_text_of_ones_own_is_kept_beside_html() -> None:
    message = make(text="my words", html="<p>other words")
    assert text_of(message) == "my words\n"


def test_html_alone_gets_a_text_made_from_it() -> None:
    assert text_of(make(html="<p>Hello <b>you</b></p>")) == "Hello you\n"


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("logo.png", '<img src="cid:logo.png">'),
        ("logo.png", "<img src=cid:logo.png width=3>"),
        ("logo.png", "<div style='background: url(CID:logo.png)'>"),
        ("my logo (1).png", '<img src="cid:my logo (1).png">'),
        ("my logo (1).png", "<img src='cid:my%20logo%20%281%29.png'>"),
        ("a&b.png", '<img src="cid:a&amp;b.png">'),
        ("größe.png", '<img src="cid:größe.png">'),
    ],
)
def test_an_inline_file_is_found_by_its_name(name: str, html: str) -> None:
    message = make(html=html, inline=(Attachment(name, b"x", "image/png"),))
    image = next(part for part in parsed(message).walk() if part.get_content_type() == "image/png")
    content_id = image["Content-ID"].strip("<>")
    assert content_id == "token2@example.org"
    assert f"cid:{content_id}" in text_of(message, "html")
    assert "logo" not in text_of(message, "html")
    assert message.notes == ()


def test_an_inline_file_in_markdown() -> None:
    message = make(
        text="![Logo](<cid:my logo.png>)", markdown=True, inline=(Attachment("my logo.png", b"x", "image/png"),)
    )
    assert 'src="cid:token2@example.org"' in text_of(message, "html")
    assert message.notes == ()


def test_a_content_id_of_ones_own_is_kept() -> None:
    file = Attachment("logo.png", b"x", "image/png", "<logo@here>")
    html = '<img src="cid:logo@here"><img src="cid:logo.png">'
    message = make(html=html, inline=(file,))
    image = next(part for part in parsed(message).walk() if part.get_content_type() == "image/png")
    assert image["Content-ID"] == "<logo@here>"
    assert text_of(message, "html").count("cid:logo@here") == 2
    assert message.notes == ()


def test_references_that_lead_nowhere_and_files_nobody_shows_are_noted() -> None:
    message = make(html='<img src="cid:other.png">', inline=(LOGO,))
    assert 'src="cid:other.png"' in text_of(message, "html")
    assert any("cid:other.png" in note and "no inline file" in note for note in message.notes)
    assert any("'logo.png' is not referred to" in note for note in message.notes)
    assert any("sent as attachments" in note for note in make(text="x", inline=(LOGO,)).notes)


@pytest.mark.parametrize("content_id", ["", "a b", "ä@b", "a\r\nb", "<a", "a>b"])
def test_a_content_id_that_is_none_is_refused(content_id: str) -> None:
    file = Attachment("logo.png", b"x", "image/png", content_id)
    with pytest.raises(MessageError, match=r"Inline file 'logo\.png': .* is no content id"):
        make(html="<p>", inline=(file,))


def test_inline_files_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(MessageError, match="two files have this name"):
        make(html="<p>", inline=(LOGO, LOGO))
    twin = Attachment("x.png", b"x", "image/png", "same@x")
    with pytest.raises(MessageError, match="two files have the content id same@x"):
        make(html="<p>", inline=(twin, twin))
