"""HTML and plain text from Markdown: of text that anybody wrote, or of a template, whose author may use HTML in it."""

from functools import cache

from markdown_it import MarkdownIt

_PAGE = '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n{}</body>\n</html>\n'


def markdown_to_html(text: str, *, own: bool = False) -> str:
    """``text`` (CommonMark, tables, strikethrough) as a page; links with a script in them stay text.

    HTML in it is shown as text, so that a pasted tag can do no harm. In an author's ``own`` text it is HTML, and a line
    break is one, as in mailmerge's templates.
    """
    return _PAGE.format(_reader(own, own).render(text))


def markdown_to_text(text: str, *, own: bool = False) -> str:
    """``text`` as it reads without its marks: links with their addresses, images by their alt text, lists, tables and
    quotations as people write them. Line breaks stay, and what is not Markdown stays as it is.
    """
    return _plain(_reader(own, True).render(text))


def markdown_both(text: str) -> tuple[str, str]:
    """An author's own text as plain text and as a page."""
    body = _reader(True, True).render(text)
    return _plain(body), _PAGE.format(body)


def _plain(html: str) -> str:
    # Imported when it is needed: most messages do without.
    from smtptui.message.html_to_text import html_to_text

    return html_to_text(html)


@cache
def _reader(own: bool, breaks: bool) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": own, "breaks": breaks}).enable(["table", "strikethrough"])
