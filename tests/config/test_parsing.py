"""YAML of any kind becomes a tree with places, or a sentence with a line."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtptui.config import Fault, MappingNode, YamlFault, decoded, parse, plain, repeated

YAMLISH = st.text(alphabet="ab01 :#-?{}[],&*!|>'\"%@`\\\n\r\t~<=.\0\x85\u2028\ufeff\ud800é", max_size=60)


def fault(data: bytes | str) -> Fault:
    found = fault_of(data)
    assert found is not None, f"{data!r} is taken for YAML"
    return found


def fault_of(data: bytes | str) -> Fault | None:
    try:
        plain(parse(decoded(data) if isinstance(data, bytes) else data))
    except YamlFault as error:
        return error.fault
    return None


def said(text: str) -> object:
    return plain(parse(text))


@given(st.one_of(st.text(), YAMLISH))
@example('a: "\\U00110000"')
@example(f"%YAML 1.{'9' * 5000}\n--- a")
@example("a: &a [*a]")
@example("? ? ? ?")
@example('"\\ud800"')
@example("!<tag:%ff> a")
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_tree_or_a_sentence_with_its_line(text: str) -> None:
    if (found := fault_of(text)) is not None:
        assert found.line is not None
        assert 1 <= found.line <= text.count("\n") + text.count("\r") + 1
        assert found.problem
        assert "\n" not in found.sentence("file")


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_octets_are_a_tree_or_a_sentence(data: bytes) -> None:
    found = fault_of(data)
    assert found is None or found.line is not None


@given(st.dictionaries(st.text(alphabet="abc", min_size=1), st.text(alphabet="xyz", min_size=1), max_size=5))
def test_plain_text_is_read_as_it_stands(fields: dict[str, str]) -> None:
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    assert said(text) == (fields or None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: off", "off"),
        ("a: 0123", "0123"),
        ("a: 12:30:45", "12:30:45"),
        ("a: 2001-01-01", "2001-01-01"),
        ("a: 'null'", "null"),
        ("a: =", "="),
        ("a: {b: no}", {"b": "no"}),
        ("a: [1, ~]", ["1", None]),
        ("a: |\n  x\n  y\n", "x\ny\n"),
        ("a: >-\n  x\n  y\n", "x y"),
        ("\ufeffa: b", "b"),
        ("a: b\r\n", "b"),
    ],
)
def test_scalars_are_text(text: str, value: object) -> None:
    assert said(text) == {"a": value}


@pytest.mark.parametrize("null", ["a:", "a: ~", "a: null", "a: NULL", "a: # nothing"])
def test_null_is_absent(null: str) -> None:
    assert said(null) == {}


@pytest.mark.parametrize("nothing", ["", "\n", "# only a comment\n", "---\n", "~", "\ufeff"])
def test_a_file_may_say_nothing(nothing: str) -> None:
    assert parse(nothing) is None


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: b\n\tc: d\n", 2, "a tab"),
        ("a: b\nc: d: e\n", 2, "in quotes"),
        ("a: b\nc\n", 2, "“:” is missing"),
        ("a:\n  b: 1\n c: 2\n", 3, "indentation"),
        ("a: 1\nb: @x\n", 2, "in quotes"),
        ("a: 1\nb: `x\n", 2, "in quotes"),
        ("a: 1\nb: 'x\n\nc: d\n", 5, "quote that was opened is not closed (see line 2)"),
        ("a: [1,\n", 2, "bracket"),
        ("a: {b: c\nd: e\n", 2, "bracket"),
        ("a: ]\n", 1, "bracket"),
        ('a: "\\q"\n', 1, "escape"),
        ("a: 1\nb: *hunter2\n", 2, "alias"),
        ("a: 1\nb: !hunter2 x\n", 2, "tag"),
        ("a: &x 1\nb: &x 2\n", 2, "anchor"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\n? [b]\n: c\n", 2, "name of a field"),
        ("a:\n  <<: 5\n", 2, "<<"),
        ('a: 1\nb: "\\ud83d"\n', 2, "surrogate"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
        ("a: 1\r\nb: 2\r\nc: \0\r\n", 3, "U+0000"),
        ("a: 1\rb: 2\rc: [\r", 4, "bracket"),
        ("a: |x\n", 1, "nothing may follow"),
        ("- a\nb: c\n", 2, "indentation"),
    ],
)
def test_what_is_broken_is_said_with_its_line(text: str, line: int, word: str) -> None:
    found = fault(text)
    assert word in found.problem
    assert found.line == line
    # It might be a password that should have been in quotes.
    assert "hunter2" not in found.problem


def test_other_encodings_are_named() -> None:
    assert "UTF-16" in fault("a: b".encode("utf-16")).problem
    found = fault(b"a: b\nc: \xe4\n")
    assert (found.line, "0xe4" in found.problem, "UTF-8" in found.problem) == (2, True, True)
    assert "U+0000" in fault("a: b".encode("utf-16-le")).problem


def quick(data: bytes | str) -> Fault:
    before = time.process_time()
    found = fault(data)
    assert time.process_time() - before < 5
    return found


def test_a_huge_file_is_refused_at_once() -> None:
    assert "larger than 512 KiB" in quick(b"a: b\n" * 200_000).problem


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{"])
def test_deep_nesting_is_refused(opening: str) -> None:
    assert "nested deeper than 20" in quick(opening * 60_000).problem


def test_deep_nesting_in_blocks_is_refused() -> None:
    assert "nested deeper" in quick("".join(" " * depth + "a:\n" for depth in range(700))).problem


@pytest.mark.parametrize("link", ["[*a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}, *a{0}]", "{{x: *a{0}, y: *a{0}}}"])
def test_a_bomb_of_aliases_is_refused(link: str) -> None:
    lines = ["a0: &a0 [1, 2, 3]"] + [f"a{depth + 1}: &a{depth + 1} {link.format(depth)}" for depth in range(40)]
    assert "aliases (*) resolved" in quick("\n".join(lines)).problem


def test_a_bomb_of_merges_is_refused() -> None:
    lines = ["a0: &a0 {b: 1}"] + [f"a{n + 1}: &a{n + 1} {{<<: [{', '.join([f'*a{n}'] * 9)}]}}" for n in range(40)]
    assert quick("\n".join(lines)).line is not None


def test_aliases_and_merge_keys_mean_what_they_do_elsewhere() -> None:
    assert said("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n") == {
        "a": {"x": "1", "y": "2"},
        "b": {"x": "1", "y": "3"},
        "c": {"x": "1", "y": "2"},
    }
    assert said("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n  z: 3\n")["c"] == {  # type: ignore[index]
        "x": "1",
        "y": "2",
        "z": "3",
    }
    # In quotes it is a name like any other.
    assert said("'<<': 1") == {"<<": "1"}


def test_keys_given_twice_are_found_with_both_places() -> None:
    tree = parse("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    found = [(path, second.key.line, first.key.line) for path, second, first in repeated(tree)]
    assert found == [(("a",), 5, 1), (("b", "c"), 4, 3)]
    assert plain(tree) == {"a": "1", "b": {"c": "1"}}


def test_places_are_those_of_the_text() -> None:
    text = "\ufeff# é\r\na:  'b'  # c\r\nd: {e: f, g: [h, i]}\r\n"
    tree = parse(text)
    assert isinstance(tree, MappingNode)
    assert [text[pair.value.start : pair.value.end] for pair in tree.pairs] == ["'b'", "{e: f, g: [h, i]}"]
    assert [pair.key.line for pair in tree.pairs] == [2, 3]
