"""The filled form becomes an envelope, the octets of a message and an early exit; nothing here touches the screen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from smtptui.config import Intake, TooLargeError
from smtptui.message import (
    DECLARED,
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
    recipients_of,
)
from smtptui.protocol import Envelope, MailboxError, Stage, parse_mailbox, parse_mailboxes
from smtptui.session import ExitAfter
from smtptui.tui.message.model import FieldError, File, Filled, Format, Handling, Letter

RandomToken = Callable[[], str]
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)

_FIELDS = {
    "From": "from",
    "Sender": "headers",
    "To": "to",
    "Cc": "cc",
    "Bcc": "bcc",
    "Reply-To": "reply-to",
    "Subject": "subject",
    "Text": "body",
    "HTML": "body",
    "Attachment": "files",
    "Inline file": "files",
    "Body encoding": "encoding",
}
"""The field a message's fault is about, by the word its sentence begins with."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a session needs besides a connection."""

    envelope: Envelope
    content: bytes
    utf8_headers: bool
    exit_after: ExitAfter | None
    notes: tuple[str, ...]
    left_out: tuple[Unreadable, ...] = ()
    """Recipients of a finished message that cannot be read; the user is asked before it goes to the others."""


def outgoing(filled: Filled, *, now: datetime, random_token: RandomToken) -> Outgoing:
    """Read the files, make the message, address it; blocks as long as that takes. Raises :class:`FieldError`."""
    handling = filled.handling
    try:
        exit_after = handling.exit_after
    except ValueError as error:
        raise FieldError(f"{error}; or drop the connection there.", "leave-after") from error
    until = exit_after.stage if exit_after is not None else Stage.QUIT
    message = message_of(filled, until, now=now, random_token=random_token)
    return Outgoing(
        addressed(filled, message, until),
        message.content,
        message.utf8_headers,
        exit_after,
        message.notes,
        left_out(message, wanted(handling), until=until),
    )


def message_of(filled: Filled, until: Stage = Stage.QUIT, *, now: datetime, random_token: RandomToken) -> Message:
    """The message; without octets where the session ends before them and nobody is named as its author."""
    letter = filled.letter
    if filled.whole is not None:
        return filled.whole.message
    _check_addresses(letter, until)
    if not letter.sender.strip():
        return Message(b"", "", _recipients(letter), eight_bit=False, utf8_headers=False)
    try:
        # Whether the server can take addresses that are not ASCII is only known once it has been asked.
        return build(
            draft_of(letter),
            now=now,
            random_token=random_token,
            smtputf8=True,
            encoding=filled.handling.encoding,
        )
    except MessageError as error:
        raise field_error(letter, error) from error


def heading(letter: Letter) -> Message:
    """Who the letter is from and who gets it, without its texts and files; raises :class:`FieldError`."""
    named = tuple(header for header in letter.headers if header[0].lower() in ("from", "sender", "to", "cc"))
    bare = replace(letter, subject="", body="", alternative="", format=Format.TEXT, headers=named, files=())
    return message_of(Filled(bare), Stage.CONNECT, now=_SOME_TIME, random_token=lambda: "0")


def draft_of(letter: Letter) -> Draft:
    """The draft, its files read; raises :class:`FieldError` for one that is gone or has changed."""
    html = letter.format is Format.HTML
    intake = Intake()
    return Draft(
        sender=letter.sender.strip(),
        to=_listed(letter.to),
        cc=_listed(letter.cc),
        bcc=_listed(letter.bcc),
        reply_to=_listed(letter.reply_to),
        subject=letter.subject,
        text=letter.alternative if html else letter.body,
        html=letter.body if html else None,
        markdown=letter.format is Format.MARKDOWN,
        attachments=tuple(_read(file, intake) for file in letter.files if not file.inline),
        inline=tuple(_read(file, intake) for file in letter.files if file.inline),
        headers=letter.headers,
    )


def field_error(letter: Letter, error: MessageError) -> FieldError:
    """A fault of the message, as one of a field."""
    text = str(error)
    word = text.partition(":")[0]
    named = {name.lower() for name, _ in letter.headers}
    if word.lower() in named or word.startswith("Header "):
        field = "headers"
    else:
        field = next((field for start, field in _FIELDS.items() if word.startswith(start)), "subject")
    return FieldError(sentence(text), field)


