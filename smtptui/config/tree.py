"""What a YAML file says, with the place of each thing in its text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Plain = str | None | list["Plain"] | dict[str, "Plain"]
"""A value without its place. Scalars are text: ``off`` and ``0123`` are what they look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value; ``start`` and ``end`` are where it stands in the text, an anchor before it included."""

    start: int
    end: int
    line: int
    """Counted from 1."""
    anchor: bool = False
    """Whether it is written with an anchor, which other places may use."""
    alias: bool = False
    """Whether only a reference stands here, to what another place says."""
    weight: int = 1
    """How many values it stands for, aliases resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode(Node):
    """Text, or nothing."""

    text: str
    style: str = ""
    """``'`` or ``"`` in quotes, ``|`` or ``>`` a block; empty for plain."""

    @property
    def absent(self) -> bool:
        """Whether it is null: nothing at all, ``~`` or ``null``."""
        return not self.style and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceNode(Node):
    """A list."""

    items: tuple[Node, ...]
    flow: bool
    """Whether it is written in brackets."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A field: its key and its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNode(Node):
    """Fields by name."""

    pairs: tuple[Pair, ...]
    """As written, duplicates and merge keys included."""
    flow: bool
    """Whether it is written in braces."""
    fields: Mapping[str, Pair] = field(default_factory=dict)
    """What counts: merged fields included, the first of duplicates."""
    repeated: tuple[tuple[Pair, Pair], ...] = ()
    """Pairs whose key was there before, each with the first one."""

    def own(self, name: str) -> Pair | None:
        """The field as written in this very mapping; None if it is absent or merged from another."""
        pair = self.fields.get(name)
        return pair if pair in self.pairs else None


def plain(node: Node | None) -> Plain:
    """The value alone. Fields that are null are left out of mappings: they are absent."""
    if isinstance(node, ScalarNode):
        return None if node.absent else node.text
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    if isinstance(node, MappingNode):
        values = ((name, plain(pair.value)) for name, pair in node.fields.items())
        return {name: value for name, value in values if value is not None}
    return None


def repeated(node: Node | None) -> Iterator[tuple[tuple[str, ...], Pair, Pair]]:
    """Every key given twice, with the path to it, its second and its first place."""
    if isinstance(node, MappingNode) and not node.alias:
        for second, first in node.repeated:
            yield (second.key.text,), second, first
        for pair in node.pairs:
            for path, second, first in repeated(pair.value):
                yield (pair.key.text, *path), second, first
    elif isinstance(node, SequenceNode) and not node.alias:
        for index, item in enumerate(node.items):
            for path, second, first in repeated(item):
                yield (str(index), *path), second, first
