"""Tests of HTML made from Markdown."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.message.markdown import markdown_both, markdown_to_html, markdown_to_text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("[x](https://x.example)", '<a href="https://x.example">x</a>'),
        ("|a|\n|-|\n|1|", "<td>1</td>"),
        ("~~gone~~", "<s>gone</s>"),
        ("{not} a {} field", "{not} a {} field"),
    ],
)
def test_markdown(text: str, html: str) -> None:
    assert html in markdown_to_html(text)


@pytest.mark.parametrize("text", ["<script>x</script>", "<img src=x onerror=y>", "a <b onclick=x>b</b>"])
def test_tags_in_the_source_are_text(text: str) -> None:
    assert "&lt;" in markdown_to_html(text)
    assert text not in markdown_to_html(text)


@pytest.mark.parametrize("link", ["javascript:x()", "vbscript:x", "data:text/html,x", "file:///etc/passwd"])
def test_links_that_run_something_stay_text(link: str) -> None:
    assert "href" not in markdown_to_html(f"[x]({link})")


def test_the_page_is_complete() -> None:
    page = markdown_to_html("x")
    assert page.startswith("<!DOCTYPE html>\n<html>")
    assert page.endswith("</body>\n</html>\n")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("# Title\n\n**Dear** *Ann*, ~~no~~ `x`", "Title\n\nDear Ann, no x\n"),
        ("[here](https://x.example/?a=1&b=2)", "here (https://x.example/?a=1&b=2)\n"),
        ("<https://x.example>, [mail](mailto:a@x.example)", "https://x.example, mail (a@x.example)\n"),
        ("[ref][1]\n\n[1]: https://x.example", "ref (https://x.example)\n"),
        ("![Logo](logo.png) ![](line.png)", "Logo\n"),
        ("[![Logo](logo.png)](https://x.example)", "Logo (https://x.example)\n"),
        ("one\ntwo  \nthree\\\nfour", "one\ntwo\nthree\nfour\n"),
        ("- a\n- b\n    - c\n", "- a\n- b\n  - c\n"),
        ("3. a\n4. b\n", "3. a\n4. b\n"),
        ("|a|b|\n|-|-|\n|1|**2**|", "a  b\n1  2\n"),
        ("> a\n> b\n\nc", "> a\n> b\n\nc\n"),
        ("```py\nx = '*'\n  y\n```", "x = '*'\n  y\n"),
        ("a \\*b\\* 2 \\_ &copy;", "a *b* 2 _ ©\n"),
        ("Title\n=====\n\n---\n\nx", "Title\n\n---\n\nx\n"),
    ],
)
def test_markdown_as_text(text: str, read: str) -> None:
    assert markdown_to_text(text) == read
    assert markdown_to_text(text, own=True) == read


def test_html_within_an_authors_markdown_is_read_and_anybody_elses_is_text() -> None:
    text = "<div>\n\n**x** <b>y</b><br>z\n\n</div>\n<!-- no --><style>p{}</style>"
    assert markdown_to_text(text, own=True) == "x y\nz\n"
    assert "<b>y</b>" in markdown_to_text("**x** <b>y</b>")


def test_both_are_those_that_are_made_by_themselves() -> None:
    text = "# T\n\n*a* <b>c</b>\nd"
    assert markdown_both(text) == (markdown_to_text(text, own=True), markdown_to_html(text, own=True))


words = (
    st.text("abcäöü0123.,!?() ", min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda word: bool(word) and not re.match(r"\d+[.)]", word))
)


@settings(deadline=None)
@given(st.lists(st.lists(words, min_size=1, max_size=3), min_size=1, max_size=4))
def test_words_without_marks_stay_as_they_are_however_often(paragraphs: list[list[str]]) -> None:
    text = "\n\n".join("\n".join(" ".join(line.split()) for line in lines) for lines in paragraphs)
    once = markdown_to_text(text)
    assert once == text + "\n"
    assert markdown_to_text(once) == once


@settings(deadline=None)
@given(st.text("*_`#[]()!<>|-+ \n1.ab~\\&", max_size=60))
def test_any_text_is_markdown_and_no_letter_is_lost(text: str) -> None:
    read = markdown_to_text(text)
    assert read.endswith("\n")
    # Letters in the target of a link or an image, or in the name of a code block, are not words.
    if not re.search(r"[\[\]`~<]", text):
        assert re.findall("[ab]", read) == re.findall("[ab]", text)
