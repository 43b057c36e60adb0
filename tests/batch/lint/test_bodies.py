"""Bodies are looked at in every message, and say the same as a slower reader would."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.batch.lint.bodies import BodyCheck, html_faults, offers_to_leave, parts_of
from smtptui.batch.lint.content import header_of
from smtptui.message import Attachment
from tests.message.making import make


def sentences(html: str) -> list[str]:
    return [seen.sentence for seen in html_faults(html)]


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>x<img src=https://a.b/c.png>", "An image has no alt text."),
        ("<p>x<IMG SRC='https://a.b/c.png'>", "An image has no alt text."),
        ("<img src='https://a.b/c.png' alt='x'>", "The HTML is images and no text."),
        (
            "<title>t</title><style>p{}</style><!-- x --><img src='https://a.b/c.png' alt=''>&nbsp;",
            "images and no text",
        ),
        ("x<img alt=''>", "An image has no address."),
        ("x<img alt='' src='//a.b/c.png'>", "The image //a.b/c.png has no scheme."),
        ("<a href=http://a.example/>x</a>", "A link to a.example is http."),
        ("<A HREF='http://a.example/'><b>x</b></A>", "A link to a.example is http."),
        ("<a href='https://192.0.2.1/'>x</a>", "A link goes to an IP address."),
        ("<a href='https://bit.ly/x'>x</a>", "A link goes through bit.ly."),
        ("<a href='https://evil.example/'>https://bank.example/</a>", "shows bank.example and leads to evil.example"),
        ("<a href='https://evil.example/'>https://<b>bank</b>.example/</a>", "shows bank.example and leads to"),
        ("<a href='page.html'>x</a>", "A link to page.html leads nowhere."),
        ("<a href='www.a.example'>x</a>", "A link to www.a.example leads nowhere."),
        ("<a href='file:///c:/x'>x</a>", "works on one computer only"),
        ("<a href='https://[x'>x</a>", "A link cannot be read."),
        ("<a href='http://a.example/'>never closed", "is http"),
        ("<a href='https://a.b/'><img src='https://a.b/c.png'></a>x", "An image has no alt text."),
    ],
)
def test_what_is_seen_in_html(html: str, said: str) -> None:
    assert any(said in sentence for sentence in sentences(html))


@pytest.mark.parametrize(
    "html",
    [
        "<p>x<img src='https://a.b/c.png' alt=''>",
        "<p>x<img alt src='https://a.b/c.png'>",
        "<a href='https://a.example/'>https://www.a.example/page</a>",
        "<a href='mailto:a@b.example'>write</a> <a href='#top'>up</a> <a name='x'>x</a> <a href='tel:1'>call</a>",
        "<!-- <img> <a href='http://a.example'>x</a> --><script>'<img>'</script>x",
    ],
)
def test_what_is_right_is_not_told(html: str) -> None:
    assert sentences(html) == []


def test_each_thing_is_said_once_of_a_message() -> None:
    assert sentences("x" + "<img src='https://a.b/c.png'>" * 5) == ["An image has no alt text."]


class Slow(HTMLParser):
    """Counts images without alt and gathers links, as the lint of before did for some messages."""

    def __init__(self) -> None:
        super().__init__()
        self.without_alt = False
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.without_alt |= tag == "img" and "alt" not in given
        if tag == "a" and (given.get("href") or "").startswith("http://"):
            self.links.add(given["href"] or "")


snippets = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "text ",
            "<img alt='a' src='https://a.b/c'>",
            "<img src='https://a.b/c'>",
            '<IMG ALT="" src=x>',
        ),
        *("<a href='http://a.example/'>", "</a>", '<a href="http://b.example/">', "<b>", "</b>", "<!-- <img> -->"),
        *("<style>p>a{}</style>", "<a name='x'>", "&amp;", "<br/>", '<td width="1">', "'", '"'),
    ]
)


@settings(deadline=None)
@given(st.lists(snippets, max_size=20))
def test_the_fast_reader_sees_what_the_slow_one_sees(parts: list[str]) -> None:
    html = "".join(parts)
    slow = Slow()
    slow.feed(html)
    slow.close()
    said = sentences(html)
    assert ("An image has no alt text." in said) == slow.without_alt
    assert {
        re.sub(r"A link to (.*) is http\.", r"http://\1/", each) for each in said if "is http" in each
    } == slow.links


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=300
)


@settings(deadline=None)
@given(texts, st.none() | texts, st.booleans(), st.booleans())
def test_parts_are_those_that_the_standard_library_finds(
    text: str, html: str | None, attach: bool, inline: bool
) -> None:
    files = (Attachment("Rechnung ü.PDF", b"%PDF" * 50, "application/pdf"),) if attach else ()
    pictures = (Attachment("a b.png", b"x", "image/png", "c@d"),) if inline else ()
    content = make(text=text, html=html or None, attachments=files, inline=pictures).content
    fields = header_of(content)
    parts = parts_of(content, fields)
    message = message_from_bytes(content, policy=policy.default)
    for subtype, found in (("plain", parts.plain), ("html", parts.html)):
        part = message.get_body((subtype,))
        expected = None if part is None else part.get_content().replace("\r\n", "\n").rstrip("\n")
        assert (None if found is None else found.replace("\r\n", "\n").rstrip("\n")) == expected
    assert len(parts.names) == sum(part.get_filename() is not None for part in message.walk())


@pytest.mark.parametrize("name", ["a.exe", "A.EXE", "ü.js", "a b.vbs", 'x".bat', "a" * 80 + ".exe"])
def test_files_that_providers_refuse(name: str) -> None:
    message = make(text="x", attachments=(Attachment(name, b"x", "application/octet-stream"),))
    parts = parts_of(message.content, header_of(message.content))
    assert [seen.check for seen in BodyCheck().faults(parts, "")] == ["attachment"]
    fine = make(text="x", attachments=(Attachment("exe.pdf", b"x", "application/pdf"),))
    assert not list(BodyCheck().faults(parts_of(fine.content, header_of(fine.content)), ""))


def test_a_draft_of_one_part_is_taken_apart_too() -> None:
    content = make(text="grüße https://example.org/u/1\n").content
    parts = parts_of(content, header_of(content))
    assert (parts.plain, parts.html, parts.names) == ("grüße https://example.org/u/1\r\n", None, ())
    assert offers_to_leave(parts, "<https://example.org/u/1>")
    assert not offers_to_leave(parts, "<https://example.org/u/2>")
    assert offers_to_leave(parts._replace(plain="Hier abmelden"), "<https://example.org/u/2>")
