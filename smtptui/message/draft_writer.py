"""A draft as a file: the message it will be, with what only a draft has, such as Bcc and no sender yet."""

from collections.abc import Callable
from datetime import datetime

from smtptui.message.body import body_part
from smtptui.message.draft import Draft
from smtptui.message.fields import header_section
from smtptui.message.header_field import addresses, mailboxes, structured
from smtptui.protocol import ascii_domain

_NOWHERE = "localhost"
"""The domain of content ids while nobody is named as the author."""
BY_HAND = "X-Smtptui-By-Hand"
"""Names those fields of the file that were set by hand among the headers, and not in the form."""
_REPLACEABLE = ("From", "To", "Cc", "Reply-To", "Subject")


def write_draft(draft: Draft, *, now: datetime, random_token: Callable[[], str]) -> bytes:
    """The octets of a file that :func:`~smtptui.message.read_draft` reads, and mail programs open as a draft.

    Date and Message-ID are only there if they were set by hand. Raises :class:`MessageError` for what could not be
    sent either, except that From may be missing.
    """
    header = header_section(draft, now=now, message_token="", smtputf8=True, unsent=True)
    body, _ = body_part(draft, random_token, ascii_domain(header.author.domain) or _NOWHERE, unsent=True)
    lines = structured("X-Unsent", "1") + header.lines
    by_hand = [name for name in _REPLACEABLE if any(name.lower() == own.lower() for own, _ in draft.headers)]
    if by_hand:
        lines += structured(BY_HAND, " ".join(by_hand))
    # Whom a header set by hand does not name gets the message all the same.
    hidden = [text for name, texts in (("To", draft.to), ("Cc", draft.cc)) if name in by_hand for text in texts]
    if boxes := mailboxes("Bcc", (*hidden, *draft.bcc)):
        lines += addresses("Bcc", boxes, utf8=not header.lines.isascii() or any(box.needs_smtputf8 for box in boxes))
    return lines + structured("MIME-Version", "1.0") + body.content
