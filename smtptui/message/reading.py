"""A message as text for people: every line is safe to show, lines are separated by LF."""

from smtptui.message import content as reader
from smtptui.message.content import PartFacts
from smtptui.protocol import decode, visible, visible_lines

_HTML_READ = 1024 * 1024
"""Characters of an HTML part that are rendered; what follows is left out, and said to be."""


def headers_text(content: bytes) -> str:
    """The headers, one a line: unfolded and decoded."""
    return "\n".join(f"{name}: {value}" for name, value in reader.headers(content))


def body_text(content: bytes, *, prefer_html: bool = False) -> str:
    """The text of the message, decoded; other ways to say the same and attachments are only named.

    HTML is rendered as text. It is shown where there is no plain text, or when it is preferred.
    """
    chosen = reader.text_of(content, prefer_html=prefer_html)
    lines: list[str] = []
    others = list(reader.parts(content))
    if chosen is not None:
        part, text = chosen
        others.remove(part)
        if part.type != "text/plain":
            lines.append(f"[{_described(part)}]")
        if part.type == "text/html":
            text = _rendered(text)
        lines += [visible(line.removesuffix("\r").expandtabs()) for line in text.split("\n")]
        if lines[-1] == "":
            lines.pop()
    lines += [f"[{_described(part)}]" for part in others]
    return "\n".join(lines)


def raw_text(content: bytes) -> str:
    """The whole message, octet for octet; a line that does not end in CRLF shows how it ends."""
    lines = visible_lines(decode(content))
    return "\n".join(lines[:-1] if content.endswith(b"\r\n") and not lines[-1] else lines)


def parts_of(content: bytes) -> tuple[PartFacts, ...]:
    """The MIME parts that are no containers."""
    return reader.parts(content)


def _rendered(html: str) -> str:
    # Imported when it is needed: html.parser costs start-up time and most messages do without.
    from smtptui.message.html_text import html_to_text

    text = reader.lenient(lambda: html_to_text(html[:_HTML_READ]), html)
    return text if len(html) <= _HTML_READ else f"{text}\n[the rest of the HTML is not shown]"


def _described(part: PartFacts) -> str:
    name = f" “{part.name}”" if part.name else ""
    return f"{part.type}{name}, {part.size:,} octets"
