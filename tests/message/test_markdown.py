"""Tests of HTML made from Markdown."""

import pytest

from smtptui.message.markdown import markdown_to_html


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
