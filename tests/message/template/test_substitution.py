"""A piece that only names values says what Jinja2 says, whatever the texts and values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from smtptui.message.template.piece import Piece, PieceError
from smtptui.message.template.sandbox import MOST_CHARACTERS, Sandbox

NAMES = ("name", "word", "größe", "row", "range", "self", "loop", "missing")
TEXTS = st.text(st.sampled_from("ab <&>'\"\nä€"), max_size=20)
NAMED = st.sampled_from(NAMES).map(lambda name: f"{{{{ {name} }}}}")
OTHERS = st.sampled_from(
    [
        "{{ name|upper }}",
        "{# note #}",
        "{{- name -}}",
        "{{ 7 }}",
        "{{ none }}",
        "{% if word %}",
        "{% endif %}",
        "{{ row.x }}",
    ]
)
VALUES = TEXTS | st.sampled_from([None, 1, 1.0, True, Markup("<b>"), ["a"], "{{ name }}"])


def filled(source: str, variables: dict[str, Any], *, escapes: bool, at_once: bool) -> str:
    """What is made of a piece; with a ``finalize`` there is nobody but Jinja2 to make it."""
    sandbox = Sandbox(autoescape=escapes, finalize=None if at_once else lambda value: value)
    try:
        return Piece("Text", source, 3, sandbox).fill(variables)
    except PieceError as error:
        return f"no: {error}"


@given(
    source=st.lists(TEXTS | NAMED | OTHERS, max_size=8).map("".join),
    values=st.dictionaries(st.sampled_from(NAMES[:-1]), VALUES),
    escapes=st.booleans(),
)
def test_the_same_text(source: str, values: dict[str, Any], escapes: bool) -> None:
    variables = {"row": values, "range": range, **values}
    assert filled(source, variables, escapes=escapes, at_once=True) == filled(
        source, variables, escapes=escapes, at_once=False
    )


def test_names_alone_need_no_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    piece = Piece("Text", "Dear {{ name }},\n\n{{word}}\n", 1, Sandbox(autoescape=True))
    monkeypatch.setattr(Sandbox, "text", None)
    assert piece.fill({"name": "Ann & Bob", "word": "x"}) == "Dear Ann &amp; Bob,\n\nx\n"


def test_a_text_that_grows_out_of_all_proportion_is_none() -> None:
    piece = Piece("Text", "{{ name }}" * 20, 1, Sandbox())
    assert len(piece.fill({"name": "x" * 1000})) == 20_000
    with pytest.raises(PieceError, match="makes more than"):
        piece.fill({"name": "x" * (MOST_CHARACTERS // 19)})
