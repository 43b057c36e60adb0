"""What a session is asked to do."""

from dataclasses import dataclass

from smtptui.message import Unreadable
from smtptui.protocol import Connection, Credentials, Envelope
from smtptui.session.gate import ExitAfter


@dataclass(frozen=True, slots=True)
class Request:
    """One message over one connection. ``content`` has CRLF line ends and is not dot-stuffed."""

    connection: Connection
    envelope: Envelope
    content: bytes
    credentials: Credentials | None = None
    utf8_headers: bool = False
    """Whether the message needs SMTPUTF8 for its headers (RFC 6532)."""
    exit_after: ExitAfter | None = None
    notes: tuple[str, ...] = ()
    """What the transcript should begin with: what was done to the message before it came here."""
    left_out: tuple[Unreadable, ...] = ()
    """Recipients that the message names and that cannot be read: the outcome names them and is not a success."""
