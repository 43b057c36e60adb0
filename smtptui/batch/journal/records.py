"""What the journal takes and gives besides recipients."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from smtptui.batch.model import Attempted, BatchState, Inflight, RecipientState
from smtptui.protocol import Stage


class Request(StrEnum):
    """What another terminal asks of the runner."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    HAND_OVER = "hand over"
    """To end, if it only waits because the batch is paused: somebody wants to change the batch."""


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """A batch as a whole. Times are seconds since the epoch."""

    name: str
    state: BatchState
    reason: str
    created: float
    changed: float
    """When it came into its state."""
    columns: tuple[str, ...]
    settings: str
    """JSON; what it says is not the journal's business."""
    documents: Mapping[str, str]
    """The SHA-256 of each document that is kept, by its name."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the runner says of itself, once a second. Whether it lives is told by its lock, not by the age of this."""

    pid: int
    host: str
    at: float
    rate: float | None = None
    """Messages a second."""
    eta_s: float | None = None
    limited_by: str = ""
    leased: int = 0
    lanes: int = 0


@dataclass(frozen=True, slots=True)
class StateChange:
    """The batch comes into another state."""

    state: BatchState
    at: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked of the runner has been done, or cannot be done any more. Another request since then stays."""

    request: Request


@dataclass(frozen=True, slots=True)
class FailedOpening:
    """A connection that could not be opened: no recipient's attempt, so it is kept by itself, the last one alone."""

    at: float
    server: str
    """Host and port."""
    sentence: str
    dialogue: str
    """As text, secrets masked."""


@dataclass(frozen=True, slots=True)
class PaceMemory:
    """What the pace of the next run goes on with, as JSON; what it says is not the journal's business."""

    text: str


Operation = Inflight | Attempted | Heartbeat | StateChange | Answered | FailedOpening | PaceMemory
"""What the writer writes."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, as the journal has it."""

    number: int
    """Counted from 1, those that do not count as attempts included."""
    state: RecipientState
    began: float
    ended: float
    stage: Stage | None
    code: int | None
    enhanced: str
    reply: str
    reason: str
    queue_id: str
    host: str
    timings: str
    transcript: str
    """Empty where none is kept."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A recipient and how the last attempt at it ended."""

    seq: int
    line: int
    address: str
    key: str
    destination: str
    token: str
    state: RecipientState
    reason: str
    attempts: int
    next_at: float
    stage: Stage | None
    """Of the last attempt, as all that follows; None and empty where there was none."""
    code: int | None
    enhanced: str
    reply: str
    queue_id: str
    host: str
    ended: float
