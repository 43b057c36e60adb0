"""Tests of plain text made from HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.message.html_to_text import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", "\n"),
        ("just words", "just words\n"),
        ("<p>one</p><p>two\n  lines</p>", "one\n\ntwo lines\n"),
        ("<h1>Title</h1>text<br>next<br><br>far", "Title\n\ntext\nnext\n\nfar\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("a <b> bold </b> word", "a bold word\n"),
        ("5 &lt; 6 &amp; &eacute;", "5 < 6 & é\n"),
        ('<a href="https://x.example/">here</a>.', "here (https://x.example/).\n"),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example\n"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example\n"),
        ('<a href="mailto:a@x.example">write</a> us', "write (a@x.example) us\n"),
        ('<a href="https://x.example/">never closed', "never closed (https://x.example/)\n"),
        ('<a href="#top">up</a> <a href="javascript:x()">no</a>', "up no\n"),
        ("<p>Buy:</p><ul><li>milk</li><li>tea</li></ul><p>Bye</p>", "Buy:\n\n- milk\n- tea\n\nBye\n"),
        ("<ol><li>a<li>b<ul><li>c</ul><li>d</ol>", "1. a\n2. b\n  - c\n3. d\n"),
        ("<ul><li><p>para</p></li></ul>", "- para\n"),
        ("<blockquote><p>one</p><p>two</p></blockquote>end", "> one\n>\n> two\n\nend\n"),
        ("<pre>  x\n    y</pre>", "  x\n    y\n"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a  b\n1  2\n"),
        ('<img alt="Logo" src="cid:x"> <img src="cid:y">', "Logo\n"),
        ("a<hr>b", "a\n---\nb\n"),
        ("<head><title>t</title><style>p{}</style></head><body>x<script>y</script></body>", "x\n"),
        ("<!-- no --><![if !mso]>seen<![endif]>", "seen\n"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert html_to_text(html) == text


markup = ["<p>", "</p>", "<ul>", "<li>", "</ul>", "<ol>", "</ol>", "<a href='http://x.y/'>", "</a>", "<pre>", "</pre>"]
markup += ["<blockquote>", "</blockquote>", "<table>", "<tr>", "<td>", "</table>", "<br>", "<b>", "</b>", "<hr>"]
broken = ["<script>", "</script>", "<!--", "-->", "<![", "<!", "<?", "&amp;", "&#", "<", ">", "<a href=", "'", "\n"]


@given(st.lists(st.one_of(st.sampled_from(markup + broken), st.text(max_size=5)), max_size=30))
def test_no_html_is_too_broken(parts: list[str]) -> None:
    assert html_to_text("".join(parts)).endswith("\n")


@given(st.lists(st.sampled_from(markup)))
def test_no_word_is_lost_and_none_comes_twice(parts: list[str]) -> None:
    html = "".join(f"{tag}word{number} " for number, tag in enumerate(parts))
    assert re.findall(r"word\d+", html_to_text(html)) == [f"word{number}" for number in range(len(parts))]
