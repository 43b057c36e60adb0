"""What happened in a session, one frozen record per command, reply, body or note."""

from dataclasses import dataclass
from enum import StrEnum

from smtptui.protocol.stage import Stage


class EventKind(StrEnum):
    """What an event records."""

    CONNECT = "connect"
    TLS = "tls"
    COMMAND = "command"
    CONTINUATION = "continuation"
    BODY = "body"
    REPLY = "reply"
    NOTE = "note"
    ERROR = "error"
    CLOSE = "close"


FROM_CLIENT: frozenset[EventKind] = frozenset({EventKind.COMMAND, EventKind.CONTINUATION, EventKind.BODY})
"""Kinds whose text is bytes this side wrote."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a transcript. It never holds a secret: what is masked was masked before this was made.

    ``text`` of a reply is the wire's text, decoded as UTF-8 with surrogate escapes, without the last CRLF
    (a line that ended in a bare LF keeps it, so the wire can be told from the text). A command's text is its
    line without CRLF. A body's text is a peek at its first bytes as they were sent.
    """

    seq: int
    """Position in the transcript, from 0."""
    at: float
    """Seconds since the session began."""
    kind: EventKind
    stage: Stage
    tls: bool
    """Whether it travelled inside TLS."""
    text: str
    took: float | None = None
    """Seconds this took: for a reply since its command was written, for a connect or tls event the phase."""
    size: int = 0
    """Octets on the wire, for commands, replies and bodies."""
    code: int | None = None
    """The reply code, for replies that have one."""
