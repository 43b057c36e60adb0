"""Finds the calls of swaks in a text, or takes the text for a ``.swaksrc``, and cuts them into words."""

import collections
import re
from collections.abc import Iterator
from dataclasses import dataclass

from smtptui.profiles.importers.imported import Findings
from smtptui.profiles.importers.shell import Operator, ShellWord, Unclosed, shell_words
from smtptui.profiles.importers.swaks_options import Word

_PROMPT = re.compile(r"\s*(?:\S*[$#%>]\s+)?")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_KEYWORDS = frozenset({"!", "{", "if", "then", "elif", "else", "while", "until", "do"})
_BEFORE = frozenset(
    {"sudo", "doas", "time", "timeout", "env", "command", "exec", "nohup", "nice", "perl", "xargs", "watch", "torsocks"}
)
"""Programs that run the one named in their arguments."""
_SWAKS = re.compile(r"(?:.*/)?\$?swaks(?:\.pl)?")
_VARIABLE = "SWAKS_OPT_"
_LONGEST_QUOTED = 20_000
"""Characters of a command over several lines: each line that is added is looked at from the beginning again."""
_MOST_QUOTED = 100
"""Lines that a quotation may go on for, as that of a body."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of swaks, or one configuration file."""

    line: int
    words: tuple[Word, ...]


def calls_of(text: str, findings: Findings) -> list[Call]:
    """The calls of swaks in a text; a text without one is a configuration file."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = [(line, shell) for line, shell in _quoted(list(_logical_lines(text))) if not re.match(r"\s*(#|$)", shell)]
    if not any(is_call(shell) for _, shell in lines):
        return [Call(1, tuple(_file_words(text)))]
    calls: list[Call] = []
    others: list[int] = []
    for line, shell in lines:
        if is_call(shell):
            calls += _calls(line, shell, findings)
            _tell(others, findings)
        else:
            others.append(line)
    _tell(others, findings)
    return calls


def _tell(others: list[int], findings: Findings) -> None:
    """Tell of lines in a row that are no calls, in one sentence."""
    if others:
        more = f", nor are the lines up to {others[-1]}" if len(others) > 1 else ""
        findings.tell(others[0], "", f"no call of swaks{more}")
        others.clear()


def is_call(line: str) -> bool:
    """Whether a line of a shell calls swaks, among other commands perhaps."""
    try:
        return any(_begins(command) is not None for command in _commands(line))
    except Unclosed:
        # What is in the quotation cannot be told, so the first word decides.
        return bool(_SWAKS.fullmatch((_without_prompt(line).split() or [""])[0]))


def _without_prompt(line: str) -> str:
    match = _PROMPT.match(line)
    return line[match.end() :] if match else line


def _commands(line: str) -> list[list[ShellWord]]:
    """The commands of a line, without redirections; raises :class:`Unclosed`."""
    commands: list[list[ShellWord]] = [[]]
    skip = False
    for piece in shell_words(_without_prompt(line)):
        if isinstance(piece, Operator):
            skip = piece.redirects
            if not piece.redirects:
                commands.append([])
        elif skip:
            skip = False
        else:
            commands[-1].append(piece)
    return commands


def _begins(command: list[ShellWord]) -> int | None:
    """The place of ``swaks`` among the words of a command that calls it."""
    anywhere = False
    for place, word in enumerate(command):
        if _SWAKS.fullmatch(word.text):
            return place
        if word.text in _BEFORE:
            anywhere = True
        elif not (anywhere or word.text in _KEYWORDS or _ASSIGNMENT.match(word.text)):
            return None
    return None


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


def _quoted(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines, those that begin with swaks together with the lines that a quotation of theirs goes on in."""
    at = 0
    while at < len(lines):
        first, shell = lines[at]
        at += 1
        if _SWAKS.fullmatch((_without_prompt(shell).split() or [""])[0]) and not _is_closed(shell):
            for more in range(1, _MOST_QUOTED):
                whole = "\n".join([shell, *(line for _, line in lines[at : at + more])])
                if len(whole) > _LONGEST_QUOTED:
                    break
                if _is_closed(whole):
                    shell, at = whole, at + more
                    break
        yield first, shell


def _is_closed(shell: str) -> bool:
    try:
        collections.deque(shell_words(shell), maxlen=0)
    except Unclosed:
        return False
    return True


def _calls(line: int, shell: str, findings: Findings) -> Iterator[Call]:
    try:
        commands = _commands(shell)
    except Unclosed:
        findings.tell(line, "", "a quotation mark is never closed")
        return
    for command in commands:
        place = _begins(command)
        if place is not None:
            before = [word for piece in command[:place] for word in _from_environment(line, piece)]
            yield Call(line, (*before, *(Word(piece.text, line, piece.expands) for piece in command[place + 1 :])))


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
