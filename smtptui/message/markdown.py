"""HTML from Markdown, with HTML in the source shown as text so that a pasted tag can do no harm."""

from markdown_it import MarkdownIt

_PAGE = '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n{}</body>\n</html>\n'


def markdown_to_html(text: str) -> str:
    """``text`` (CommonMark, tables, strikethrough) as a page; links with a script in them stay text."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return _PAGE.format(reader.render(text))
