"""The vocabulary of a batch: the states of a recipient and of the batch, and what the journal takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from smtptui.protocol import Stage

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
"""A field of a list: text from CSV and XLSX, any JSON value from JSON Lines."""


def unit_of(kind: str) -> str:
    """What numbers in a list of this kind count: ``row`` as a spreadsheet program shows them, else ``line``."""
    return "row" if kind in ("xlsx", "ods") else "line"


class RecipientState(StrEnum):
    """What is known of one recipient, and durable. A recipient that a lane has taken is leased, in memory only."""

    PENDING = "pending"
    INFLIGHT = "inflight"
    """The message was begun and its dot may have gone out; after a crash this becomes uncertain."""
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """The dot went out and its reply is not known. Held: never sent again by itself."""
    SUPPRESSED = "suppressed"
    SKIPPED = "skipped"


OPEN = frozenset({RecipientState.PENDING, RecipientState.DEFERRED})
"""Those who are still to be sent to."""
MAY_HAVE = frozenset({RecipientState.SENT, RecipientState.UNCERTAIN, RecipientState.INFLIGHT})
"""Those who have the message, or may have it."""


BY_CODE = "by code only"
"""Why a recipient failed of whom nothing but the three digits of a reply tells."""


class BatchState(StrEnum):
    """Where a batch is in its life."""

    DRAFT = "draft"
    LINTED = "linted"
    TESTED = "tested"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def started(self) -> bool:
        """Whether sending to the list has begun; until then a check may change the state again."""
        return self not in (BatchState.DRAFT, BatchState.LINTED, BatchState.TESTED)

    @property
    def untested(self) -> bool:
        """Whether sending has not begun, and no test message was sent either."""
        return not self.started and self is not BatchState.TESTED


class EndKind(StrEnum):
    """What a run ended of; each is one answer to “what do I do next?”."""

    DONE = "done"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """Stopped by hand or by a signal."""
    TEMPORARY = "temporary"
    """Later is better: retries, a hold, a server that is not there."""
    AUTH = "auth"
    """The login or a permission."""
    TLS = "tls"
    REFUSED = "refused"
    """The server takes nothing from us, or too much of the list was refused."""
    CONFIGURATION = "configuration"
    INPUT = "input"
    """The template cannot be made messages of."""
    JOURNAL = "journal"
    """The journal can no longer be written."""


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """A row of the list, checked. ``state`` is pending, suppressed or skipped, the last two with a reason."""

    line: int
    """Where it stands in the list: the line, counted from 1, where the row begins."""
    address: str
    """As the envelope names it."""
    key: str
    """The address in the form in which equal ones are equal."""
    destination: str
    """Whom the message goes to in the end: a provider, or the domain, lower case, A-labels."""
    values: tuple[Value, ...]
    """The row, in the order of the batch's columns."""
    state: RecipientState = RecipientState.PENDING
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient as the journal has it."""

    seq: int
    line: int
    address: str
    key: str
    destination: str
    values: tuple[Value, ...]
    token: str
    """Opaque, of this recipient alone: for unsubscribing, VERP and ENVID."""
    state: RecipientState
    reason: str
    attempts: int
    """Attempts that were made so far."""
    next_at: float
    """When a deferred one may be tried again, in seconds since the epoch."""
    first_at: float
    """When it was first tried, in seconds since the epoch; 0 if it never was."""
    tries: int = 0
    """Attempts with those that do not count, because they ended for a reason that is not the recipient's."""


@dataclass(frozen=True, slots=True)
class Inflight:
    """To be durable before the dot of this recipient's message goes out."""

    seq: int
    at: float


@dataclass(frozen=True, slots=True)
class Attempted:
    """How an attempt ended, and what the recipient is now. Times are seconds since the epoch."""

    seq: int
    state: RecipientState
    began: float
    ended: float
    stage: Stage | None = None
    """The stage that decided."""
    code: int | None = None
    enhanced: str = ""
    reply: str = ""
    """The reply's text without code, or what happened where there was none; harmless to show."""
    reason: str = ""
    """Why it is in this state, in few words, where the reply does not tell (``expired``, ``crash``)."""
    next_at: float = 0.0
    """When to try again; of a deferred one."""
    queue_id: str = ""
    host: str = ""
    transcript: str = ""
    """The dialogue of this attempt as text, kept of failures."""
    timings: str = ""
    """Codes and times of a success, in one line."""
    counts: bool = True
    """Whether it counts as an attempt: one that ended because of us (a login refused) does not."""


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """The largest message a server takes, as it said with SIZE in its reply to EHLO (RFC 1870)."""

    octets: int
    server: str
    """Who said it: host and port."""
    user: str
    """Who had logged in there; some servers take more from one than from another."""
    at: float
    """When, in seconds since the epoch."""

    def __str__(self) -> str:
        on = datetime.fromtimestamp(self.at).astimezone()
        return f"the {self.octets:,} octets that {self.server} takes, as it said on {on:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest message of those that were made and looked at, and whose it is."""

    seq: int
    line: int
    octets: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many recipients are in each state."""

    counts: Mapping[RecipientState, int] = field(default_factory=dict)

    def __getitem__(self, state: RecipientState) -> int:
        return self.counts.get(state, 0)

    @property
    def total(self) -> int:
        """All recipients of the batch."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Those that are still to be sent to."""
        return sum(self[state] for state in OPEN)
