"""What the message form holds, apart from its widgets: it can be kept, compared, and sent from another thread."""

import errno
import os
import stat
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from smtptui.message import Attachment, Draft, Encoding, Message
from smtptui.protocol import Notify, Ret, Stage, visible
from smtptui.session import ExitAfter


class Format(StrEnum):
    """What the text is written in."""

    TEXT = "text"
    MARKDOWN = "Markdown"
    HTML = "HTML"

    @property
    def suffix(self) -> str:
        """How the name of a file with such a text ends."""
        return {Format.TEXT: ".txt", Format.MARKDOWN: ".md", Format.HTML: ".html"}[self]


class Leave(StrEnum):
    """Whether and how a session ends early."""

    NO = "no"
    QUIT = "QUIT"
    DROP = "drop"


class FieldError(ValueError):
    """What the form holds cannot be sent: a sentence, and the name of the field it is about."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent along: one on disk, read only when it is needed, or one that came with a draft."""

    name: str
    media_type: str
    size: int
    path: Path | None = None
    changed: int = 0
    """When the file on disk was last changed, in nanoseconds, as it was attached."""
    content: bytes | None = field(default=None, repr=False)
    """The octets of one that came with a draft."""
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A finished message that is sent as it is; only its envelope can be set."""

    path: Path
    message: Message = field(repr=False)

    @property
    def name(self) -> str:
        """What the file is called."""
        return visible(self.path.name)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written: the part that a draft file keeps. Texts are as they stand in the fields."""

    sender: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    reply_to: str = ""
    subject: str = ""
    body: str = ""
    format: Format = Format.TEXT
    alternative: str = ""
    """The plain text beside an HTML body, where it is not made from it."""
    headers: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Handling:
    """How it is sent: envelope and options."""

    envelope_from: str = ""
    envelope_to: str = ""
    notify: tuple[Notify, ...] = ()
    ret: Ret | None = None
    envid: str = ""
    encoding: Encoding = Encoding.AUTO
    smtputf8: bool = False
    leave: Leave = Leave.NO
    leave_after: Stage = Stage.RCPT

    @property
    def exit_after(self) -> ExitAfter | None:
        """Where the session ends early; raises :class:`ValueError` where QUIT is not possible."""
        if self.leave is Leave.NO:
            return None
        return ExitAfter(self.leave_after, drop=self.leave is Leave.DROP)


@dataclass(frozen=True, slots=True)
class Filled:
    """All of the form at one moment."""

    letter: Letter = Letter()
    handling: Handling = Handling()
    whole: Whole | None = None


def attached(path: Path, *, inline: bool = False) -> File:
    """A file on disk as it is now, not read yet; :class:`OSError` passes through."""
    facts = ordinary(path)
    return File(
        path.name, Attachment.media_type(path.name), facts.st_size, path.absolute(), facts.st_mtime_ns, inline=inline
    )


def ordinary(path: Path) -> os.stat_result:
    """The facts about a file; raises :class:`OSError`, also for a pipe or a device, which might never end."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        what = "is a folder" if stat.S_ISDIR(facts.st_mode) else "is no ordinary file"
        raise OSError(errno.EINVAL, what, str(path))
    return facts


def letter_of(draft: Draft) -> Letter:
    """A draft as fields. Its files' octets stay in memory, since there is no file to read them from later."""
    html = draft.html is not None and not draft.markdown
    return Letter(
        sender=draft.sender,
        to=", ".join(draft.to),
        cc=", ".join(draft.cc),
        bcc=", ".join(draft.bcc),
        reply_to=", ".join(draft.reply_to),
        subject=draft.subject,
        body=draft.html or "" if html else draft.text,
        format=Format.HTML if html else Format.MARKDOWN if draft.markdown else Format.TEXT,
        alternative=draft.text if html else "",
        headers=draft.headers,
        files=(
            *(_file(attachment, inline=False) for attachment in draft.attachments),
            *(_file(attachment, inline=True) for attachment in draft.inline),
        ),
    )


def _file(attachment: Attachment, *, inline: bool) -> File:
    return File(
        attachment.name,
        attachment.content_type,
        len(attachment.content),
        content=attachment.content,
        content_id=attachment.content_id,
        inline=inline,
    )
