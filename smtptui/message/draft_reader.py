"""A saved message becomes a draft again: fields, texts and files, and notes on what a draft cannot hold."""

import re
from collections.abc import Iterable
from functools import partial
from urllib.parse import quote

from smtptui.message.body import CID
from smtptui.message.content import decoded, lenient
from smtptui.message.draft import Attachment, Draft
from smtptui.message.draft_parts import Texts, read_parts
from smtptui.message.draft_writer import BY_HAND
from smtptui.message.fields import GROUP_OF_NONE, MORE_ADDRESSES
from smtptui.message.header_field import FORBIDDEN, mailbox_text
from smtptui.message.message import MessageError
from smtptui.message.wire_fields import FIELD, Field, header_fields, no_header, split_head, unwrapped
from smtptui.protocol import decode, read_addresses, visible

UNSENT = "x-unsent"
"""Lower-case name of the field that marks a draft, as Outlook and others write it."""

_OF_THE_FORM = {"from": "sender", "to": "to", "cc": "cc", "bcc": "bcc", "reply-to": "reply_to"}
_OF_THE_FILE = (UNSENT, BY_HAND.lower(), "mime-version", "content-type", "content-transfer-encoding")
_MADE_ANEW = ("date", "message-id")
_OF_A_JOURNEY = frozenset(
    [
        "arc-authentication-results",
        "arc-message-signature",
        "arc-seal",
        "authentication-results",
        "delivered-to",
        "dkim-signature",
        "domainkey-signature",
        "received",
        "received-spf",
        "return-path",
        "x-original-to",
    ]
)


def read_draft(data: bytes) -> tuple[Draft, tuple[str, ...]]:
    """The draft in a file, and notes on what is left out or changed; raises :class:`MessageError`.

    In one that :func:`~smtptui.message.write_draft` wrote nothing is lost. In a message that was sent before, Date,
    Message-ID and what tells of its journey are left out.
    """
    notes: list[str] = []
    data, first_line = unwrapped(data, notes)
    if b"\0" in data:
        raise MessageError("The file has NUL octets, so it is no message that could be edited.")
    content = data if data.count(b"\n") == data.count(b"\r\n") else re.sub(rb"\r?\n", b"\r\n", data)
    header, rest = split_head(content)
    if not FIELD.match(content):
        raise MessageError(no_header(content, first_line))
    fields = list(header_fields(header))
    unsent = any(field.name == UNSENT for field in fields)
    draft = _of_fields(fields, notes, unsent=unsent)
    texts = read_parts(header, rest.removeprefix(b"\r\n"), notes)
    return _with_texts(draft, texts, named=unsent), tuple(notes)


def _of_fields(fields: Iterable[Field], notes: list[str], *, unsent: bool) -> Draft:
    form: dict[str, list[str]] = {name: [] for name in _OF_THE_FORM.values()}
    subject: str | None = None
    headers: list[tuple[str, str]] = []
    left_out: list[str] = []
    made_anew: list[str] = []
    fields = list(fields)
    by_hand = {name for field in fields if field.name == BY_HAND.lower() for name in _value(field).lower().split()}
    for field in fields:
        name, value = _spelled(field), _value(field)
        if not field.name:
            shown = visible(decode(field.raw.partition(b"\r\n")[0][:60]))
            notes.append(f"“{shown}” is no header field and is left out.")
        elif field.name in _OF_THE_FORM and field.name not in by_hand:
            if GROUP_OF_NONE.match(value) and field.name not in ("from", "bcc"):
                headers.append((name, value))
            else:
                form[_OF_THE_FORM[field.name]] += _addresses(value)
        elif field.name == "subject" and subject is None and field.name not in by_hand:
            subject = _shown(name, decoded(value), notes)
        elif field.name in _MADE_ANEW and not unsent:
            made_anew.append(name)
        elif field.name in _OF_THE_FILE:
            continue
        elif field.name.startswith(("content-", "resent-")) or (field.name in _OF_A_JOURNEY and not unsent):
            left_out.append(name)
        elif (field.name in _OF_THE_FORM and not GROUP_OF_NONE.match(value)) or (
            field.name == "sender" or field.name in MORE_ADDRESSES
        ):
            headers.append((name, ", ".join(_addresses(value))))
        else:
            headers.append((name, _shown(name, decoded(value), notes)))
    if made_anew:
        notes.append(f"{' and '.join(dict.fromkeys(made_anew))}: made anew when the message is sent.")
    if left_out:
        notes.append(f"Left out, since they are about the message as it was: {', '.join(dict.fromkeys(left_out))}.")
    return Draft(
        sender=", ".join(form["sender"]),
        to=tuple(form["to"]),
        cc=tuple(form["cc"]),
        bcc=tuple(form["bcc"]),
        reply_to=tuple(form["reply_to"]),
        subject=subject or "",
        headers=tuple(headers),
    )


def _spelled(field: Field) -> str:
    return decode(field.raw.partition(b":")[0].rstrip())


def _value(field: Field) -> str:
    """Unfolded: a line end before a blank is taken away, the blank stays (RFC 5322 section 2.2.3)."""
    return decode(re.sub(rb"\r\n(?=[ \t])", b"", field.raw.partition(b":")[2])).strip(" \t\r\n")


def _shown(name: str, value: str, notes: list[str]) -> str:
    if not FORBIDDEN.search(value):
        return value
    notes.append(f"{visible(name)}: octets that are no text are written out, as in \\x1b.")
    return FORBIDDEN.sub(lambda match: visible(match[0]), value)


def _addresses(value: str) -> list[str]:
    """Each address as the form writes it; one that cannot be read stays as it is, to be mended there."""
    return [
        mailbox_text(decoded(entry.mailbox.name), entry.mailbox.address)
        if entry.mailbox is not None
        else FORBIDDEN.sub(lambda match: visible(match[0]), decoded(entry.text))
        for entry in read_addresses(value).entries
    ]


def _with_texts(draft: Draft, texts: Texts, *, named: bool) -> Draft:
    """The draft with its texts; what was made from another text is recognised and made again when it is built."""
    # Imported when they are needed: they cost start-up time.
    from smtptui.message.html_to_text import html_to_text
    from smtptui.message.markdown import markdown_to_html

    text, html, inline = texts.text, texts.html, texts.inline
    plain = lenient(partial(html_to_text, html), "") if html is not None else None
    if html is not None and named:
        html, inline = _by_name(html, inline)
    markdown = html is not None and bool(text) and markdown_to_html(text) == html
    return Draft(
        sender=draft.sender,
        to=draft.to,
        cc=draft.cc,
        bcc=draft.bcc,
        reply_to=draft.reply_to,
        subject=draft.subject,
        headers=draft.headers,
        text="" if text == plain and not markdown else text,
        html=None if markdown else html,
        markdown=markdown,
        attachments=texts.attachments,
        inline=inline,
    )


def _by_name(html: str, inline: tuple[Attachment, ...]) -> tuple[str, tuple[Attachment, ...]]:
    """References to files by their names, as an author writes them, where the names are enough."""
    names = [file.name for file in inline]
    by_id = {
        file.content_id: file.name
        for file in inline
        if file.content_id and names.count(file.name) == 1 and file.name == file.name.strip()
    }

    def resolve(match: re.Match[str]) -> str:
        reference = match[match.lastindex or 0]
        for content_id, name in by_id.items():
            if reference == quote(content_id, safe="@!$*+"):
                return f"cid:{quote(name)}"
        return match[0]

    return CID.sub(resolve, html), tuple(
        Attachment(file.name, file.content, file.content_type) if file.content_id in by_id else file for file in inline
    )
