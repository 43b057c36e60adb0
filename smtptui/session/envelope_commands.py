"""How the envelope is worded for one server: parameters used when asked for and offered, or a clear refusal."""

import re
from dataclasses import dataclass, replace

from smtptui.message import dot_stuff
from smtptui.protocol import (
    Body,
    Capabilities,
    Envelope,
    FailureKind,
    Mailbox,
    MailboxError,
    Recipient,
    Stage,
    ascii_domain,
    parse_mailbox,
    xtext,
)
from smtptui.transcript import SessionError


@dataclass(frozen=True, slots=True)
class EnvelopeCommands:
    """The MAIL command and one RCPT command for each recipient, without CRLF."""

    mail: str
    rcpt: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An envelope and its message, read and checked once, ready to be worded for any server.

    Paths are in the form the message's own needs decide: A-labels, or UTF-8 where SMTPUTF8 is needed.
    """

    envelope: Envelope
    content: bytes
    stuffed: bytes
    """The content with its dots doubled, as DATA sends it; the same object where there is nothing to double."""
    sender: str
    recipients: tuple[str, ...]
    domains: tuple[str, ...]
    """Domains of the recipients, lower case; empty for the bare postmaster."""
    utf8: bool
    eight_bit: bool
    seven_bit: bool
    """Whether BODY=7BIT is declared to a server that knows it."""
    rcpt_parameters: tuple[str, ...]
    mail_parameters: str
    dsn: tuple[str, ...]
    """DSN parameters in use, by name."""


def prepare(
    envelope: Envelope,
    content: bytes,
    *,
    utf8_headers: bool = False,
    until: Stage = Stage.DOT,
    built: bool = False,
) -> Prepared:
    """Read envelope and message; raises :class:`SessionError` for what no server may be sent.

    ``built`` says that the content is of :mod:`smtptui.message`, every line of which ends in CRLF, so that no line end
    is looked at again. A session that goes only ``until`` a stage needs no recipient before RCPT and no message before
    the body.
    """
    sender, recipients = _mailboxes(envelope)
    if not recipients and until.order >= Stage.RCPT.order:
        raise SessionError(Stage.RCPT, FailureKind.INPUT, "There is no recipient: name at least one.")
    if not built and (content or until.order >= Stage.DATA.order):
        _check_content(content)
    if envelope.body is Body.SEVEN_BIT and not content.isascii():
        raise SessionError(
            Stage.MAIL,
            FailureKind.INPUT,
            "The message has 8-bit octets and is to be declared BODY=7BIT. Set the body encoding to auto, or encode "
            "the message as quoted-printable or base64.",
        )
    utf8 = (
        envelope.smtputf8
        or utf8_headers
        or any(box.needs_smtputf8 for box in recipients)
        or bool(sender and sender.needs_smtputf8)
    )
    mail = ""
    if envelope.ret is not None:
        mail += f" RET={envelope.ret}"
    if envelope.envid is not None:
        _check_envid(envelope.envid)
        mail += f" ENVID={xtext(envelope.envid)}"
    return Prepared(
        envelope=envelope,
        content=content,
        stuffed=dot_stuff(content),
        sender=sender.wire(smtputf8=utf8) if sender is not None else "",
        recipients=tuple(box.wire(smtputf8=utf8) for box in recipients),
        domains=tuple(ascii_domain(box.domain).lower() for box in recipients),
        utf8=utf8,
        eight_bit=envelope.body is Body.EIGHT_BIT or not content.isascii(),
        seven_bit=envelope.body is Body.SEVEN_BIT,
        rcpt_parameters=tuple(_rcpt_parameters(recipient) for recipient in envelope.recipients),
        mail_parameters=mail,
        dsn=tuple(
            what
            for what, used in (
                ("RET", envelope.ret is not None),
                ("ENVID", envelope.envid is not None),
                ("NOTIFY", any(recipient.notify for recipient in envelope.recipients)),
                ("ORCPT", any(recipient.orcpt is not None for recipient in envelope.recipients)),
            )
            if used
        ),
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a server's capabilities decides the commands, read once for many messages."""

    size: bool
    size_limit: int | None
    eight_bit: bool
    utf8: bool
    dsn: bool

    @classmethod
    def of(cls, capabilities: Capabilities) -> "Terms":
        """The terms of one server."""
        return cls(
            "SIZE" in capabilities,
            capabilities.size_limit,
            "8BITMIME" in capabilities,
            "SMTPUTF8" in capabilities,
            "DSN" in capabilities,
        )


