"""What a user fills in: fields, texts and files of a message that is yet to be built."""

import mimetypes
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from smtptui.config import Intake

_COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_UNKNOWN = "application/octet-stream"


class Encoding(StrEnum):
    """How the octets of a message travel."""

    AUTO = "auto"
    """Texts that any server can carry; 8-bit octets only where the headers have them anyway."""
    SEVEN_BIT = "7bit"
    """No octet above 127, or no message."""
    EIGHT_BIT = "8bit"
    """Texts as they are, which needs 8BITMIME (RFC 6152)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a message, attached or shown inline."""

    name: str
    """File name the recipient sees, without folders."""
    content: bytes
    content_type: str = _UNKNOWN
    """Media type such as ``image/png``, parameters allowed."""
    content_id: str | None = None
    """For an inline file: what ``cid:`` in the HTML refers to, without angle brackets; made when missing."""

    @classmethod
    def from_path(cls, path: Path, intake: Intake) -> "Attachment":
        """Read a file; its name tells the media type. :class:`OSError` and :class:`TooLargeError` pass through."""
        return cls(path.name, intake.file(path), cls.media_type(path.name))

    @staticmethod
    def media_type(name: str) -> str:
        """The media type that a file's name tells."""
        # The folder keeps a name like "data:x" from being read as a URL.
        media_type, compression = mimetypes.guess_type(f"./{name}", strict=False)
        if compression is not None:
            return _COMPRESSED.get(compression, _UNKNOWN)
        return media_type or _UNKNOWN


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as its author sees it. Address fields hold ``local@domain`` or ``Name <local@domain>``."""

    sender: str = ""
    """From; several addresses, separated by commas, need a Sender among ``headers``."""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    """Recipients that no header names."""
    reply_to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    html: str | None = None
    markdown: bool = False
    """Whether ``text`` is Markdown, from which the HTML is made."""
    attachments: tuple[Attachment, ...] = ()
    inline: tuple[Attachment, ...] = ()
    """Files the HTML shows; it refers to them by ``cid:`` and their name or ``content_id``."""
    headers: tuple[tuple[str, str], ...] = ()
    """More header fields, name and value; each replaces one that would be made, such as Date or Subject."""
    date: datetime | None = None
    """Value of Date, with a time zone; without it the time of building."""
    message_id: str | None = None
    """Value of Message-ID, angle brackets optional; made when missing."""
