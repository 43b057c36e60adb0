"""How the envelope is worded for one server: parameters used when asked for and offered, or a clear refusal."""

from collections.abc import Sequence
from dataclasses import dataclass

from smtptui.protocol import Capabilities, Envelope, Mailbox, MailboxError, Recipient, Stage, parse_mailbox, xtext
from smtptui.session.outcome import FailureKind, SessionError


@dataclass(frozen=True, slots=True)
class Wording:
    """The MAIL command and one RCPT command for each recipient, without CRLF."""

    mail: str
    rcpt: tuple[str, ...]


def word(envelope: Envelope, content: bytes, capabilities: Capabilities, *, utf8_headers: bool = False) -> Wording:
    """Word MAIL and RCPT; raises :class:`SessionError` for what is needed and not offered, before MAIL is said."""
    sender, *recipients = mailboxes(envelope)
    utf8 = utf8_headers or any(box is not None and box.needs_smtputf8 for box in (sender, *recipients))
    _check_offers(envelope, content, capabilities, utf8)
    parameters = []
    if "SIZE" in capabilities:
        parameters.append(f"SIZE={len(content)}")
    if not content.isascii():
        parameters.append("BODY=8BITMIME")
    if utf8:
        parameters.append("SMTPUTF8")
    if envelope.ret is not None:
        parameters.append(f"RET={envelope.ret}")
    if envelope.envid is not None:
        parameters.append(f"ENVID={xtext(envelope.envid)}")
    mail = " ".join((f"MAIL FROM:<{sender.wire(smtputf8=utf8) if sender else ''}>", *parameters))
    rcpt = tuple(
        _rcpt(recipient, box, utf8) for recipient, box in zip(envelope.recipients, recipients, strict=True) if box
    )
    return Wording(mail, rcpt)


def mailboxes(envelope: Envelope) -> Sequence[Mailbox | None]:
    """Sender (None for the null reverse-path) and recipients, read; raises :class:`SessionError`."""
    boxes: list[Mailbox | None] = []
    try:
        boxes.append(_plain(envelope.sender) if envelope.sender else None)
        boxes += [_plain(recipient.address) for recipient in envelope.recipients]
    except MailboxError as error:
        raise SessionError(Stage.MAIL, FailureKind.INPUT, f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    return boxes


def _plain(address: str) -> Mailbox:
    box = parse_mailbox(address)
    # The domain is converted here already, so that a bad one is told before anybody is called.
    box.wire()
    return box


def _rcpt(recipient: Recipient, box: Mailbox, utf8: bool) -> str:
    parameters = []
    if recipient.notify:
        parameters.append(f"NOTIFY={','.join(recipient.notify)}")
    if recipient.orcpt is not None:
        kind, _, address = recipient.orcpt.rpartition(";")
        parameters.append(f"ORCPT={kind or 'rfc822'};{xtext(address)}")
    return " ".join((f"RCPT TO:<{box.wire(smtputf8=utf8)}>", *parameters))


def _check_offers(envelope: Envelope, content: bytes, capabilities: Capabilities, utf8: bool) -> None:
    limit = capabilities.size_limit
    if limit is not None and len(content) > limit:
        raise SessionError(
            Stage.MAIL,
            FailureKind.TOO_LARGE,
            f"The message has {len(content)} octets and the server takes {limit} at most (SIZE). Make it smaller, or "
            "send a link instead of the attachment.",
        )
    if utf8 and "SMTPUTF8" not in capabilities:
        raise _lacking(
            "SMTPUTF8",
            "and an address or header is not ASCII. Use the ASCII form of the address, or a server that does.",
        )
    if not content.isascii() and "8BITMIME" not in capabilities:
        raise _lacking("8BITMIME", "and the message has 8-bit octets. Encode it as quoted-printable or base64 instead.")
    asks = [
        what
        for what, used in (
            ("RET", envelope.ret is not None),
            ("ENVID", envelope.envid is not None),
            ("NOTIFY", any(recipient.notify for recipient in envelope.recipients)),
            ("ORCPT", any(recipient.orcpt is not None for recipient in envelope.recipients)),
        )
        if used
    ]
    if asks and "DSN" not in capabilities:
        raise _lacking("DSN", f"which {' and '.join(asks)} needs. Leave it out, or use a server that does.")


def _lacking(extension: str, why: str) -> SessionError:
    return SessionError(Stage.MAIL, FailureKind.UNSUPPORTED, f"The server does not offer {extension}, {why}")
