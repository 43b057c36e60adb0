"""Where the time went: a bar for every phase of a session, all on one scale."""

from collections.abc import Hashable

from rich.cells import cell_len, set_cell_size

from smtptui.transcript import Phase, Stopwatch, duration
from smtptui.tui.log.pace import Pace
from smtptui.tui.log.page import row, sentence
from smtptui.tui.runs.history import ObservedSession
from smtptui.tui.widgets.rows import Ink, Row

_NAME = 10
_EIGHTHS = " ▏▎▍▌▋▊▉"
_SLOWEST = " ◀ slowest"
_TIME = 10


class TimingPage:
    """The phases of one session."""

    empty = "No session yet. F5 sends; this will show where the time goes."

    def __init__(self) -> None:
        self._observed: ObservedSession | None = None
        self._watch = Stopwatch()
        self._looked_at = 0
        self._pace = Pace()

    def watch(self, observed: ObservedSession) -> None:
        """Tell of this session from now on."""
        self._observed = observed
        self._watch = Stopwatch()
        self._looked_at = 0

    def advance(self) -> bool:
        """Take the times of more events."""
        if self._observed is None:
            return True
        transcript = self._observed.transcript
        for start, stop in self._pace.portions(self._looked_at, len(transcript)):
            self._watch.add(transcript[start:stop])
            self._looked_at = stop
        return self._looked_at == len(transcript)

    @property
    def state(self) -> Hashable:
        """How far the session has come."""
        return (id(self._observed), self._looked_at) if self._observed is not None else None

    def rows(self, width: int) -> list[Row]:
        """A row a phase, then the whole."""
        phases = self._watch.phases
        if not phases:
            return sentence("Nothing has taken any time yet.", width)
        longest = max(phase.took for phase in phases)
        slowest = max(phases, key=lambda phase: phase.took)
        rows = [_bar(phase, longest, phase is slowest and len(phases) > 1, width) for phase in phases]
        waited = sum(phase.took for phase in phases)
        total = self._watch.total
        rows += [row(), row((f"{'total':<{_NAME}}", Ink.STRONG), ("", Ink.PLAIN), right=duration(total))]
        if total > waited:
            what = "smtptui's own work, and waiting for you"
            rows.append(row((f"{'the rest':<{_NAME}}", Ink.MUTED), (what, Ink.MUTED), right=duration(total - waited)))
        return rows


def _bar(phase: Phase, longest: float, slowest: bool, width: int) -> Row:
    ink = Ink.STRONG if slowest else Ink.PLAIN
    # The text gets what the bar leaves; on a narrow screen both are short.
    room = max(min(width // 4, 40), 10)
    text = max(width - _NAME - room - _TIME - len(_SLOWEST) - 3, 8)
    what = _what(phase)
    return row(
        (f"{phase.name:<{_NAME}}", ink),
        (_cut(what, text), Ink.MUTED),
        (bar(phase.took / longest if longest else 0.0, room), Ink.BAR),
        (_SLOWEST if slowest else "", Ink.STRONG),
        right=duration(phase.took),
    )


def bar(share: float, room: int) -> str:
    """A bar of ``share`` of so many cells, exact to an eighth of a cell; what is more than nothing shows."""
    eighths = max(round(share * room * 8), 1 if share > 0 else 0)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _what(phase: Phase) -> str:
    verb, _, arguments = phase.what.partition(" ")
    # The name of the phase says the verb already.
    what = arguments if verb.upper() == phase.name.partition("-")[0] else phase.what
    what = what.removeprefix("connected to ")
    if phase.count > 1:
        return f"{phase.count:,} times, longest {duration(phase.longest)}: {what}"
    return what if phase.answered else f"{what}: no reply".removeprefix(": ")


def _cut(text: str, room: int) -> str:
    if cell_len(text) > room:
        text = set_cell_size(text, room - 1) + "…"
    return set_cell_size(text, room + 2)
