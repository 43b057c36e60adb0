"""HTML from Markdown: of text that anybody wrote, or of a template, whose author may use HTML in it."""

from functools import cache

from markdown_it import MarkdownIt

_PAGE = '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n{}</body>\n</html>\n'


def markdown_to_html(text: str, *, own: bool = False) -> str:
    """``text`` (CommonMark, tables, strikethrough) as a page; links with a script in them stay text.

    HTML in it is shown as text, so that a pasted tag can do no harm. In an author's ``own`` text it is HTML, and a line
    break is one, as in mailmerge's templates.
    """
    return _PAGE.format(_reader(own).render(text))


@cache
def _reader(own: bool) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": own, "breaks": own}).enable(["table", "strikethrough"])
