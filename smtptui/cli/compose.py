"""The message options become an envelope and the octets of a message."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from smtptui.cli.errors import bad_input, unreadable, usage
from smtptui.cli.message_options import STDIN, MessageChoice
from smtptui.message import Attachment, Draft, Message, MessageError, build, load_eml
from smtptui.protocol import Envelope, MailboxError, Recipient, Stage, parse_mailbox, parse_mailboxes
from smtptui.session import ExitAfter

_SUBJECT = "Test message from smtptui"
_TEXT = "This is a test message, sent by smtptui.\n"
OpenStdin = Callable[[], BinaryIO]
"""Standard input, asked for only where an option reads it."""
_NOTHING = Message(content=b"", sender="", recipients=(), eight_bit=False, utf8_headers=False)


@dataclass(frozen=True, slots=True)
class Composed:
    """What a session needs: who it is from, who gets it, and what they get."""

    envelope: Envelope
    message: Message


def compose(
    choice: MessageChoice,
    exit_after: ExitAfter | None,
    *,
    stdin: OpenStdin,
    now: datetime,
    random_token: Callable[[], str] = lambda: secrets.token_hex(12),
) -> Composed:
    """Read the files and make the message. A session that ends before MAIL or RCPT needs no addresses.

    Raises :class:`CommandError`: usage for an address that is not there, bad data for one or for a message
    that cannot be sent, no input for a file that cannot be read.
    """
    last = Stage.QUIT if exit_after is None else exit_after.stage
    try:
        if choice.eml is not None:
            message = load_eml(_read(choice.eml, "--eml", stdin), keep_bcc=choice.keep_bcc)
        elif choice.sender or choice.envelope_from or last.order >= Stage.MAIL.order:
            message = _built(choice, stdin, now, random_token)
        else:
            message = _NOTHING
        envelope = _envelope(choice, message, last)
    except (MessageError, MailboxError) as error:
        where = f"{choice.eml}: " if choice.eml not in (None, STDIN) else ""
        raise bad_input(f"{where}{error}") from error
    return Composed(envelope, message)


def _built(choice: MessageChoice, stdin: OpenStdin, now: datetime, random_token: Callable[[], str]) -> Message:
    author = choice.sender or choice.envelope_from
    if not author or author == "<>":
        raise usage("Say who the message is from: --from ADDRESS.")
    text = choice.body
    if choice.body_file is not None:
        text = _text(choice.body_file, "--body-file", stdin)
    draft = Draft(
        sender=author,
        to=choice.to,
        cc=choice.cc,
        bcc=choice.bcc,
        reply_to=choice.reply_to,
        subject=_SUBJECT if choice.subject is None else choice.subject,
        text=_TEXT if text is None else text,
        html=None if choice.html is None else _text(choice.html, "--html", stdin),
        markdown=choice.markdown,
        attachments=_attachments(choice.attach, "--attach"),
        inline=_attachments(choice.inline, "--inline"),
        headers=choice.headers,
    )
    # Whether the server can take such addresses is only known once it has been asked.
    return build(draft, now=now, random_token=random_token, smtputf8=True)


def _envelope(choice: MessageChoice, message: Message, last: Stage) -> Envelope:
    given = (*choice.to, *choice.cc, *choice.bcc)
    if choice.eml is not None and given:
        addresses = tuple(dict.fromkeys(box.address for text in given for box in parse_mailboxes(text)))
    else:
        addresses = message.recipients
    if not addresses and last.order >= Stage.RCPT.order:
        where = "The file names no recipient in To, Cc or Bcc" if choice.eml is not None else "There is no recipient"
        raise usage(f"{where}: give --to ADDRESS.")
    return Envelope(_sender(choice, message, last), _recipients(choice, addresses), choice.ret, choice.envid)


def _sender(choice: MessageChoice, message: Message, last: Stage) -> str:
    if choice.envelope_from is not None:
        text = choice.envelope_from.strip()
        return "" if text in ("", "<>") else parse_mailbox(text).address
    if choice.eml is None:
        return message.sender
    sender = parse_mailbox(choice.sender).address if choice.sender else message.sender
    if not sender and last.order >= Stage.MAIL.order:
        raise usage("The file has no From that can be used: give --from ADDRESS, or --envelope-from '' for <>.")
    return sender


def _recipients(choice: MessageChoice, addresses: Iterable[str]) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(
            address,
            choice.notify,
            # RFC 3461 section 4.2: who asks for notifications tells them whom the message was for. An
            # internationalised address has a form of its own there (RFC 6533) and is left out.
            f"rfc822;{address}" if choice.notify and address.isascii() else None,
        )
        for address in addresses
    )


def _attachments(paths: Iterable[Path], option: str) -> tuple[Attachment, ...]:
    found = []
    for path in paths:
        try:
            found.append(Attachment.from_path(path))
        except OSError as error:
            raise unreadable(path, option, error) from error
    return tuple(found)


def _text(name: str, option: str, stdin: OpenStdin) -> str:
    data = _read(name, option, stdin)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad_input(f"{option}: {_shown(name)} is not UTF-8 in line {line}; convert it first.") from error


def _read(name: str, option: str, stdin: OpenStdin) -> bytes:
    try:
        return stdin().read() if name == STDIN else Path(name).read_bytes()
    except OSError as error:
        raise unreadable(_shown(name), option, error) from error


def _shown(name: str) -> str:
    return "standard input" if name == STDIN else name
