"""Rows on their way to the process that composes, and letters on their way back: plain values, compared on arrival."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from smtptui.batch.composer.frames import FrameError
from smtptui.batch.model import Recipient, RecipientState
from smtptui.protocol import Body, Envelope, Notify, Ret, parse_mailbox
from smtptui.protocol import Recipient as EnvelopeRecipient
from smtptui.session import Prepared

_COMMAND_END = re.compile(r"[\r\n\0]")


def ordered(row: Recipient) -> list[object]:
    """What composing needs to know of a recipient."""
    return [row.seq, row.line, row.address, row.token, row.values]


def row_of(order: Sequence[Any]) -> Recipient:
    """The recipient of an order."""
    seq, line, address, token, values = order
    return Recipient(seq, line, address, "", "", tuple(values), token, RecipientState.PENDING, "", 0, 0.0, 0.0)


def packed(prepared: Prepared) -> tuple[list[object], tuple[bytes, ...]]:
    """A letter to one recipient in plain values, and its octets: as they are, and dot-stuffed if that differs."""
    envelope = prepared.envelope
    (recipient,) = envelope.recipients
    plain: list[object] = [
        [
            envelope.sender, recipient.address, list(recipient.notify), recipient.orcpt,
            envelope.ret, envelope.envid, envelope.body, envelope.smtputf8,
        ],
        prepared.sender, prepared.recipients, prepared.domains, prepared.utf8, prepared.eight_bit, prepared.seven_bit,
        prepared.rcpt_parameters, prepared.mail_parameters, prepared.dsn,
    ]  # fmt: skip
    if prepared.stuffed is prepared.content:
        return plain, (prepared.content,)
    return plain, (prepared.content, prepared.stuffed)


def unpacked(plain: Any, octets: Sequence[bytes], row: Recipient) -> Prepared:
    """The letter that :func:`packed` made plain; raises :class:`FrameError` for one that is not to ``row`` or that
    would say more in a command than it may."""
    try:
        (sender, address, notify, orcpt, ret, envid, body, smtputf8), *rest = plain
        shown, recipients, domains, utf8, eight_bit, seven_bit, rcpt, mail, dsn = rest
        for text in (sender, address, orcpt, envid, shown, mail, *recipients, *domains, *rcpt, *dsn):
            if text is not None and (type(text) is not str or _COMMAND_END.search(text)):
                raise FrameError("a letter with a command in it")
        if address != row.address or len(recipients) != 1 or len(rcpt) != 1 or not octets:
            raise FrameError("a letter to somebody else")
        if recipients[0] != _path(address, bool(utf8)) or shown != _path(sender, bool(utf8)):
            raise FrameError("a letter with another envelope")
        to = EnvelopeRecipient(address, tuple(map(Notify, notify)), orcpt)
        envelope = Envelope(sender, (to,), ret and Ret(ret), envid, body and Body(body), bool(smtputf8))
    except (TypeError, ValueError) as error:
        raise FrameError("a letter that cannot be read") from error
    return Prepared(
        envelope, octets[0], octets[-1], shown, tuple(recipients), tuple(domains), bool(utf8), bool(eight_bit),
        bool(seven_bit), tuple(rcpt), mail, tuple(dsn),
    )  # fmt: skip


@lru_cache(256)
def _path(address: str, smtputf8: bool) -> str:
    return parse_mailbox(address).wire(smtputf8=smtputf8) if address else ""
