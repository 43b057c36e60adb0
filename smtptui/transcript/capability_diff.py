"""What a server offered in the clear and what inside TLS, read from the events of a session (RFC 5321, RFC 3207)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from smtptui.protocol import Event, EventKind, Stage, visible, visible_lines
from smtptui.transcript.event_filter import EventFilter

OFFERING = EventFilter(
    kinds=frozenset({EventKind.REPLY, EventKind.CONNECT}), stages=frozenset({Stage.CONNECT, Stage.EHLO, Stage.EHLO_TLS})
)
"""The events that :func:`offers` needs of a transcript."""


class Change(StrEnum):
    """What TLS made of a keyword."""

    SAME = "same"
    ADDED = "added"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Offers:
    """One reply to EHLO: the name the server gives itself, and its keywords with their parameters, as sent."""

    domain: str = ""
    keywords: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offered:
    """One keyword with its parameters in the clear and inside TLS; None where it was not offered there."""

    keyword: str
    clear: str | None
    inside: str | None
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was offered ``clear`` and ``inside`` TLS; None where there was no such reply."""

    clear: Offers | None = None
    inside: Offers | None = None

    @property
    def keywords(self) -> tuple[Offered, ...]:
        """Every keyword, in the order in which the server first named it."""
        clear = self.clear.keywords if self.clear is not None else {}
        inside = self.inside.keywords if self.inside is not None else {}
        both = self.clear is not None and self.inside is not None
        return tuple(
            Offered(name, clear.get(name), inside.get(name), _change(clear.get(name), inside.get(name), both))
            for name in dict.fromkeys([*clear, *inside])
        )


def offers(events: Iterable[Event]) -> Comparison:
    """What the server offered; of several servers that were tried, the last one."""
    found = Comparison()
    for event in events:
        if event.kind is EventKind.CONNECT:
            found = Comparison()
        elif event.kind is EventKind.REPLY and event.stage in (Stage.EHLO, Stage.EHLO_TLS) and event.code == 250:
            read = read_offers(event)
            found = Comparison(found.clear, read) if event.tls else Comparison(read, found.inside)
    return found


def read_offers(event: Event) -> Offers:
    """The keywords in a reply to EHLO, upper case, harmless to show.

    The form “AUTH=LOGIN” from before RFC 2554 is a keyword of its own, ``AUTH=``; a keyword named twice has the
    parameters of both.
    """
    first, *rest = (line[4:].strip() for line in visible_lines(event.text) or [""])
    keywords: dict[str, str] = {}
    for line in rest:
        word, _, parameters = line.partition(" ")
        if "=" in word:
            word, _, head = word.partition("=")
            word, parameters = f"{word}=", f"{head} {parameters}"
        if not word:
            continue
        word = word.upper()
        keywords[word] = " ".join(f"{keywords.get(word, '')} {parameters}".split())
    return Offers(visible(first.partition(" ")[0]), keywords)


def _change(clear: str | None, inside: str | None, both: bool) -> Change:
    if not both or clear == inside:
        return Change.SAME
    if clear is None:
        return Change.ADDED
    return Change.WITHDRAWN if inside is None else Change.CHANGED
