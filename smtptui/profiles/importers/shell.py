"""Cuts a line into words as a POSIX shell does, without expanding anything (POSIX.1-2024, Shell, section 2.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATOR = re.compile(r"&>>?|[0-9]*(?:>>|>&|>\||<<<?-?|<&|<>|[<>])|&&|\|\||;;|[|;&()]")
_BLANKS = " \t\n"


class Unclosed(ValueError):
    """A quotation mark without its second one."""


@dataclass(frozen=True, slots=True)
class ShellWord:
    """A word without its quotation marks."""

    text: str
    expands: bool = False
    """Whether the shell would put something else in place of a part of it."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A control operator, or a redirection, which takes the next word."""

    text: str

    @property
    def redirects(self) -> bool:
        """Whether it is a redirection."""
        return "<" in self.text or ">" in self.text


def shell_words(line: str) -> Iterator[ShellWord | Operator]:
    """The words and operators of a line up to a comment; raises :class:`Unclosed`."""
    position = 0
    while position < len(line):
        char = line[position]
        if char in _BLANKS:
            position += 1
        elif char == "#":
            return
        elif operator := _OPERATOR.match(line, position):
            yield Operator(operator[0])
            position = operator.end()
        else:
            position, word = _word(line, position)
            yield word


def _word(line: str, position: int) -> tuple[int, ShellWord]:
    """The word that begins at ``position``, and where it ends."""
    text: list[str] = []
    expands = False
    while position < len(line) and line[position] not in _BLANKS and line[position] not in "|;&<>()":
        char = line[position]
        if char == "'":
            end = _closing(line, "'", position)
            text.append(line[position + 1 : end])
            position = end + 1
        elif char == '"':
            end = _closing(line, '"', position)
            inside = line[position + 1 : end]
            expands = expands or bool(re.search(r"(?<!\\)(?:\\\\)*[$`]", inside))
            text.append(re.sub(r'\\([$`"\\])', r"\1", inside))
            position = end + 1
        elif char == "\\":
            text.append(line[position + 1 : position + 2])
            position += 2
        else:
            expands = expands or char in "$`"
            text.append(char)
            position += 1
    return position, ShellWord("".join(text), expands)


def _closing(line: str, mark: str, position: int) -> int:
    """Where the quotation that opens at ``position`` is closed."""
    pattern = re.compile(r"'" if mark == "'" else r'(?:\\.|[^"\\])*"', re.DOTALL)
    match = pattern.search(line, position + 1) if mark == "'" else pattern.match(line, position + 1)
    if match is None:
        raise Unclosed
    return match.end() - 1
