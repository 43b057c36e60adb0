"""Words as a shell would cut them; the shell itself is the judge."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.profiles.importers.shell import Operator, ShellWord, Unclosed, shell_words

SHELL = shutil.which("sh")


def cut(line: str) -> list[str]:
    """The words and operators of a line."""
    return [piece.text for piece in shell_words(line)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a b\tc", ["a", "b", "c"]),
        ("'a b'\"c d\"e\\ f", ["a bc de f"]),
        ("'' \"\"", ["", ""]),
        (r'"a\"b" "a\b" \$x', ['a"b', r"a\b", "$x"]),
        ("a # b", ["a"]),
        ("a#b", ["a#b"]),
        ("a|b", ["a", "|", "b"]),
        ("a '|' b && c;d", ["a", "|", "b", "&&", "c", ";", "d"]),
        ("a 2>&1 >f <g 2>>h &>i", ["a", "2>&", "1", ">", "f", "<", "g", "2>>", "h", "&>", "i"]),
        ("", []),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert cut(line) == words


@pytest.mark.parametrize(
    ("line", "expands"),
    [("$x", True), ('"a$x"', True), ("`x`", True), ("'$x'", False), (r"\$x", False), (r'"\$x"', False), ("x", False)],
)
def test_what_the_shell_would_fill_in(line: str, expands: bool) -> None:
    (word,) = shell_words(line)
    assert isinstance(word, ShellWord)
    assert word.expands is expands


@pytest.mark.parametrize("line", ["'a", '"a', '"a\\"', "b 'c"])
def test_a_quotation_that_is_not_closed(line: str) -> None:
    with pytest.raises(Unclosed):
        cut(line)


def test_operators_are_no_words() -> None:
    pieces = list(shell_words("a '|' | b"))
    assert pieces == [ShellWord("a"), ShellWord("|"), Operator("|"), ShellWord("b")]


@pytest.mark.skipif(SHELL is None, reason="there is no sh")
@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab \t'\"\\#-="), max_size=12))
def test_as_the_shell_of_this_machine(line: str) -> None:
    assert SHELL is not None
    # A quotation that is not closed is an error there; a backslash at the end is another matter for -c.
    done = subprocess.run(
        [SHELL, "-c", f'for word in {line}\ndo printf "%s\\n" "$word"; done'],
        capture_output=True,
        check=False,
        text=True,
    )
    try:
        words = cut(line)
    except Unclosed:
        assert done.returncode != 0
        return
    if line.rstrip().endswith("\\"):
        return
    assert done.stdout == "".join(f"{word}\n" for word in words)
