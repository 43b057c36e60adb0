"""The tree of body parts of a draft: texts as alternatives, inline files with the HTML, attachments around."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote, unquote

from smtptui.message.draft import Draft
from smtptui.message.message import MessageError
from smtptui.message.part import Part, checked_content_id, file_part, multipart, text_part
from smtptui.protocol import visible

# The value of an attribute in either quotation marks or none, or a url(…) of CSS.
CID = re.compile(
    r"""(?<=")cid:([^"<>]+)(?=")|(?<=')cid:([^'<>]+)(?=')|(?<=\()cid:([^()"'<>]+)(?=\))|(?<==)cid:([^\s"'<>]+)""",
    re.IGNORECASE,
)
"""A reference of HTML to a file of the message (RFC 2392)."""


def body_part(
    draft: Draft, random_token: Callable[[], str], domain: str, *, eight_bit: bool = False, unsent: bool = False
) -> tuple[Part, tuple[str, ...]]:
    """The outermost part and notes; raises :class:`MessageError`.

    multipart/mixed holds the text and the attachments, multipart/alternative plain text and HTML,
    multipart/related the HTML and what it shows (RFC 2046, RFC 2387); each only where it is needed.
    With ``eight_bit`` texts that are not ASCII are sent as they are. Markdown is made plain text beside its HTML; a
    message that is ``unsent`` keeps it as it was written.
    """
    notes: list[str] = []
    attached: list[Part] = []
    html = _html(draft)
    if html is None:
        shown = text_part("Text", draft.text, "plain", eight_bit=eight_bit)
        if draft.inline:
            notes.append("There is no HTML to show inline files, so they are sent as attachments.")
            attached += _files("Inline file", draft, notes, inline=True)
    else:
        html, related = _related(draft, html, random_token, domain, notes)
        rich = text_part("HTML", html, "html", eight_bit=eight_bit)
        if related:
            rich = multipart("related", [rich, *related], random_token(), [("type", "text/html")])
        text = _read_text(draft) if draft.markdown and not unsent else draft.text
        plain = text_part("Text", text or _plain(html), "plain", eight_bit=eight_bit)
        shown = multipart("alternative", [plain, rich], random_token())
    attached += _files("Attachment", draft, notes, inline=False)
    if attached:
        shown = multipart("mixed", [shown, *attached], random_token())
    return shown, tuple(notes)


def _html(draft: Draft) -> str | None:
    if not draft.markdown:
        return draft.html or None
    if draft.html:
        raise MessageError("HTML: the text is Markdown and becomes the HTML; give one of the two.")
    # Imported when it is needed: it costs start-up time and most messages do without.
    from smtptui.message.markdown import markdown_to_html

    return markdown_to_html(draft.text)


def _read_text(draft: Draft) -> str:
    # Imported when it is needed: it costs start-up time and most messages do without.
    from smtptui.message.markdown import markdown_to_text

    return markdown_to_text(draft.text)


def _plain(html: str) -> str:
    # Imported when it is needed: html.parser costs start-up time and most messages do without.
    from smtptui.message.html_to_text import html_to_text

    return html_to_text(html)


def _files(field: str, draft: Draft, notes: list[str], *, inline: bool) -> list[Part]:
    parts = []
    for file in draft.inline if inline else draft.attachments:
        part, note = file_part(field, file)
        parts.append(part)
        if note:
            notes.append(note)
    return parts


def _related(
    draft: Draft, html: str, random_token: Callable[[], str], domain: str, notes: list[str]
) -> tuple[str, list[Part]]:
    """The HTML with its ``cid:`` references resolved, and the files as parts."""
    by_name: dict[str, str] = {}
    parts: dict[str, Part] = {}
    for file in draft.inline:
        field = f"Inline file {visible(file.name)!r}"
        if file.content_id is not None:
            content_id = checked_content_id(field, file.content_id)
        elif file.name in by_name:
            raise MessageError(f"{field}: two files have this name, so the HTML cannot tell them apart; rename one.")
        else:
            content_id = f"{random_token()}@{domain}"
        if content_id in parts:
            raise MessageError(f"{field}: two files have the content id {content_id}; change one.")
        by_name.setdefault(file.name, content_id)
        part, note = file_part("Inline file", file, content_id=content_id)
        parts[content_id] = part
        if note:
            notes.append(note)
    used: set[str] = set()

    def resolve(match: re.Match[str]) -> str:
        reference = match[match.lastindex or 0]
        # A name may be written as it is, as in HTML text, or as in a URL.
        for form in (reference, unescape(reference), unquote(unescape(reference)).strip()):
            content_id = form if form in parts else by_name.get(form)
            if content_id is not None:
                used.add(content_id)
                return f"cid:{quote(content_id, safe='@!$*+')}"
        notes.append(f"The HTML refers to cid:{visible(reference)}, and no inline file has that name.")
        return match[0]

    html = CID.sub(resolve, html)
    notes += [
        f"The inline file {visible(name)!r} is not referred to by the HTML; write cid:{visible(name)} there."
        for name, content_id in by_name.items()
        if content_id not in used
    ]
    return html, list(parts.values())