def sentence(text: str) -> str:
    """``text`` with a full stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def wanted(handling: Handling) -> Addressing:
    """What the envelope should say other than the message suggests."""
    return Addressing(
        handling.envelope_from if handling.envelope_from.strip() else None,
        _listed(handling.envelope_to),
        handling.notify,
        handling.ret,
        handling.envid.strip() or None,
        DECLARED[handling.encoding],
        handling.smtputf8,
        # Nothing goes to the others before the user has said so.
        skip_unreadable=True,
    )


def addressed(filled: Filled, message: Message, until: Stage) -> Envelope:
    """The envelope of ``message`` as the form wants it; raises :class:`FieldError`."""
    handling = filled.handling
    for text, name, field, parse in (
        (handling.envelope_from, "MAIL FROM", "envelope-from", parse_mailbox),
        (handling.envelope_to, "RCPT TO", "envelope-to", parse_mailboxes),
    ):
        try:
            if text.strip() not in ("", "<>"):
                parse(text)
        except MailboxError as error:
            raise FieldError(f"{name}: {error}.", field) from error
    try:
        return envelope_of(message, wanted(handling), until=until)
    except UnreadableError as error:
        raise FieldError(f"{error} There is no other recipient: type them.", "envelope-to") from error
    except NoAddressError as error:
        raise _nobody(filled, error.stage) from error


def _nobody(filled: Filled, stage: Stage) -> FieldError:
    whole = filled.whole
    if stage is Stage.MAIL:
        if whole is None:
            return FieldError("From is empty: type the sender's address.", "from")
        if whole.message.unreadable_sender:
            faults = " ".join(f"{each}." for each in whole.message.unreadable_sender)
            return FieldError(f"{faults} Type the sender.", "envelope-from")
        return FieldError(f"{whole.name} has no From that can be used: type the sender.", "envelope-from")
    if whole is None:
        return FieldError("To is empty: type at least one address.", "to")
    return FieldError(f"{whole.name} names no recipient in To, Cc or Bcc: type one.", "envelope-to")


def _check_addresses(letter: Letter, until: Stage) -> None:
    if not letter.sender.strip() and until.order >= Stage.DATA.order:
        raise FieldError("From is empty: type the sender's address.", "from")
    for text, name, field, parse in (
        (letter.sender, "From", "from", parse_mailboxes),
        (letter.to, "To", "to", parse_mailboxes),
        (letter.cc, "Cc", "cc", parse_mailboxes),
        (letter.bcc, "Bcc", "bcc", parse_mailboxes),
        (letter.reply_to, "Reply-To", "reply-to", parse_mailboxes),
    ):
        try:
            parse(text)
        except MailboxError as error:
            raise FieldError(f"{name}: {error}.", field) from error


def _recipients(letter: Letter) -> tuple[str, ...]:
    return recipients_of(draft_of(Letter(to=letter.to, cc=letter.cc, bcc=letter.bcc)))


def _listed(text: str) -> tuple[str, ...]:
    return (text,) if text.strip(" ,") else ()


def _read(file: File, intake: Intake) -> Attachment:
    if file.path is None:
        return Attachment(file.name, file.content or b"", file.media_type, file.content_id)
    try:
        facts = file.path.stat()
        if (facts.st_size, facts.st_mtime_ns) != (file.size, file.changed):
            raise FieldError(
                f"{file.path} has changed since it was attached. Look at it, and send again to send it as it is now.",
                "files",
            )
        content = intake.file(file.path, regular=True)
    except TooLargeError as error:
        raise FieldError(f"{error}. Remove it, or send it with: smtptui send --max-size 2G.", "files") from error
    except FileNotFoundError as error:
        raise FieldError(f"{file.path} is gone. Bring it back, or remove the attachment.", "files") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FieldError(f"{file.path} cannot be read: {reason}. Remove it, or mend that.", "files") from error
    return Attachment(file.name, content, file.media_type, file.content_id)
