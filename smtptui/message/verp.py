"""An envelope sender of each recipient's own, by which what comes back tells whom it was for (VERP)."""

import re

from smtptui.message.message import MessageError
from smtptui.protocol import MailboxError, parse_mailbox, visible

_MOST_LOCAL = 64
"""Octets before the “@” (RFC 5321 section 4.5.3.1.1)."""
_TOKEN = re.compile(r"[A-Za-z0-9_=-]+\Z")


def verp_address(sender: str, token: str) -> str:
    """``local+TOKEN@domain``, for servers that deliver such an address to ``local@domain``.

    Raises :class:`MessageError` where that is no address.
    """
    try:
        box = parse_mailbox(sender)
    except MailboxError as error:
        raise MessageError(f"Envelope sender: {error}") from error
    shown = visible(box.address)
    if not box.domain:
        raise MessageError(f"Envelope sender: {shown} has no domain; one sender for each recipient needs it.")
    if box.local.startswith('"'):
        raise MessageError(
            f"Envelope sender: nothing can be added to the quoted {shown}; use another address, or one sender for all."
        )
    if not _TOKEN.match(token):
        raise MessageError(f"Envelope sender: {visible(token)!r} cannot be part of an address.")
    local = f"{box.local}+{token}"
    size = len(local.encode())
    if size > _MOST_LOCAL:
        raise MessageError(
            f"Envelope sender: {shown} has no room for what tells the recipients apart: {size} octets before the “@”, "
            f"{_MOST_LOCAL} are allowed (RFC 5321 section 4.5.3.1.1); use a shorter address, or one sender for all."
        )
    return f"{local}@{box.domain}"
