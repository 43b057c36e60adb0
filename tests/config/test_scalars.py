"""Whatever a text is, it is written so that it is read as that text."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.config import MappingNode, ScalarNode, parse
from smtptui.config.scalars import literal, scalar

TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="ab :#-?{}[],&*!|>'\"%@`\\\n\r\t~<=0.\x85\u2028\ufeff", max_size=12),
    st.sampled_from(["null", "~", "", "<<", "off", "0x1F", "1e3", "2001-01-01", "=", "...", "---", "Yes"]),
)


@given(TEXTS, st.sampled_from(["", "'", '"']), st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_scalar_is_read_as_what_was_written(text: str, style: str, flow: bool, key: bool) -> None:
    written = scalar(text, style=style, flow=flow, key=key)
    assert "\n" not in written
    document = f"{written}: x" if key else f"k: {written}"
    tree = parse(f"{{{document}, z: 1}}" if flow else f"  {document}  # comment\n  z: 1\n")
    assert isinstance(tree, MappingNode)
    found = tree.pairs[0].key if key else tree.pairs[0].value
    assert isinstance(found, ScalarNode)
    assert (found.text, found.absent, len(tree.pairs)) == (text, False, 2)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_other_programs_read_it_as_text(text: str) -> None:
    assert yaml.safe_load(f"k: {scalar(text)}")["k"] == text


@given(st.text(alphabet="ab #:\n\r\t", max_size=12))
@settings(max_examples=200, deadline=None)
def test_lines_are_kept_as_a_block_where_it_can_hold_them(text: str) -> None:
    block = literal(text, "    ", "\n")
    if block is not None:
        tree = parse(f"  k: {block}\n  z: 1\n")
        assert isinstance(tree, MappingNode)
        assert isinstance(tree.pairs[0].value, ScalarNode)
        assert tree.pairs[0].value.text == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mail.example.org", "mail.example.org"),
        ("Ann <ann@example.org>", "Ann <ann@example.org>"),
        ("two words", "two words"),
        ("192.0.2.1", "192.0.2.1"),
        ("0123", '"0123"'),
        ("off", '"off"'),
        ("a: b", '"a: b"'),
        ("it's", "it's"),
        ('say "x" \\', 'say "x" \\'),
        ("a\nb", '"a\\nb"'),
        ("", '""'),
    ],
)
def test_quotes_only_where_they_are_needed(text: str, written: str) -> None:
    assert scalar(text) == written


def test_the_quotes_that_stood_there_are_kept() -> None:
    assert scalar("it's", style="'") == "'it''s'"
    assert scalar("x", style='"') == '"x"'
    # Single quotes know no escapes.
    assert scalar("a\tb", style="'") == '"a\\tb"'
    assert scalar("587", typed=True) == "587"
