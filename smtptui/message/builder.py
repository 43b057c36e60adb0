"""A draft becomes a message: its header section, its tree of body parts, its suggestion for the envelope."""

from collections.abc import Callable
from datetime import datetime

from smtptui.message.body import body_part
from smtptui.message.draft import Draft, Encoding
from smtptui.message.fields import header_section
from smtptui.message.header_field import structured
from smtptui.message.message import Message, MessageError
from smtptui.protocol import ascii_domain


def build(
    draft: Draft,
    *,
    now: datetime,
    random_token: Callable[[], str],
    smtputf8: bool = False,
    encoding: Encoding = Encoding.AUTO,
) -> Message:
    """Make the message; raises :class:`MessageError`.

    ``now`` (with a time zone) is the Date where the draft has none. ``random_token`` returns ASCII letters and
    digits, different each time, for Message-ID, Content-ID and boundaries. ``smtputf8`` allows local parts
    that are not ASCII: the headers of a message with one are raw UTF-8 (RFC 6532), of any other ASCII.

    Recipients are those of ``to``, ``cc`` and ``bcc``; only when these are empty, those of the headers To
    and Cc set by hand.
    """
    header = header_section(draft, now=now, message_token=random_token(), smtputf8=smtputf8)
    utf8_headers = not header.lines.isascii()
    if utf8_headers and encoding is Encoding.SEVEN_BIT:
        raise MessageError(
            "Body encoding: an address that is not ASCII before the “@” makes the headers UTF-8, which is not 7bit; "
            "set the encoding to auto, or use another address."
        )
    eight_bit = encoding is Encoding.EIGHT_BIT
    body, notes = body_part(draft, random_token, ascii_domain(header.author.domain), eight_bit=eight_bit)
    content = b"".join([header.lines, structured("MIME-Version", "1.0"), *body.pieces])
    return Message(
        content=content,
        sender=header.author.address,
        recipients=header.recipients,
        eight_bit=not content.isascii(),
        utf8_headers=utf8_headers,
        notes=(*header.notes, *notes),
    )
