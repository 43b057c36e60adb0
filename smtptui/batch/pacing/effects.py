"""The vocabulary of what a reply or a failure means for a batch: whom it is about, and what follows."""

from dataclasses import dataclass
from enum import StrEnum

from smtptui.batch.model import EndKind


class Scope(StrEnum):
    """Whom it is about."""

    RECIPIENT = "recipient"
    MESSAGE = "message"
    """What the message says or how it is built: the same for everybody, unless it is a recipient's own."""
    DESTINATION = "destination"
    ACCOUNT = "account"
    """The login or host that sends, at this relay."""
    BATCH = "batch"


class Action(StrEnum):
    """What is to be done."""

    RETRY = "retry"
    """Try this recipient again later; nobody else is slower for it."""
    FAIL = "fail"
    """Only on evidence about the recipient, see :class:`Ground`."""
    ASIDE = "aside"
    """Leave this recipient pending and do not try it again in this run; a few in the same words pause the batch."""
    SLOW = "slow"
    """Fewer messages a minute for a while."""
    HOLD = "hold"
    """None for a while."""
    FEWER = "fewer"
    """Fewer connections at once."""
    PAUSE = "pause"
    """Somebody has to see to it; the recipients stay as they are."""


class Ground(StrEnum):
    """What tells that a reply is about the recipient. Without any, a recipient neither fails nor expires."""

    NONE = ""
    WORDS = "words"
    ENHANCED = "enhanced code"
    CODE = "code"
    """Nothing but the three digits: 550, 551 or 553 at RCPT (RFC 5321 section 4.2.3)."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one reply or failure."""

    scope: Scope
    action: Action
    hold: float = 0.0
    """Seconds."""
    per_minute: float = 0.0
    """Messages a minute to slow down to."""
    hint: float | None = None
    """Seconds after which the server says to try again."""
    reason: str = ""
    kind: EndKind = EndKind.TEMPORARY
    """What kind of an end a pause is."""
    greylisted: bool = False
    key: str = ""
    """The same for replies in the same words, to whomever they were."""
    ground: Ground = Ground.NONE
    understood: bool = True
    """Whether anything is known of a reply that pauses the batch."""
