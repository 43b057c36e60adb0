"""What the server can do, in the clear and inside TLS beside each other, every keyword with what it means."""

from collections.abc import Hashable

from smtptui.explain import keyword, parameters_in_words
from smtptui.protocol import Event, visible
from smtptui.session import MECHANISMS
from smtptui.transcript import OFFERING, Change, Comparison, Offered, offers
from smtptui.tui.log.page import row, sentence
from smtptui.tui.runs.history import ObservedSession
from smtptui.tui.widgets.rows import Ink, Row, fold

_BESIDE = 84
"""Cells from which on the two columns fit beside each other."""
_NAME = 22
_CHANGES = {Change.SAME: " ", Change.ADDED: "+", Change.WITHDRAWN: "-", Change.CHANGED: "~"}
_NOTHING = "–"


class CapabilitiesPage:
    """The replies to EHLO of one session."""

    empty = "No session yet. F5 sends; this will explain what the server offers."

    def __init__(self) -> None:
        self._observed: ObservedSession | None = None
        self._events: list[Event] = []
        self._looked_at = 0

    def watch(self, observed: ObservedSession) -> None:
        """Tell of this session from now on."""
        self._observed = observed
        self._events = []
        self._looked_at = 0

    def advance(self) -> bool:
        """Find replies to EHLO: their place is known without a look at the events."""
        if self._observed is None:
            return True
        transcript = self._observed.transcript
        end = min(len(transcript), self._looked_at + 65_536)
        self._events += [transcript[at] for at in transcript.matching(OFFERING, self._looked_at, end)]
        # Of a server that is tried again and again the last connection counts.
        self._events = self._events[-_HELD:]
        self._looked_at = end
        return end == len(transcript)

    @property
    def state(self) -> Hashable:
        """How many replies there are, and in which session."""
        if self._observed is None:
            return None
        return id(self._observed), self._events[-1].seq if self._events else -1, len(self._events)

    def rows(self, width: int) -> list[Row]:
        """A head, then the keywords."""
        found = offers(self._events)
        if found.clear is None and found.inside is None:
            return sentence("The server has not said yet what it can do: that is its reply to EHLO.", width)
        rows = _head(found, width)
        for offered in found.keywords:
            rows += [row(), *_keyword(offered, found, width)]
        if not found.keywords:
            rows += [row(), *sentence("It offers no extension at all.", width)]
        return rows


_HELD = 64


def _head(found: Comparison, width: int) -> list[Row]:
    both = found.clear is not None and found.inside is not None
    server = found.inside or found.clear
    name = server.domain if server is not None else ""
    if not both:
        where = "inside TLS" if found.clear is None else "in the clear"
        return [row((name, Ink.STRONG), (f" offers {where}", Ink.MUTED))]
    counts = {change: sum(each.change is change for each in found.keywords) for change in Change}
    del counts[Change.SAME]
    told = [f"{_CHANGES[change]} {count} {change}" for change, count in counts.items() if count]
    rows = [row((name, Ink.STRONG), (f" · with TLS: {', '.join(told) or 'the same'}", Ink.MUTED))]
    if width >= _BESIDE:
        rows += [row(), row((f"  {'':<{_NAME}}", Ink.MUTED), *_columns("in the clear", "inside TLS", width, Ink.MUTED))]
    return rows


def _keyword(offered: Offered, found: Comparison, width: int) -> list[Row]:
    changed = offered.change is not Change.SAME
    ink = Ink.STRONG if changed else Ink.PLAIN
    title = f"{_CHANGES[offered.change]} {visible(offered.keyword)}"
    word = f"  {offered.change} by TLS" if changed else ""
    beside = width >= _BESIDE and found.clear is not None and found.inside is not None
    if beside:
        rows = _beside(title, offered, width, ink)
    elif offered.clear == offered.inside or found.clear is None or found.inside is None:
        value = offered.inside if offered.inside is not None else offered.clear
        first, *rest = _folded(visible(value or ""), width)
        rows = [Row(((f"{title:<{_NAME + 2}}", ink), first))]
        rows += [Row(((" " * (_NAME + 2), Ink.PLAIN), piece)) for piece in rest]
    else:
        rows = [row((title, ink), (word, Ink.MUTED))]
        for place, value in (("in the clear", offered.clear), ("inside TLS", offered.inside)):
            first, *rest = _folded(_shown(value), width, column=18)
            rows.append(Row(((f"    {place:<14}", Ink.MUTED), first)))
            rows += [Row(((" " * 18, Ink.PLAIN), piece)) for piece in rest]
    return rows + _meaning(offered, width)


def _beside(title: str, offered: Offered, width: int, ink: Ink) -> list[Row]:
    half = (width - _NAME - 2) // 2
    left = [text for text, _ in fold([_shown(offered.clear)], half - 2)]
    right = [text for text, _ in fold([_shown(offered.inside)], half - 2)]
    rows = []
    for line in range(max(len(left), len(right))):
        name = title if line == 0 else ""
        a, b = (side[line] if line < len(side) else "" for side in (left, right))
        rows.append(row((f"{name:<{_NAME + 2}}", ink), *_columns(a, b, width, Ink.PLAIN)))
    return rows


def _columns(left: str, right: str, width: int, ink: Ink) -> tuple[tuple[str, Ink], ...]:
    half = (width - _NAME - 2) // 2
    return (f"{left:<{half}}", ink), (right, ink)


def _folded(value: str, width: int, column: int = _NAME + 2) -> list[tuple[str, Ink]]:
    return fold([value], width - column - 1)


def _shown(value: str | None) -> str:
    if value is None:
        return _NOTHING
    return visible(value) or "offered"


def _meaning(offered: Offered, width: int) -> list[Row]:
    known = keyword(offered.keyword)
    value = offered.inside if offered.inside is not None else offered.clear
    if known is None:
        text = "unknown: not registered with IANA, nor a private one known here"
        return sentence(text, width, Ink.MUTED, indent=4)
    words = parameters_in_words(offered.keyword, value or "", spoken=MECHANISMS)
    private = "" if known.registered or known.source.startswith("RFC") else ", private"
    text = f"{known.says} ({known.source}{private})" + (f": {visible(words)}" if words else "")
    return sentence(text, width, Ink.MUTED, indent=4)
