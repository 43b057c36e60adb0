"""Where the time of a session went: look-ups, connecting, the handshake, each reply, the upload."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from smtptui.protocol import Event, EventKind, Stage, visible

APART = 3
"""Phases of one kind that are told one by one; more of them are summed up."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One span of waiting, or the sum of ``count`` of a kind. Times are in seconds."""

    name: str
    """``DNS``, ``TCP``, ``TLS``, ``UPLOAD``, or the stage whose reply was waited for, upper case."""
    what: str
    """The command, or what was looked up, connected to, agreed on; harmless to show."""
    took: float
    at: float
    """When it was over, since the session began."""
    count: int = 1
    longest: float = 0.0
    """The longest of those that were summed up."""
    answered: bool = True
    """False for a command that no reply came to."""


@dataclass
class _Group:
    """Phases of one name: the first few, and the sum of all."""

    first: list[Phase] = field(default_factory=list)
    count: int = 0
    total: float = 0.0
    longest: Phase | None = None

    def add(self, phase: Phase) -> None:
        self.count += 1
        self.total += phase.took
        if len(self.first) < APART:
            self.first.append(phase)
        if self.longest is None or phase.took > self.longest.took:
            self.longest = phase

    def phases(self) -> list[Phase]:
        longest = self.longest
        if longest is None or self.count <= APART:
            return self.first
        return [Phase(longest.name, longest.what, self.total, longest.at, self.count, longest.took, longest.answered)]


class Stopwatch:
    """Takes events as they come; at any time it tells the phases so far. It keeps no more than a few of each kind."""

    def __init__(self) -> None:
        self.total = 0.0
        """Seconds from the beginning to the newest event."""
        self._groups: dict[str, _Group] = {}
        self._asked: deque[tuple[str, float, Stage]] = deque()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """In the order in which each kind first came."""
        return tuple(phase for group in self._groups.values() for phase in group.phases())

    def add(self, events: Iterable[Event]) -> None:
        """Take the next events."""
        for event in events:
            self.total = max(self.total, event.at)
            self._take(event)

    def _take(self, event: Event) -> None:
        match event.kind:
            case EventKind.COMMAND | EventKind.CONTINUATION:
                what = "" if event.kind is EventKind.CONTINUATION else event.text
                self._asked.append((what, event.at, event.stage))
            case EventKind.REPLY:
                what, *_ = self._asked.popleft() if self._asked and event.stage is not Stage.BANNER else ("",)
                if event.took is not None:
                    self._note(event.stage.upper(), visible(what) if what != "." else "end of message", event)
            case EventKind.NOTE if event.stage is Stage.CONNECT and event.took is not None:
                self._note("DNS", visible(event.text), event)
            case EventKind.CONNECT if event.took is not None:
                self._asked.clear()
                self._note("TCP", visible(event.text), event)
            case EventKind.TLS if event.took is not None:
                self._note("TLS", visible(event.text), event)
            case EventKind.BODY if event.took is not None:
                self._note("UPLOAD", f"message, {event.size:,} octets", event)
            case EventKind.ERROR if self._asked:
                what, since, stage = self._asked[0]
                self._asked.clear()
                self._group(stage.upper()).add(
                    Phase(stage.upper(), visible(what), max(event.at - since, 0.0), event.at, answered=False)
                )
            case _:
                pass

    def _note(self, name: str, what: str, event: Event) -> None:
        self._group(name).add(Phase(name, what, event.took or 0.0, event.at))

    def _group(self, name: str) -> _Group:
        return self._groups.setdefault(name, _Group())


def phases(events: Iterable[Event]) -> tuple[Phase, ...]:
    """The phases of a whole session."""
    watch = Stopwatch()
    watch.add(events)
    return watch.phases
