"""A recipient becomes a letter: the message of their row, and the envelope it travels in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from smtptui.batch.identity import message_id
from smtptui.batch.model import Recipient
from smtptui.message import Facts, Message, MessageError, verp_address
from smtptui.protocol import Envelope, MailboxError, Notify, Ret
from smtptui.protocol import Recipient as EnvelopeRecipient
from smtptui.session import Prepared, prepare
from smtptui.transcript import SessionError


class UnsendableError(ValueError):
    """A recipient to whom nothing can be sent: a sentence that says why."""


class Composes(Protocol):
    """What is needed of :class:`smtptui.message.Composer`."""

    def compose(self, values: Sequence[object], facts: Facts) -> Message:
        """The message of one row."""


@dataclass(frozen=True, slots=True)
class EnvelopeRules:
    """How the envelopes of a batch are made."""

    domain: str
    """Where Message-IDs belong to."""
    sender: str | None = None
    """Sender of every envelope; empty is the null sender, None the author of the message."""
    verp: bool = False
    """Whether each recipient has a sender of their own."""
    notify: tuple[Notify, ...] = ()
    ret: Ret | None = None


class Composing:
    """Makes letters; ``now`` gives the Date, with a time zone."""

    def __init__(self, composer: Composes, rules: EnvelopeRules, *, now: Callable[[], datetime]) -> None:
        self._composer = composer
        self._rules = rules
        self._now = now

    def __call__(self, recipient: Recipient) -> Prepared:
        """Envelope and message of one recipient; raises :class:`UnsendableError`."""
        try:
            message = self._composer.compose(recipient.values, self.facts(recipient))
            envelope = self.envelope(recipient, message)
            return prepare(envelope, message.content, utf8_headers=message.utf8_headers, built=True)
        except (MessageError, MailboxError, SessionError) as error:
            # Who it is about is known to whoever asked.
            raise UnsendableError(str(error)) from error

    def facts(self, recipient: Recipient) -> Facts:
        """What the message says of its recipient besides the row."""
        return Facts(
            recipient.address,
            message_id(recipient.token, self._rules.domain),
            recipient.token,
            self._now().replace(microsecond=0),
        )

    def copy_facts(self, recipient: Recipient, token: str) -> Facts:
        """The same for a copy that goes to somebody else, with a Message-ID of its own made of ``token``: with the
        recipient's, a server that has the copy would drop the message itself as a duplicate."""
        return replace(self.facts(recipient), message_id=message_id(token, self._rules.domain))

    def envelope(self, recipient: Recipient, message: Message) -> Envelope:
        """The envelope of one recipient's message. ENVID and ORCPT go with NOTIFY or RET: they serve what comes back
        because of these, and a server that has no DSN takes none of them (RFC 3461)."""
        rules = self._rules
        sender = message.sender if rules.sender is None else rules.sender
        if rules.verp and sender:
            sender = verp_address(sender, recipient.token)
        reports = bool(rules.notify or rules.ret)
        to = EnvelopeRecipient(
            recipient.address,
            notify=rules.notify,
            orcpt=f"rfc822;{recipient.address}" if reports else None,
        )
        return Envelope(sender, (to,), ret=rules.ret, envid=recipient.token if reports else None)
