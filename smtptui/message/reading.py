"""A message as text for people: every line is safe to show, lines are separated by LF."""

from smtptui.message import content as reader
from smtptui.message.content import PartFacts
from smtptui.protocol import decode, visible, visible_lines

_SHOWN = ("from", "sender", "reply-to", "to", "cc", "subject", "date")
_HTML_READ = 1024 * 1024
"""Characters of an HTML part that are rendered; what follows is left out, and said to be."""


def headers_text(content: bytes) -> str:
    """The headers, one a line: unfolded and decoded."""
    return "\n".join(f"{name}: {value}" for name, value in reader.headers(content))


def body_text(content: bytes, *, prefer_html: bool = False) -> str:
    """The text of the message, decoded; other ways to say the same and attachments are only named.

    HTML is rendered as text. It is shown where there is no plain text, or when it is preferred.
    """
    shown, text = _text(content, prefer_html=prefer_html)
    others = list(reader.parts(content))
    lines: list[str] = []
    if shown is not None:
        others.remove(shown)
        lines += [*([f"[{_described(shown)}]"] if shown.type != "text/plain" else []), *text]
    lines += [f"[{_described(part)}]" for part in others]
    return "\n".join(lines)


def html_text(content: bytes) -> str:
    """The HTML part as it is written, tags and all; empty if the message has none."""
    part, text = reader.text_of(content, prefer_html=True) or (None, "")
    if part is None or part.type != "text/html":
        return ""
    return "\n".join(visible(line.removesuffix("\r").expandtabs()) for line in text.removesuffix("\n").split("\n"))


def letter_text(content: bytes, *, prefer_html: bool = False) -> str:
    """What a mail program shows: the headers it shows by itself, and the text alone."""
    found = reader.headers(content)
    head = [f"{name}: {value}" for wanted in _SHOWN for name, value in found if name.lower() == wanted]
    _, text = _text(content, prefer_html=prefer_html)
    return "\n".join([*head, "", *text])


def others_text(content: bytes) -> list[str]:
    """What the message has besides the text that :func:`letter_text` shows, a line for each part: its other version,
    attachments and what the HTML shows, with type and size."""
    shown, _ = _text(content, prefer_html=False)
    others = list(reader.parts(content))
    if shown is not None:
        others.remove(shown)
    lines = []
    for part in others:
        facts = f"{part.type}, {part.size:,} octets"
        if part.inline:
            lines.append(f"Shown in the HTML: {part.name or 'a file without a name'} ({facts})")
        elif not part.name and part.type in ("text/html", "text/plain"):
            lines.append(f"Also: {'an HTML' if part.type == 'text/html' else 'a text'} version ({facts})")
        else:
            lines.append(f"Attachment: {part.name or 'without a name'} ({facts})")
    return lines


def attachments_of(content: bytes) -> tuple[PartFacts, ...]:
    """The parts that a mail program offers as files: those with a name, and those that are no text."""
    return tuple(part for part in reader.parts(content) if part.name or not part.type.startswith("text/"))


def raw_text(content: bytes) -> str:
    """The whole message, octet for octet; a line that does not end in CRLF shows how it ends."""
    lines = visible_lines(decode(content))
    return "\n".join(lines[:-1] if content.endswith(b"\r\n") and not lines[-1] else lines)


def parts_of(content: bytes) -> tuple[PartFacts, ...]:
    """The MIME parts that are no containers."""
    return reader.parts(content)


def _text(content: bytes, *, prefer_html: bool) -> tuple[PartFacts | None, list[str]]:
    chosen = reader.text_of(content, prefer_html=prefer_html)
    if chosen is None:
        return None, []
    part, text = chosen
    if part.type == "text/html":
        text = _rendered(text)
    lines = [visible(line.removesuffix("\r").expandtabs()) for line in text.split("\n")]
    return part, lines[:-1] if lines[-1] == "" else lines


def _rendered(html: str) -> str:
    # Imported when it is needed: html.parser costs start-up time and most messages do without.
    from smtptui.message.html_to_text import html_to_text

    text = reader.lenient(lambda: html_to_text(html[:_HTML_READ]), html)
    return text if len(html) <= _HTML_READ else f"{text}\n[the rest of the HTML is not shown]"


def _described(part: PartFacts) -> str:
    name = f" “{part.name}”" if part.name else ""
    return f"{part.type}{name}, {part.size:,} octets"
