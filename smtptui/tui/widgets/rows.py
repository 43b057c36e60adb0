"""A line as a list shows it, in parts that have a meaning and get their colour from the stylesheet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from rich.cells import cell_len, chop_cells


class Ink(StrEnum):
    """What a piece of text means; the stylesheet says how that looks."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNCERTAIN = "uncertain"
    BAR = "bar"


MARKS: dict[Ink, str] = {
    Ink.ACCEPTED: "✓",
    Ink.TEMPORARY: "!",
    Ink.PERMANENT: "✗",
    Ink.UNCERTAIN: "?",
    Ink.MUTED: "•",
}
"""The mark that says the same as an outcome's colour, for those who see no colour."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``parts`` from the left, cut with an ellipsis where it is too narrow, ``right`` at the edge."""

    parts: tuple[tuple[str, Ink], ...]
    right: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    """Characters of the parts, from where to where, that stand out; what was found, for instance."""

    def pieces(self) -> Iterator[tuple[str, Ink, bool]]:
        """The parts, cut where a mark begins or ends, and whether each piece is marked."""
        borders = [border for mark in self.marks for border in mark]
        start = 0
        for text, ink in self.parts:
            end = start + len(text)
            cuts = [start, *(border for border in borders if start < border < end), end]
            for first, last in pairwise(cuts) if borders else [(start, end)]:
                yield text[first - start : last - start], ink, any(a <= first < b for a, b in self.marks)
            start = end

    @property
    def text(self) -> str:
        """All of it as text."""
        left = "".join(text for text, _ in self.parts).rstrip()
        return f"{left}  {self.right}" if self.right else left


class Rows(Protocol):
    """A store of rows that grows at its end. Nobody is told of a new one: a watcher compares ``version``."""

    @property
    def version(self) -> int:
        """Changes with every row added."""
        ...

    @property
    def dropped(self) -> int:
        """How many rows have given way at the front; 0 for a store that keeps all."""
        ...

    def __len__(self) -> int: ...

    def row(self, index: int) -> Row:
        """The row at ``index``, ready to show: no control characters."""
        ...


class FixedRows:
    """Rows that do not change."""

    version = 0
    dropped = 0

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int) -> Row:
        """The row at ``index``."""
        return self._rows[index]


class TextRows:
    """A text that does not change."""

    version = 0
    dropped = 0

    def __init__(self, lines: list[tuple[str, Ink]]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def row(self, index: int) -> Row:
        """The line at ``index``."""
        return Row((self._lines[index],))


def fold(lines: Iterable[str], width: int, ink: Ink = Ink.PLAIN) -> list[tuple[str, Ink]]:
    """Lines cut into pieces of at most ``width`` cells, at spaces where there are some."""
    folded: list[tuple[str, Ink]] = []
    width = max(width, 8)
    for line in lines:
        rest = line
        while (len(rest) > width or not rest.isascii()) and cell_len(rest) > width:
            head = chop_cells(rest, width)[0]
            space = head.rfind(" ")
            # A word longer than half a line is cut, or lines would be ragged.
            if space > len(head) // 2:
                head = head[: space + 1]
            folded.append((head.rstrip(), ink))
            rest = rest[len(head) :]
        folded.append((rest, ink))
    return folded
