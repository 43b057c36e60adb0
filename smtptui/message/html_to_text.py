"""Plain text from HTML, for readers that show no HTML: paragraphs, lists, links, tables, quotations."""

import re
from html.parser import HTMLParser

_SKIPPED = frozenset({"head", "script", "style", "template", "title"})
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "html",
        "main",
        "nav",
        "section",
        "tbody",
        "tfoot",
        "thead",
        "table",
    ]
)
_PARAGRAPHS = frozenset(["blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"])
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
# Downlevel-revealed conditional comments of Outlook, which html.parser takes for a fault.
_CONDITIONAL = re.compile(r"<!\[[^>]*(?:>|\Z)")


def html_to_text(html: str) -> str:
    """``html`` as plain text with LF line ends; a link's address follows its text in round brackets."""
    reader = _Reader()
    reader.feed(_CONDITIONAL.sub("", html))
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._skipping: str | None = None
        self._skip_depth = 0
        self._preformatted = 0
        self._quoted = 0
        self._lists: list[int | None] = []
        self._mark = ""
        self._link: tuple[str, str] | None = None

    def text(self) -> str:
        self._close_link()
        self._break()
        text = "\n".join(self._lines)
        return re.sub(r"\n(?:[> ]*\n){2,}", "\n\n", text).strip("\n") + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping is not None:
            self._skip_depth += tag == self._skipping
            return
        if tag in _SKIPPED:
            self._skipping, self._skip_depth = tag, 1
            return
        values = {name: value or "" for name, value in attrs}
        self._open_block(tag)
        if tag == "ol" and _NUMBER.fullmatch(values.get("start", "").strip()):
            self._lists[-1] = int(values["start"])
        if tag == "br":
            self._break(keep=True)
        elif tag == "hr":
            self._break()
            self._line = "---"
            self._break()
        elif tag == "img":
            self._add(values.get("alt", ""))
        elif tag == "a":
            self._close_link()
            self._link = (values.get("href", "").strip(), "")

    def _open_block(self, tag: str) -> None:
        if tag in _BLOCKS or tag in _PARAGRAPHS or tag in ("li", "tr"):
            self._break()
        if tag in _PARAGRAPHS and not self._lists and not self._mark:
            self._paragraph()
        if tag in ("ul", "menu", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            if number is not None:
                self._lists[-1] = number + 1
            self._mark = "- " if number is None else f"{number}. "
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "blockquote":
            self._quoted += 1
        elif tag in ("td", "th") and self._line.strip():
            self._line = self._line.rstrip() + "  "

    def handle_endtag(self, tag: str) -> None:
        if self._skipping is not None:
            self._skip_depth -= tag == self._skipping
            if not self._skip_depth:
                self._skipping = None
            return
        if tag == "a":
            self._close_link()
        if tag in _BLOCKS or tag in _PARAGRAPHS or tag in ("li", "tr"):
            self._break()
        if tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        elif tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)
        elif tag in ("ul", "menu", "ol") and self._lists:
            self._lists.pop()
            self._mark = ""
        elif tag == "li":
            self._mark = ""
        if tag in _PARAGRAPHS and not self._lists:
            self._paragraph()

    def handle_data(self, data: str) -> None:
        if self._skipping is not None:
            return
        if self._link is not None:
            self._link = (self._link[0], self._link[1] + data)
        if self._preformatted:
            first, *rest = data.replace("\r\n", "\n").split("\n")
            self._line += first
            for line in rest:
                self._break(keep=True)
                self._line = line
        else:
            self._add(_BLANKS.sub(" ", data))

    def _add(self, text: str) -> None:
        if not self._line or self._line.endswith(" "):
            text = text.removeprefix(" ")
        self._line += text

    def _close_link(self) -> None:
        if self._link is None:
            return
        href, shown = self._link
        self._link = None
        target = href.removeprefix("mailto:")
        if href.startswith(("http:", "https:", "mailto:", "ftp:", "tel:")) and target.rstrip("/") not in (
            shown.strip(),
            shown.strip().rstrip("/"),
        ):
            trailing = " " if self._line.endswith(" ") else ""
            self._line = f"{self._line.rstrip()} ({target}){trailing}".lstrip()

    def _break(self, *, keep: bool = False) -> None:
        """End the line; an empty one counts only where ``keep`` says it was written on purpose."""
        line = self._line if self._preformatted else self._line.rstrip()
        self._line = ""
        if not line and not keep:
            return
        self._lines.append(self._prefix() + line)

    def _prefix(self) -> str:
        indent = "  " * max(0, len(self._lists) - 1)
        if self._mark:
            indent += self._mark
            self._mark = " " * len(self._mark)
        return "> " * self._quoted + indent

    def _paragraph(self) -> None:
        empty = ("> " * self._quoted).rstrip()
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(empty)
        elif self._lines:
            # A quotation that ends takes its mark from the empty line after it.
            self._lines[-1] = min(empty, self._lines[-1], key=len)
