"""What the journal keeps of a delivery in words: its dialogue, or the codes and times of a success."""

from dataclasses import dataclass

from smtptui.batch.journal import FailedOpening
from smtptui.protocol import Connection, Stage, visible
from smtptui.session import Delivery, LaneError, OpenLane, Written
from smtptui.transcript import ServerFacts, to_text


@dataclass(frozen=True, slots=True)
class Words:
    """What is kept of one delivery."""

    host: str
    transcript: str
    """The dialogue as text; empty where it is not kept."""
    timings: str
    """Codes and times; of a success."""


NOT_KEPT = Words("", "", "")


def host_of(server: ServerFacts) -> str:
    """Who was spoken to, as ``host (address:port)``."""
    if server.address is None:
        return server.host
    return f"{server.host} ({server.address})" if server.host else server.address


def transcript_of(opened: OpenLane, delivery: Delivery) -> str:
    """The dialogue of one delivery as text."""
    return to_text(opened.told(delivery)) if delivery.exchange else ""


def opening_of(error: LaneError, connection: Connection, now: float) -> FailedOpening:
    """What is kept of a connection that could not be opened."""
    return FailedOpening(now, connection.label, visible(error.failure.message), to_text(error.transcript))


def timings_of(delivery: Delivery) -> str:
    """The codes and times of a delivery in one line: ``mail 250 rcpt 250 data 354 0.041 dot 250 0.102``.

    Times are seconds since the envelope was written, of the last reply to it, and of the reply to the dot.
    """
    words: list[str] = []
    stages: list[Stage] = []
    answered = 0
    start = 0.0
    for entry in delivery.exchange:
        if isinstance(entry, Written):
            start = start or entry.at
            stages += [stage for stage, _ in entry.parts if stage is not Stage.BODY]
            continue
        at, reply = entry
        stage = stages[answered] if answered < len(stages) else Stage.DOT
        answered += 1
        words.append(f"{stage.value} {reply.code}")
        if stage is Stage.DATA or stage is Stage.DOT:
            words.append(f"{at - start:.3f}")
    return " ".join(words)
