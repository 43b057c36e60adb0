"""The message options become an envelope and the octets of a message."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from smtptui.cli.errors import CommandError, bad_input, too_large, unreadable, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.message_options import RAISE, STDIN, MessageChoice
from smtptui.config import Intake, TooLargeError
from smtptui.message import (
    DECLARED,
    NULL_SENDER,
    Addressing,
    Attachment,
    Draft,
    Message,
    MessageError,
    NoAddressError,
    Unreadable,
    UnreadableError,
    build,
    envelope_of,
    left_out,
    load_eml,
    mailbox_text,
    read_named,
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
    left_out: tuple[Unreadable, ...] = ()
    """Recipients that cannot be read, where the others get the message all the same."""


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
    where = f"{choice.eml}: " if choice.eml not in (None, STDIN) else ""
    intake = Intake(choice.max_size, RAISE)
    try:
        _check_sender(choice)
        choice, unreadable = _readable(choice)
        if choice.eml is not None:
            message = load_eml(_read(choice.eml, "--eml", stdin, intake), keep_bcc=choice.keep_bcc)
        elif choice.sender or choice.envelope_from or last.order >= Stage.MAIL.order:
            message = _built(choice, stdin, intake, now, random_token)
        else:
            message = _NOTHING
        envelope, more = _envelope(choice, message, last)
    except UnreadableError as error:
        raise _unreadable(error, where) from error
    except (MessageError, MailboxError) as error:
        raise bad_input(f"{where}{str(error).rstrip('.')}.") from error
    return Composed(envelope, message, (*unreadable, *more))


def _check_sender(choice: MessageChoice) -> None:
    """Refuse a sender that cannot be read by the name of its option."""
    for option, text in (("--from", choice.sender), ("--envelope-from", choice.envelope_from)):
        if text and text != NULL_SENDER:
            try:
                read_named([(option, text)])
            except UnreadableError as error:
                # Another address in it is no recipient, so leaving this one out is no way on.
                raise UnreadableError(error.unreadable, 0) from error


def _readable(choice: MessageChoice) -> tuple[MessageChoice, tuple[Unreadable, ...]]:
    """The same options with the recipients that can be read, and those that cannot."""
    options = {"--to": "to", "--cc": "cc", "--bcc": "bcc"}
    texts = [(option, text) for option, name in options.items() for text in getattr(choice, name)]
    found, unreadable = read_named(texts, skip_unreadable=choice.skip_unreadable)
    if not unreadable:
        return choice, ()
    kept = {
        name: tuple(mailbox_text(box.name, box.address) for of, box in found if of == option)
        for option, name in options.items()
    }
    return replace(choice, to=kept["to"], cc=kept["cc"], bcc=kept["bcc"]), unreadable


def _unreadable(error: UnreadableError, where: str) -> CommandError:
    sentences = [f"{'' if each.startswith('--') else where}{each}" for each in error.sentences]
    others = "the 1 other recipient" if error.others == 1 else f"the {error.others} others"
    skip = f", or send to {others} with --skip-unreadable" if error.others else ""
    return CommandError(
        ExitCode.DATA,
        "input",
        *sentences,
        f"Nothing was sent. Correct {'it' if len(error.unreadable) == 1 else 'them'}{skip}.",
    )


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


def _envelope(choice: MessageChoice, message: Message, last: Stage) -> tuple[Envelope, tuple[Unreadable, ...]]:
    """The envelope, and whom the message names that is left out of it."""
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
        choice.skip_unreadable,
    )
    try:
        return envelope_of(message, wanted, until=last), left_out(message, wanted, until=last)
    except NoAddressError as error:
        if error.stage is Stage.MAIL and message.unreadable_sender:
            faults = " ".join(f"{each}." for each in message.unreadable_sender)
            raise MessageError(f"{faults} Correct it, or give --from ADDRESS") from error
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