def word(prepared: Prepared, terms: Terms) -> EnvelopeCommands:
    """Word MAIL and RCPT; raises :class:`SessionError` for what is needed and not offered, before MAIL is said."""
    _check_offers(prepared, terms)
    mail = f"MAIL FROM:<{prepared.sender}>"
    if terms.size:
        mail += f" SIZE={len(prepared.content)}"
    if prepared.eight_bit:
        mail += f" BODY={Body.EIGHT_BIT}"
    elif prepared.seven_bit and terms.eight_bit:
        mail += f" BODY={Body.SEVEN_BIT}"
    if prepared.utf8:
        mail += " SMTPUTF8"
    return EnvelopeCommands(
        mail + prepared.mail_parameters,
        tuple(
            f"RCPT TO:<{path}>{parameters}"
            for path, parameters in zip(prepared.recipients, prepared.rcpt_parameters, strict=True)
        ),
    )


def spoken(envelope: Envelope, *, utf8_headers: bool = False) -> EnvelopeCommands:
    """What MAIL and RCPT will say to a server that offers all they ask for; SIZE is not known yet.

    Raises :class:`SessionError` for what no server may be sent.
    """
    prepared = prepare(envelope, b"", utf8_headers=utf8_headers, until=Stage.MAIL)
    if utf8_headers:
        prepared = replace(prepared, eight_bit=True)
    return word(prepared, Terms(size=False, size_limit=None, eight_bit=True, utf8=True, dsn=True))


def _mailboxes(envelope: Envelope) -> tuple[Mailbox | None, list[Mailbox]]:
    try:
        sender = parse_mailbox(envelope.sender) if envelope.sender else None
        recipients = [parse_mailbox(recipient.address) for recipient in envelope.recipients]
    except MailboxError as error:
        raise SessionError(Stage.MAIL, FailureKind.INPUT, f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    return sender, recipients


def _check_envid(envid: str) -> None:
    if not (envid and envid.isascii() and envid.isprintable() and len(xtext(envid)) <= 100):
        raise SessionError(
            Stage.MAIL,
            FailureKind.INPUT,
            f"The envelope id (ENVID) {envid!r} cannot be sent: it is 1 to 100 printable ASCII characters (RFC 3461 "
            "section 4.4).",
        )


def _check_content(content: bytes) -> None:
    crlf = content.count(b"\r\n")
    if content.count(b"\r") != crlf or content.count(b"\n") != crlf or b"\x00" in content:
        raise SessionError(
            Stage.BODY, FailureKind.INPUT, "The message has a bare CR, a bare LF or a NUL, which no server may be sent."
        )
    if not content.endswith(b"\r\n"):
        raise SessionError(Stage.BODY, FailureKind.INPUT, "The message is empty, or its last line does not end.")


def _rcpt_parameters(recipient: Recipient) -> str:
    parameters = ""
    if recipient.notify:
        parameters += f" NOTIFY={','.join(recipient.notify)}"
    if recipient.orcpt is not None:
        kind, mark, address = recipient.orcpt.partition(";")
        if not mark:
            kind, address = "rfc822", recipient.orcpt
        if not re.fullmatch(r"[A-Za-z0-9-]+", kind):
            raise SessionError(
                Stage.RCPT,
                FailureKind.INPUT,
                f"ORCPT {recipient.orcpt!r}: the address type has letters, digits and “-”.",
            )
        if not address.isascii():
            # RFC 6533 section 3: what is not ASCII has a type and an encoding of its own.
            kind = "utf-8"
            address = "".join(c if c.isascii() and c not in "\\+=" else f"\\x{{{ord(c):X}}}" for c in address)
        parameters += f" ORCPT={kind};{xtext(address)}"
    return parameters


def _check_offers(prepared: Prepared, terms: Terms) -> None:
    limit = terms.size_limit
    if limit is not None and len(prepared.content) > limit:
        raise SessionError(
            Stage.MAIL,
            FailureKind.TOO_LARGE,
            f"The message has {len(prepared.content)} octets and the server takes {limit} at most (SIZE). Make it "
            "smaller, or send a link instead of the attachment.",
        )
    if prepared.utf8 and not terms.utf8:
        raise _lacking(
            "SMTPUTF8",
            "and it was asked for. Set SMTPUTF8 to auto, or use a server that does."
            if prepared.envelope.smtputf8
            else "and an address or header is not ASCII. Use the ASCII form of the address, or a server that does.",
        )
    if prepared.eight_bit and not terms.eight_bit:
        raise _lacking(
            "8BITMIME",
            "and it was asked for. Set the body encoding to auto, or use a server that does."
            if prepared.content.isascii()
            else "and the message has 8-bit octets. Encode it as quoted-printable or base64 instead.",
        )
    if prepared.dsn and not terms.dsn:
        raise _lacking(
            "DSN", f"and {' and '.join(prepared.dsn)} cannot do without. Leave it out, or use a server that does."
        )


def _lacking(extension: str, why: str) -> SessionError:
    return SessionError(Stage.MAIL, FailureKind.UNSUPPORTED, f"The server does not offer {extension}, {why}")
