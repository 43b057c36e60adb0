"""What a template is given for one recipient, how its messages are made, and what can be wrong with them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from smtptui.message.dkim.key import DkimKey
from smtptui.message.draft import Encoding
from smtptui.message.message import MessageError

TEMPLATE_FILE = "<template "
"""How the name begins that tracebacks have for the file of a piece of a template; the piece follows."""


class TemplateError(MessageError):
    """A template that cannot be used, or a message that cannot be made of it; ``faults`` has a sentence for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one recipient besides the row. The same facts and values make the same octets."""

    address: str
    """As the envelope names it."""
    message_id: str
    """Message-ID, angle brackets optional."""
    token: str
    """Opaque, of this recipient alone."""
    date: datetime
    """The Date, with a time zone."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the messages of a batch are made."""

    sender: str = ""
    """From, where the template has none."""
    unsubscribe: str | None = None
    """Where to unsubscribe, with ``{token}`` for whom: an https URL, a mailto one, or both with a blank between."""
    one_click: bool = True
    """Whether List-Unsubscribe-Post goes with an https URL (RFC 8058)."""
    dkim: tuple[DkimKey, ...] = ()
    """Keys to sign with, each for a signature of its own."""
    encoding: Encoding = Encoding.AUTO
    smtputf8: bool = True
    """Whether addresses may be internationalised before the “@” (RFC 6531)."""


class FaultKind(StrEnum):
    """What kind of a fault it is, where that says what to do."""

    LEFT_OVER = "left over"
    """A brace that nothing was filled into."""
    NO_VALUE = "no value"
    """It would say ``None``."""
    LINE_BREAK = "line break"
    """A header field would have one, or another control character."""
    ATTACHMENT = "attachment"
    NO_COPY = "no copy"
    """It names somebody besides the recipient, who gets nothing."""
    IMAGE = "image"
    """An image that nobody would see."""
    FOREIGN = "foreign field"
    """A field of another program that names a column; nothing is filled in there."""
    GAP = "gap"
    """A column is empty where the template puts it in."""
    MISPLACED = "misplaced"
    """A line of the text that looks like a header field."""
    MARKUP = "markup"
    """A value is put into the HTML as HTML."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the message of one row."""

    field: str
    """The place in the template: a header field, ``Text``, ``HTML``, or ``Template`` where it is read as a whole."""
    sentence: str
    """With the line of the template where there is one."""
    line: int | None = None
    warning: bool = False
    """Whether the message can be sent all the same, and may be meant so."""
    kind: FaultKind = FaultKind.OTHER


def template_place(filename: str, line: int) -> str:
    """The place in a template that a line of a traceback names, such as ``Text, line 7``; empty if it is not one."""
    return f"{filename[len(TEMPLATE_FILE) : -1]}, line {line}" if filename.startswith(TEMPLATE_FILE) else ""
