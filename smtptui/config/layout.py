"""Where the lines of a YAML text begin and end, and how far the pieces of its tree reach in it."""

import re
from dataclasses import dataclass

from smtptui.config.tree import MappingNode, Node, Pair, ScalarNode, SequenceNode

_BREAK = re.compile(r"\r\n|\r|\n")
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+[ \t]*")
_COMMENT = re.compile(r"( *)#")
_FIRST_COMMENT = re.compile(r"(?:[ \t]*[\r\n])*( *)#")
_KEEPING = re.compile(r"[|>][0-9]*\+")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, from ``start`` to before ``end``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A YAML text, asked about its lines."""

    text: str

    @property
    def newline(self) -> str:
        """The line break in use: that of the first line."""
        match = _BREAK.search(self.text)
        return match[0] if match else "\n"

    def line_start(self, index: int) -> int:
        """Where the line of a position begins."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def line_end(self, index: int) -> int:
        """Where the line of a position ends, before its line break."""
        match = _BREAK.search(self.text, index)
        return match.start() if match else len(self.text)

    def next_line(self, index: int) -> int:
        """Where the line after that of a position begins."""
        match = _BREAK.search(self.text, index)
        return match.end() if match else len(self.text)

    def above(self, start: int) -> int:
        """Where the comments and empty lines directly above the line that begins at ``start`` begin."""
        while start:
            ahead = self.line_start(start - len(self._break_before(start)))
            if not re.fullmatch(r"[ \t]*(#.*)?", self.text[ahead:start].rstrip("\r\n")):
                break
            start = ahead
        return start

    def above_empty(self, start: int) -> int:
        """Where the empty line directly above begins; ``start`` itself where there is none."""
        ahead = self.line_start(start - len(self._break_before(start))) if start else start
        return ahead if not self.text[ahead:start].strip() else start

    def below(self, start: int, column: int) -> int:
        """Where the comments end that follow directly and are indented further than ``column``: they belong above."""
        while start < len(self.text) and (match := _COMMENT.match(self.text, start)) and len(match[1]) > column:
            start = self.next_line(start)
        return start

    def swallows(self, start: int, column: int) -> bool:
        """Whether a block scalar with its text at ``column`` before ``start`` would take a comment there for text."""
        match = _FIRST_COMMENT.match(self.text, start)
        return match is not None and len(match[1]) >= column

    def indent(self, index: int) -> str | None:
        """The white space before a position; None if anything else stands there in its line."""
        before = self.text[self.line_start(index) : index].removeprefix("\ufeff")
        return before if not before.strip(" ") else None

    def value_start(self, node: Node) -> int:
        """Where a value begins, behind its anchor."""
        match = _ANCHOR.match(self.text, node.start) if node.anchor else None
        return match.end() if match else node.start

    def value_end(self, node: Node) -> int:
        """Where the last line of a value ends or, within a line, the value. Comments after it are outside.

        Empty lines at the end of a block scalar are part of it only where it keeps them (``|+``).
        """
        if node.alias:
            return node.end
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            return self._block_end(node)
        if isinstance(node, MappingNode) and not node.flow and node.pairs:
            return self.value_end(node.pairs[-1].value)
        if isinstance(node, SequenceNode) and not node.flow and node.items:
            return self.value_end(node.items[-1])
        return node.end

    def field(self, pair: Pair) -> Span | None:
        """All lines of a field of a block mapping, comments behind it and the last line break included.

        None where something else stands in its first line.
        """
        if self.indent(pair.key.start) is None:
            return None
        end = max(self.value_end(pair.value), pair.key.end)
        start = self.line_start(pair.key.start)
        if self.text.startswith("\ufeff", start):
            start += 1
        return Span(start, self.next_line(end))

    def _block_end(self, node: ScalarNode) -> int:
        start = self.value_start(node)
        header = self.line_end(start)
        if _KEEPING.match(self.text, start):
            return max(header, node.end - len(self._break_before(node.end)))
        first = next((line for line in self.text[header : node.end].splitlines() if line.strip()), "")
        indent = len(first) - len(first.lstrip(" "))
        end = node.end
        while end > header:
            end -= len(self._break_before(end))
            line = self.text[self.line_start(end) : end]
            # More white space than the indentation would be text.
            if line.strip(" ") or len(line) > indent:
                return end
            end = self.line_start(end)
        return header

    def _break_before(self, index: int) -> str:
        before = self.text[max(0, index - 2) : index]
        if before == "\r\n":
            return before
        return before[-1:] if before[-1:] in ("\r", "\n") else ""
