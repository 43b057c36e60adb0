"""The message options become an envelope and the octets of a message."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from smtptui.cli.errors import bad_input, too_large, unreadable, usage
from smtptui.cli.message_options import RAISE, STDIN, MessageChoice
from smtptui.config import Intake, TooLargeError
from smtptui.message import (
    DECLARED,
    Addressing,
    Attachment,
    Draft,
    Message,
    MessageError,
    NoAddressError,
    build,
    envelope_of,
    load_eml,
)
from smtptui.protocol import Envelope, MailboxError, Stage
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
    intake = Intake(choice.max_size, RAISE)
    try:
        if choice.eml is not None:
            message = load_eml(_read(choice.eml, "--eml", stdin, intake), keep_bcc=choice.keep_bcc)
        elif choice.sender or choice.envelope_from or last.order >= Stage.MAIL.order:
            message = _built(choice, stdin, intake, now, random_token)
        else:
            message = _NOTHING
        envelope = _envelope(choice, message, last)
    except (MessageError, MailboxError) as error:
        where = f"{choice.eml}: " if choice.eml not in (None, STDIN) else ""
        raise bad_input(f"{where}{error}") from error
    return Composed(envelope, message)


def _built(
    choice: MessageChoice, stdin: OpenStdin, intake: Intake, now: datetime, random_token: Callable[[], str]
) -> Message:
    author = choice.sender or choice.envelope_from
    if not author or author == "<>":
        raise usage("Say who the message is from: --from ADDRESS.")
    text = choice.body
    if choice.body_file is not None:
        text = _text(choice.body_file, "--body-file", stdin, intake)
    draft = Draft(
        sender=author,
        to=choice.to,
        cc=choice.cc,
        bcc=choice.bcc,
        reply_to=choice.reply_to,
        subject=_SUBJECT if choice.subject is None else choice.subject,
        text=_TEXT if text is None else text,
        html=None if choice.html is None else _text(choice.html, "--html", stdin, intake),
        markdown=choice.markdown,
        attachments=_attachments(choice.attach, "--attach", intake),
        inline=_attachments(choice.inline, "--inline", intake),
        headers=choice.headers,
    )
    # Whether the server can take such addresses is only known once it has been asked.
    return build(draft, now=now, random_token=random_token, smtputf8=True, encoding=choice.encoding)


def _envelope(choice: MessageChoice, message: Message, last: Stage) -> Envelope:
    sender = choice.envelope_from
    recipients: tuple[str, ...] = ()
    if choice.eml is not None:
        sender = choice.sender if sender is None else sender
        recipients = (*choice.to, *choice.cc, *choice.bcc)
    wanted = Addressing(
        sender,
        recipients,
        choice.notify,
        choice.ret,
        choice.envid,
        DECLARED[choice.encoding],
        choice.smtputf8,
    )
    try:
        return envelope_of(message, wanted, until=last)
    except NoAddressError as error:
        raise usage(_missing(error.stage, file=choice.eml is not None)) from error


def _missing(stage: Stage, *, file: bool) -> str:
    if stage is Stage.MAIL:
        return "The file has no From that can be used: give --from ADDRESS, or --envelope-from '' for <>."
    where = "The file names no recipient in To, Cc or Bcc" if file else "There is no recipient"
    return f"{where}: give --to ADDRESS."


def _attachments(paths: Iterable[Path], option: str, intake: Intake) -> tuple[Attachment, ...]:
    found = []
    for path in paths:
        try:
            found.append(Attachment.from_path(path, intake))
        except TooLargeError as error:
            raise too_large(option, error) from error
        except OSError as error:
            raise unreadable(path, option, error) from error
    return tuple(found)


def _text(name: str, option: str, stdin: OpenStdin, intake: Intake) -> str:
    data = _read(name, option, stdin, intake)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad_input(f"{option}: {_shown(name)} is not UTF-8 in line {line}; convert it first.") from error


def _read(name: str, option: str, stdin: OpenStdin, intake: Intake) -> bytes:
    try:
        return intake.stream(stdin(), "standard input") if name == STDIN else intake.file(Path(name))
    except TooLargeError as error:
        raise too_large(option, error) from error
    except OSError as error:
        raise unreadable(_shown(name), option, error) from error


def _shown(name: str) -> str:
    return "standard input" if name == STDIN else name
