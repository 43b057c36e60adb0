"""Finds the calls of swaks in a text, or takes the text for a ``.swaksrc``, and cuts them into words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from smtptui.profiles.importers.imported import Findings
from smtptui.profiles.importers.shell import Operator, ShellWord, Unclosed, shell_words
from smtptui.profiles.importers.swaks_options import Word

_PROMPT = re.compile(r"\s*(?:\S*[$#%>]\s+)?")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_BEFORE = frozenset({"sudo", "time", "env", "command", "exec", "nohup", "perl"})
_SWAKS = re.compile(r"(?:.*/)?swaks(?:\.pl)?")
_VARIABLE = "SWAKS_OPT_"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of swaks, or one configuration file."""

    line: int
    words: tuple[Word, ...]


def calls_of(text: str, findings: Findings) -> list[Call]:
    """The calls of swaks in a text; a text without one is a configuration file."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = [(line, logical) for line, logical in _logical_lines(text) if not re.match(r"\s*(#|$)", logical)]
    if not any(is_call(logical) for _, logical in lines):
        return [Call(1, tuple(_file_words(text)))]
    calls: list[Call] = []
    for line, logical in lines:
        if is_call(logical):
            calls += _call(line, logical, findings)
        else:
            findings.tell(line, "", "no call of swaks")
    return calls


def is_call(line: str) -> bool:
    """Whether a line calls swaks, as far as its first words tell."""
    for word in _without_prompt(line).split()[:12]:
        if _SWAKS.fullmatch(word):
            return True
        if not _ASSIGNMENT.match(word) and word not in _BEFORE:
            return False
    return False


def _without_prompt(line: str) -> str:
    match = _PROMPT.match(line)
    return line[match.end() :] if match else line


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines, together with those that a backslash continues, and the number of each one's first."""
    first, held = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        first = first or number
        if (len(line) - len(line.rstrip("\\"))) % 2:
            held += line[:-1]
            continue
        yield first, held + line
        first, held = 0, ""
    if held:
        yield first, held


def _call(line: int, logical: str, findings: Findings) -> Iterator[Call]:
    words: list[Word] = []
    begun = False
    skip = False
    try:
        for piece in shell_words(_without_prompt(logical)):
            if isinstance(piece, Operator):
                if not piece.redirects:
                    findings.tell(line, "", f"what follows {piece.text} is another command")
                    break
                skip = True
            elif skip:
                skip = False
            elif begun:
                words.append(Word(piece.text, line, piece.expands))
            elif _SWAKS.fullmatch(piece.text):
                begun = True
            else:
                words += _from_environment(line, piece)
    except Unclosed:
        findings.tell(line, "", "a quotation mark is never closed")
        return
    yield Call(line, tuple(words))


def _from_environment(line: int, piece: ShellWord) -> Iterator[Word]:
    """``SWAKS_OPT_server=HOST`` before the command is an option, which those of the command go before."""
    name, equals, value = piece.text.partition("=")
    if equals and name.startswith(_VARIABLE):
        yield Word(f"--{name.removeprefix(_VARIABLE).replace('_', '-')}", line)
        if value not in ("", "<>"):
            yield Word(value, line, piece.expands)


def _file_words(text: str) -> Iterator[Word]:
    """The words of a configuration file: an option a line, its argument after the first blank, taken as it is."""
    for number, line in enumerate(text.split("\n"), 1):
        # swaks itself stumbles over an empty line; nobody means anything by one.
        if not line.strip() or line.startswith("#"):
            continue
        option, *argument = re.split(r"\s", line if line.startswith("-") else f"--{line}", maxsplit=1)
        yield Word(option, number)
        for one in argument:
            yield Word(one, number)
