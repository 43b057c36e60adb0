"""The header section of a draft: which fields it has, who wins when two sources name one, who receives it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

from smtptui.message.draft import Draft
from smtptui.message.header_field import addresses, check_name, mailboxes, structured, unstructured
from smtptui.message.message import MessageError
from smtptui.protocol import Mailbox, ascii_domain, visible

_MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>\Z")
GROUP_OF_NONE = re.compile(r"[A-Za-z0-9_-]+(?: [A-Za-z0-9_-]+)*:[ \t]*;\Z")

_FROM_DRAFT = ("From", "Sender", "To", "Cc", "Reply-To")
MORE_ADDRESSES = frozenset(
    [
        "resent-from",
        "resent-sender",
        "resent-to",
        "resent-cc",
        "disposition-notification-to",
        "return-receipt-to",
        "errors-to",
        "mail-followup-to",
        "mail-reply-to",
    ]
)
# RFC 5322 section 3.6: these occur once at most.
_ONCE = frozenset(
    ["date", "from", "sender", "reply-to", "to", "cc", "message-id", "in-reply-to", "references", "subject"]
)
# Fields of identifiers, dates and parameters, where an encoded word has no meaning.
STRUCTURED = frozenset(
    [
        "arc-authentication-results",
        "arc-message-signature",
        "arc-seal",
        "authentication-results",
        "auto-submitted",
        "dkim-signature",
        "domainkey-signature",
        "list-archive",
        "list-help",
        "list-owner",
        "list-post",
        "list-subscribe",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "precedence",
        "received",
        "received-spf",
        "resent-date",
        "resent-message-id",
        "return-path",
    ]
)

_NOBODY = Mailbox("", "", "")


@dataclass(frozen=True, slots=True)
class HeaderSection:
    """The header fields that are not about MIME, and what was read on the way."""

    lines: bytes
    author: Mailbox
    """Sender, else From."""
    recipients: tuple[str, ...]
    notes: tuple[str, ...]


def header_section(
    draft: Draft, *, now: datetime, message_token: str, smtputf8: bool, unsent: bool = False
) -> HeaderSection:
    """All fields but those of MIME, in the usual order; raises :class:`MessageError`.

    One that is ``unsent`` needs no author yet, and has Date and Message-ID only if the draft has them.
    """
    own, others = _sorted_out(draft.headers)
    groups = {name for name in ("to", "cc", "reply-to") if name in own and GROUP_OF_NONE.match(own[name][1])}
    form = {
        "From": (draft.sender,),
        "Sender": (),
        "To": draft.to,
        "Cc": draft.cc,
        "Reply-To": draft.reply_to,
    }
    boxes = {
        name: mailboxes(*_replaced(name, values, own)) if name.lower() not in groups else ()
        for name, values in form.items()
    }
    more = {
        index: mailboxes(name, [value]) for index, (name, value) in enumerate(others) if name.lower() in MORE_ADDRESSES
    }
    envelope = _envelope_boxes(draft, boxes)
    author = _author(boxes) if not unsent else (*boxes["Sender"], *boxes["From"], _NOBODY)[0]
    shown = [*boxes.items(), *((others[index][0], found) for index, found in more.items())]
    _refuse_utf8([*shown, *envelope.items()], allowed=smtputf8)
    utf8 = any(box.needs_smtputf8 for _, found in shown for box in found)

    lines = []
    if not unsent or draft.date or "date" in own:
        lines.append(date_line(draft, now, own))
    for name in _FROM_DRAFT:
        spelled = own[name.lower()][0] if name.lower() in own else name
        if name.lower() in groups:
            lines.append(structured(*own[name.lower()]))
        elif boxes[name] or name.lower() in own:
            lines.append(_addresses(spelled, boxes[name], utf8))
    subject = own.get("subject", ("Subject", draft.subject))
    if draft.subject or "subject" in own:
        lines.append(unstructured(*subject, utf8=utf8))
    if not unsent or draft.message_id or "message-id" in own:
        lines.append(_message_id(draft, own, message_token, author))
    lines += [structured(*own[name]) for name in ("in-reply-to", "references") if name in own]
    for index, (name, value) in enumerate(others):
        if index in more:
            lines.append(_addresses(name, more[index], utf8))
        elif name.lower() in STRUCTURED:
            lines.append(structured(name, value))
        else:
            lines.append(unstructured(name, value, utf8=utf8))

    notes = [
        f"The header {name} was set by hand; the recipients are still those of the fields To, Cc and Bcc."
        for name in ("To", "Cc")
        if name.lower() in own and (draft.to or draft.cc or draft.bcc)
    ]
    notes += [
        f"{name}: “{box.local}” has no domain, which a header needs (RFC 5322 section 3.4.1); servers may add one."
        for name in _FROM_DRAFT
        for box in boxes[name]
        if not box.domain
    ]
    everyone = [box for found in envelope.values() for box in found]
    return HeaderSection(b"".join(lines), author, unique_addresses(everyone), tuple(notes))


def unique_addresses(boxes: Iterable[Mailbox]) -> tuple[str, ...]:
    """The addresses, each once; the domain's case and form do not matter, the local part's do (RFC 5321 2.4)."""
    found: dict[tuple[str, str], str] = {}
    for box in boxes:
        found.setdefault((box.local, ascii_domain(box.domain).lower()), box.address)
    return tuple(found.values())


def _sorted_out(
    headers: Iterable[tuple[str, str]],
) -> tuple[dict[str, tuple[str, str]], list[tuple[str, str]]]:
    """Fields that occur once, by lower-case name, and the others; raises for fields not to be set by hand."""
    own: dict[str, tuple[str, str]] = {}
    others: list[tuple[str, str]] = []
    for name, value in headers:
        check_name(name)
        key = name.lower()
        if key in ("bcc", "resent-bcc"):
            raise MessageError(
                f"{name}: this field never goes into a message; give the address in Bcc instead (--bcc)."
            )
        if key == "mime-version" or key.startswith("content-"):
            raise MessageError(
                f"{name}: this field describes the message's structure and is made by itself; "
                "to send your own, send a finished message (.eml)."
            )
        if key not in _ONCE:
            others.append((name, value))
        elif key in own:
            raise MessageError(f"{name}: this field occurs once at most (RFC 5322 section 3.6); remove the other.")
        else:
            own[key] = (name, value)
    return own, others


def _replaced(name: str, values: Iterable[str], own: dict[str, tuple[str, str]]) -> tuple[str, Iterable[str]]:
    replacement = own.get(name.lower())
    return (replacement[0], [replacement[1]]) if replacement else (name, values)


def _envelope_boxes(draft: Draft, boxes: dict[str, tuple[Mailbox, ...]]) -> dict[str, tuple[Mailbox, ...]]:
    """Who gets the message: nobody whom the form does not name, unless it names nobody."""
    if draft.to or draft.cc or draft.bcc:
        form = {"To": draft.to, "Cc": draft.cc, "Bcc": draft.bcc}
        return {name: mailboxes(name, values) for name, values in form.items()}
    return {"To": boxes["To"], "Cc": boxes["Cc"]}


def _author(boxes: dict[str, tuple[Mailbox, ...]]) -> Mailbox:
    senders, authors = boxes["Sender"], boxes["From"]
    if not authors:
        raise MessageError("From: an address is needed, like Name <local@example.org>.")
    if len(senders) > 1:
        raise MessageError(f"Sender: one address is possible, there are {len(senders)}.")
    if len(authors) > 1 and not senders:
        raise MessageError(
            f"From: {len(authors)} authors need the header Sender with the one who sends (RFC 5322 section 3.6.2)."
        )
    for name in ("From", "Sender"):
        for box in boxes[name]:
            if not box.domain:
                raise MessageError(f"{name}: {box.address} needs a domain, like {box.local}@example.org.")
    return (senders or authors)[0]


def _refuse_utf8(fields: Iterable[tuple[str, tuple[Mailbox, ...]]], *, allowed: bool) -> None:
    for name, boxes in fields:
        for box in boxes:
            if box.needs_smtputf8 and not allowed:
                raise MessageError(
                    f"{name}: {visible(box.address)} is not ASCII before the “@”; "
                    "that needs SMTPUTF8 (RFC 6531): allow it, or use another address."
                )


def _addresses(name: str, boxes: tuple[Mailbox, ...], utf8: bool) -> bytes:
    if not boxes:
        raise MessageError(f"{name}: an address is needed, or leave the field out.")
    return addresses(name, boxes, utf8=utf8)


def date_line(draft: Draft, now: datetime, own: dict[str, tuple[str, str]]) -> bytes:
    if "date" in own:
        name, value = own["date"]
        line = structured(name, value)
        try:
            parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            raise MessageError(
                f"{name}: {visible(value)!r} is no date; write it like “Mon, 02 Jan 2006 15:04:05 +0000”."
            ) from error
        return line
    date = draft.date or now
    offset = date.utcoffset()
    if offset is None:
        raise MessageError(f"Date: {date} has no time zone; add one.")
    if not 1900 <= date.year < 9999:
        raise MessageError(f"Date: the year {date.year} is not possible in a message (RFC 5322 section 3.3).")
    # Historic local times have seconds in their offset, which the header has no place for.
    whole = date.astimezone(timezone(timedelta(minutes=round(offset.total_seconds() / 60))))
    return structured("Date", format_datetime(whole))


def _message_id(draft: Draft, own: dict[str, tuple[str, str]], token: str, author: Mailbox) -> bytes:
    made = f"<{token}@{ascii_domain(author.domain)}>"
    name, value = own.get("message-id", ("Message-ID", draft.message_id or made))
    value = value.strip()
    if "<" not in value and value:
        value = f"<{value}>"
    line = structured(name, value)
    if not _MESSAGE_ID.match(value):
        raise MessageError(f"{name}: {visible(value)!r} is no message id; write it like <left@example.org>.")
    return line
