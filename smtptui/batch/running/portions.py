"""What the composing process is told and what it answers: rows in, letters out, in portions with their length before.

Both ends are the same program, so the octets are Python's own (:mod:`marshal`): values of any kind, and no code.
"""

import marshal
import signal
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

from smtptui.batch.model import Recipient, RecipientState
from smtptui.batch.running.letter import Compose, UnsendableError
from smtptui.protocol import Body, Envelope, Notify, Ret
from smtptui.protocol import Recipient as EnvelopeRecipient
from smtptui.session import Prepared

HEAD = 4
"""Octets that tell how long a portion is."""
_LENGTH = struct.Struct(">I")
_LARGEST = 1024 * 1024
"""Octets of a letter above which it is not worth to be carried over: composing it there would save nothing."""


def serve(compose: Compose, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Compose what is ordered until ``incoming`` ends; signals of the terminal are not for this process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while len(head := incoming.read(HEAD)) == HEAD:
        rows = read_portion(incoming.read(size_of(head)))
        outgoing.write(framed([_composed(compose, *row) for row in rows]))
        outgoing.flush()


def framed(portion: Sequence[Any]) -> bytes:
    """A portion with its length before it."""
    octets = marshal.dumps(list(portion))
    return _LENGTH.pack(len(octets)) + octets


def size_of(head: bytes) -> int:
    """The length of what follows."""
    (size,) = _LENGTH.unpack(head)
    return int(size)


def read_portion(octets: bytes) -> list[Any]:
    """A portion; raises :class:`EOFError`, :class:`ValueError` or :class:`TypeError` for what is none."""
    return list(marshal.loads(octets))  # noqa: S302 - from a process of our own


def ordered(row: Recipient) -> tuple[object, ...]:
    """What composing needs to know of a recipient."""
    return (row.seq, row.line, row.address, row.token, row.values)


def packed(prepared: Prepared) -> tuple[object, ...]:
    """A letter to one recipient in plain values."""
    envelope = prepared.envelope
    (recipient,) = envelope.recipients
    return (
        (
            envelope.sender, recipient.address, _texts(recipient.notify), recipient.orcpt,
            _text(envelope.ret), envelope.envid, _text(envelope.body), envelope.smtputf8,
        ),
        prepared.content,
        None if prepared.stuffed is prepared.content else prepared.stuffed,
        prepared.sender, prepared.recipients, prepared.domains, prepared.utf8, prepared.eight_bit, prepared.seven_bit,
        prepared.rcpt_parameters, prepared.mail_parameters, prepared.dsn,
    )  # fmt: skip


def unpacked(letter: Sequence[Any]) -> Prepared:
    """The letter that :func:`packed` made plain."""
    (sender, address, notify, orcpt, ret, envid, body, smtputf8), content, stuffed, *rest = letter
    to = EnvelopeRecipient(address, tuple(map(Notify, notify)), orcpt)
    envelope = Envelope(sender, (to,), ret and Ret(ret), envid, body and Body(body), smtputf8)
    return Prepared(envelope, content, content if stuffed is None else stuffed, *rest)


def _composed(
    compose: Compose, seq: int, line: int, address: str, token: str, values: tuple[Any, ...]
) -> tuple[int, object]:
    """A letter, the sentence why there is none, or None for one that is better composed where it is sent."""
    row = Recipient(seq, line, address, "", "", values, token, RecipientState.PENDING, "", 0, 0.0, 0.0)
    try:
        prepared = compose(row)
    except UnsendableError as error:
        return seq, str(error)
    return seq, packed(prepared) if len(prepared.content) <= _LARGEST else None


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _texts(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(str, values))
