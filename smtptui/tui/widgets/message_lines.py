"""A message folded to lines for a view: as a mail program shows it, with all its headers, or its octets."""

from smtptui.message import attachments_of, body_text, headers_text, letter_text, parts_of, raw_text
from smtptui.transcript import octets
from smtptui.tui.widgets.rows import Ink, fold

_HEAD = 16 * 1024 * 1024
"""Characters of a message that a reading shows."""

Lines = list[tuple[str, Ink]]


def fold_letter(content: bytes, width: int, *, prefer_html: bool = False) -> Lines:
    """The message as its recipient's program shows it, with a list of the attachments, in ``width`` cells."""
    head, _, text = letter_text(content, prefer_html=prefer_html).partition("\n\n")
    lines = fold(lines_of(head), width, Ink.MUTED)
    lines.append(("", Ink.PLAIN))
    lines += fold(lines_of(text), width)
    found = attachments_of(content)
    if found:
        lines += [("", Ink.PLAIN), ("Attachments", Ink.STRONG)]
        for part in found:
            lines += fold([f"{part.name or 'without a name'}  {part.type}, {octets(part.size)}"], width)
    return lines


def fold_parsed(content: bytes, width: int) -> Lines:
    """Headers, text, and the list of parts, in ``width`` cells."""
    lines = fold(lines_of(headers_text(content)), width, Ink.MUTED)
    lines.append(("", Ink.PLAIN))
    lines += fold(lines_of(body_text(content)), width)
    found = parts_of(content)
    if len(found) > 1:
        lines += [("", Ink.PLAIN), ("Parts", Ink.STRONG)]
        for number, part in enumerate(found, 1):
            name = f" “{part.name}”" if part.name else ""
            lines += fold([f"{number}  {part.type}{name}, {octets(part.size)}"], width)
    return lines


def fold_raw(content: bytes, width: int) -> Lines:
    """The octets as they are, in ``width`` cells."""
    return fold(lines_of(raw_text(content[:_HEAD])), width)


def lines_of(text: str) -> list[str]:
    """The lines of a text, as far as a reading goes."""
    return text[:_HEAD].split("\n")
