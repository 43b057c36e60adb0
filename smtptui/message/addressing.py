"""The envelope of a message: what MAIL and RCPT say, as the message suggests it or as the user wants it."""

from collections.abc import Iterable
from dataclasses import dataclass

from smtptui.message.draft import Draft, Encoding
from smtptui.message.fields import unique_addresses
from smtptui.message.message import Message, MessageError, Unreadable
from smtptui.protocol import (
    Body,
    Envelope,
    Mailbox,
    Notify,
    Recipient,
    Ret,
    Stage,
    parse_mailbox,
    parse_mailboxes,
    read_addresses,
)

NULL_SENDER = "<>"
"""How a user writes the null reverse-path (RFC 5321 section 4.5.5); an empty text says the same."""

DECLARED = {Encoding.AUTO: None, Encoding.SEVEN_BIT: Body.SEVEN_BIT, Encoding.EIGHT_BIT: Body.EIGHT_BIT}
"""What MAIL declares for each way to encode a message; None for what the message needs."""


class NoAddressError(MessageError):
    """A session goes as far as MAIL or RCPT, and there is nobody to name there; ``stage`` says which."""

    def __init__(self, stage: Stage) -> None:
        who = "recipient" if stage is Stage.RCPT else "sender"
        super().__init__(f"There is no {who} for the envelope.")
        self.stage = stage


class UnreadableError(MessageError):
    """Recipients are named that cannot be read. ``unreadable`` has them all, ``others`` is how many can be read."""

    def __init__(self, unreadable: tuple[Unreadable, ...], others: int) -> None:
        shown = [f"{each}." for each in unreadable[:_NAMED]]
        if len(unreadable) > _NAMED:
            shown.append(f"{len(unreadable) - _NAMED} more cannot be read.")
        super().__init__(" ".join(shown))
        self.sentences = tuple(shown)
        self.unreadable = unreadable
        self.others = others


_NAMED = 10
"""Unreadable recipients that an error names."""


@dataclass(frozen=True, slots=True)
class Addressing:
    """What the envelope should say where that is not what the message suggests."""

    sender: str | None = None
    """A mailbox, or :data:`NULL_SENDER`; None for the message's own."""
    recipients: tuple[str, ...] = ()
    """Mailboxes, several in one text with commas; none for the message's own."""
    notify: tuple[Notify, ...] = ()
    ret: Ret | None = None
    envid: str | None = None
    body: Body | None = None
    smtputf8: bool = False
    skip_unreadable: bool = False
    """Whether the message goes to the others where some recipients cannot be read."""


def envelope_of(message: Message, wanted: Addressing, *, until: Stage = Stage.QUIT) -> Envelope:
    """The envelope for a session that goes as far as ``until``: one that ends before MAIL or RCPT needs no address.

    Raises :class:`NoAddressError` for an address that is needed, :class:`UnreadableError` where the message names
    recipients that cannot be read, unless they may be skipped and there are others; :class:`MailboxError` for what is
    wanted and cannot be read.
    """
    return Envelope(
        _sender(message, wanted, until),
        tuple(_recipient(address, wanted) for address in _recipients(message, wanted, until)),
        wanted.ret,
        wanted.envid,
        wanted.body,
        wanted.smtputf8,
    )


def left_out(message: Message, wanted: Addressing, *, until: Stage = Stage.QUIT) -> tuple[Unreadable, ...]:
    """Whom the message names and :func:`envelope_of` leaves out since they cannot be read."""
    return () if wanted.recipients or until.order < Stage.RCPT.order else message.unreadable


def read_named(
    fields: Iterable[tuple[str, str]], *, skip_unreadable: bool = False
) -> tuple[list[tuple[str, Mailbox]], tuple[Unreadable, ...]]:
    """Who is named in some texts, each given with the name of its field: mailboxes with that name, and who cannot be
    read. Raises :class:`UnreadableError` for these, unless they may be skipped and there are others."""
    found: list[tuple[str, Mailbox]] = []
    unreadable: list[Unreadable] = []
    for name, text in fields:
        for entry in read_addresses(text).entries:
            if entry.mailbox is not None:
                found.append((name, entry.mailbox))
            else:
                unreadable.append(Unreadable(name, entry.text, entry.what))
    if unreadable and not (skip_unreadable and found):
        raise UnreadableError(tuple(unreadable), len(found))
    return found, tuple(unreadable)


def recipients_of(draft: Draft) -> tuple[str, ...]:
    """The addresses of To, Cc and Bcc, each once; raises :class:`MailboxError`."""
    return unique_addresses(box for text in (*draft.to, *draft.cc, *draft.bcc) for box in parse_mailboxes(text))


def _sender(message: Message, wanted: Addressing, until: Stage) -> str:
    if wanted.sender is not None:
        text = wanted.sender.strip()
        return "" if text in ("", NULL_SENDER) else parse_mailbox(text).address
    if not message.sender and until.order >= Stage.MAIL.order:
        raise NoAddressError(Stage.MAIL)
    return message.sender


def _recipients(message: Message, wanted: Addressing, until: Stage) -> tuple[str, ...]:
    found = message.recipients
    unreadable = left_out(message, wanted, until=until)
    if unreadable and not (wanted.skip_unreadable and found):
        raise UnreadableError(unreadable, len(found))
    if wanted.recipients:
        found = unique_addresses(box for text in wanted.recipients for box in parse_mailboxes(text))
    if not found and until.order >= Stage.RCPT.order:
        raise NoAddressError(Stage.RCPT)
    return found


def _recipient(address: str, wanted: Addressing) -> Recipient:
    # RFC 3461 section 4.2: who asks for notifications tells them whom the message was for. An
    # internationalised address has a form of its own there (RFC 6533) and is left out.
    original = f"rfc822;{address}" if wanted.notify and address.isascii() else None
    return Recipient(address, wanted.notify, original)
