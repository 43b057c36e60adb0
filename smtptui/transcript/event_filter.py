"""Which events of a transcript are wanted: by kind, by stage, by text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from smtptui.protocol import Event, EventKind, Stage, visible_lines

FAILED = "failed"
"""The word for replies that refuse or put off, and for errors."""

_KINDS = tuple(EventKind)
_STAGES = {stage: place for place, stage in enumerate(Stage)}
_REFUSED = len(_KINDS)
"""A kind of its own in labels: a reply that is 4yz, 5yz or none at all."""
_LABELS = {(kind, stage): place * 16 + _STAGES[stage] for place, kind in enumerate(_KINDS) for stage in Stage}
_ESCAPED = (b"\\u", b"\\b", b"\\f")
"""How JSON writes some of the characters that are shown otherwise."""
_QUOTED = re.compile(r'"([^"]*)"?|(\S+)')


def label(event: Event) -> int:
    """Kind and stage of an event in one octet, so that a million of them can be sifted without a look at any."""
    if event.kind is EventKind.REPLY and (event.code is None or event.code >= 400):
        return _REFUSED * 16 + _STAGES[event.stage]
    return _LABELS[event.kind, event.stage]


@dataclass(frozen=True)
class EventFilter:
    """Lets events through that are of one of the ``kinds``, at one of the ``stages``, with ``text`` in what they show.

    An empty set means all. ``failed`` asks for replies that refuse or put off, and for errors. Text is compared
    without regard to case.
    """

    kinds: frozenset[EventKind] = field(default_factory=frozenset)
    stages: frozenset[Stage] = field(default_factory=frozenset)
    text: str = ""
    failed: bool = False

    @classmethod
    def read(cls, expression: str) -> "EventFilter":
        """What a user typed: names of stages and kinds, the word “failed”; the rest is text, and so is what stands
        in quotes."""
        kinds: set[EventKind] = set()
        stages: set[Stage] = set()
        text: list[str] = []
        failed = False
        for match in _QUOTED.finditer(expression):
            word = (match[2] or "").lower()
            if word in _STAGE_NAMES:
                stages.add(_STAGE_NAMES[word])
            elif word in _KIND_NAMES:
                kinds.add(_KIND_NAMES[word])
            elif word == FAILED:
                failed = True
            else:
                text.append(match[1] or match[2] or "")
        return cls(frozenset(kinds), frozenset(stages), " ".join(filter(None, text)), failed)

    @property
    def empty(self) -> bool:
        """Whether it lets all through."""
        return not (self.by_label or self.text)

    @property
    def by_label(self) -> bool:
        """Whether it asks for more than text."""
        return bool(self.kinds or self.stages or self.failed)

    @property
    def words(self) -> str:
        """What it lets through, in words."""
        parts = [
            FAILED if self.failed else "",
            " or ".join(str(kind) for kind in _KINDS if kind in self.kinds),
            "at " + " or ".join(stage.upper() for stage in Stage if stage in self.stages) if self.stages else "",
            f"with “{self.text}”" if self.text else "",
        ]
        return " ".join(filter(None, parts))

    def labelled(self, labels: bytes | bytearray, first: int) -> list[int]:
        """Positions of the labels it lets through; ``first`` is the position of the first of them."""
        table = self._table
        return [place for place, octet in enumerate(labels, first) if table[octet]]

    def in_text(self, text: str) -> bool:
        """Whether an event's text, as it is shown, has what is wanted."""
        pattern = self._pattern
        return pattern.search(text) is not None or (
            not (text.isascii() and text.isprintable()) and any(pattern.search(line) for line in visible_lines(text))
        )

    def may_be_in(self, line: bytes) -> bool:
        """Whether an event whose JSON is ``line`` may have it; False is certain."""
        needle = self._needle
        return needle is None or needle in line.lower() or any(mark in line for mark in _ESCAPED)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where in a text that is shown the wanted text stands."""
        return [match.span() for match in self._pattern.finditer(text)] if self.text else []

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.text), re.IGNORECASE)

    @cached_property
    def _needle(self) -> bytes | None:
        plain = self.text.isascii() and self.text.isprintable() and not set(self.text) & set('"\\')
        return self.text.lower().encode("ascii") if plain else None

    @cached_property
    def _table(self) -> Sequence[bool]:
        allowed = [self._allows(kind, stage) for kind in range(_REFUSED + 1) for stage in _padded(Stage)]
        return allowed + [False] * (256 - len(allowed))

    def _allows(self, place: int, stage: Stage | None) -> bool:
        kind = EventKind.REPLY if place == _REFUSED else _KINDS[place]
        if stage is None or (self.stages and stage not in self.stages):
            return False
        if self.failed and place != _REFUSED and kind is not EventKind.ERROR:
            return False
        return not self.kinds or kind in self.kinds


def _padded(stages: Iterable[Stage]) -> list[Stage | None]:
    found: list[Stage | None] = list(stages)
    return found + [None] * (16 - len(found))


_STAGE_NAMES = {str(stage): stage for stage in Stage}
_KIND_NAMES = {str(kind): kind for kind in EventKind if str(kind) not in _STAGE_NAMES}
"""“connect”, “tls” and “body” are stages, and say the same."""
