"""An empty cell is told where it leaves a gap, and not where the template sees to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.message import FaultKind
from tests.message.template.filling_in import ME, faults


def gaps(text: str, head: str = "", **row: object) -> list[str]:
    found = faults(ME + head + "\n" + text, {"name": "", "nick": "", "vip": "", "full name": " \t", **row})
    assert all(fault.warning for fault in found)
    return [fault.sentence for fault in found if fault.kind is FaultKind.GAP]


@pytest.mark.parametrize(
    "text",
    [
        "Dear {{ name }},",
        "{{ name|upper }}",
        "{{ name.strip() }}",
        "{{ name|default('friend') }}",
        "{{ 'Dear ' ~ name }}",
        "{{ 'Dear ' + name }}",
        "{{ 'Dear %s'|format(name) }}",
        "{{ 'Dear %s' % name }}",
        "{{ 'Dear {}'.format(name) }}",
        "{{ [name, 'x']|join(' ') }}",
        "{% set n = name %}{{ n }}",
        "{% with n = name %}{{ n }}{% endwith %}",
        "{% if vip != 'x' %}{{ name }}{% endif %}",
        "{% for i in [1] %}{{ name }}{% endfor %}",
        "{{ row.name }}",
        "{{ row['name'] }}",
        "{{ row.get('name', 'x') }}",
        "{{ name or '' ~ name }}",
        "{{ name if not vip else 'x' }}",
        "{% filter upper %}{{ name }}{% endfilter %}",
        "{% if name is defined %}{{ name }}{% endif %}",
    ],
)
def test_a_gap_is_told(text: str) -> None:
    [sentence] = gaps(text)
    assert "the column “name” is empty" in sentence
    assert "Text, line 3" in sentence
    assert '{{ name or "friend" }}' in sentence


@pytest.mark.parametrize(
    "text",
    [
        "{{ name or 'friend' }}",
        "{{ name|default('friend', true) }}",
        "{{ name|d('friend', boolean=true) }}",
        "{% if name %}Dear {{ name }}{% endif %}",
        "{% if name|trim %}{{ name }}{% else %}{{ name }}{% endif %}",
        "{% if name != '' %}{{ name }}{% endif %}",
        "{% if not name %}friend{% else %}{{ name }}{% endif %}",
        "{% if vip %}{{ name }}{% endif %}",
        "{{ name if name else 'friend' }}",
        "{{ 'Dear ' ~ name if name }}",
        "{{ name and 'Dear ' ~ name }}",
        "{{ name|length }}",
        "{{ name in ('a', 'b') }}",
        "{% set n = name or 'friend' %}{{ n }}",
        "{% if not name %}{% set name = 'friend' %}{% endif %}{{ name }}",
        "{% set n = name %}{% if n %}{{ n }}{% endif %}",
        "{% for name in ['a'] %}{{ name }}{% endfor %}",
        "{{ [name, 'x']|select|join(' ') }}",
        "no field",
    ],
)
def test_what_the_template_sees_to_is_not_told(text: str) -> None:
    assert gaps(text) == []


def test_several_columns_that_are_all_empty() -> None:
    [sentence] = gaps("{{ nick or name }}")
    assert "the columns “name” and “nick” are empty" in sentence
    assert gaps("{{ nick or name }}", nick="Al") == []
    assert gaps("{{ nick or name }}", name="Al") == []


@pytest.mark.parametrize("blank", ["", " ", "\t", "\n", "\u00a0", "\u200b", "\ufeff ", "\u2060\u00ad"])
def test_what_nobody_sees_is_empty(blank: str) -> None:
    assert len(gaps("Dear {{ name }}", name=blank)) == 1


def test_odd_names() -> None:
    [sentence] = gaps("{{ row['full name'] }}")
    assert '{{ row["full name"] or "friend" }}' in sentence


def test_fields_of_the_header() -> None:
    assert len(gaps("x", "SUBJECT: {{ name }}\n")) == 1
    assert len(gaps("x", "SUBJECT: For {{ name }}\nX-A: for {{ name }}\n")) == 2
    # A field that is empty is left out of the message; that is how a field is made optional.
    assert gaps("x", "REPLY-TO: {{ name }}\nCC: {{ nick }}\n") == []


def test_the_html_file_has_its_own_lines() -> None:
    found = faults(ME + "\nx\n", {"name": ""}, html="<p>\n{{ name }}\n")
    assert [(fault.field, fault.line) for fault in found] == [("HTML", 2)]


def test_a_header_that_depends_on_the_row() -> None:
    found = faults(ME + "{% set x = 1 %}SUBJECT: {{ name }}\n\nx\n", {"name": ""})
    assert [fault.kind for fault in found] == [FaultKind.GAP]


names = st.sampled_from(["name", "nick", "vip"])
expressions = st.recursive(
    names | st.sampled_from(["'a'", "''", "1"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" or ", " and ", " ~ "]), inner).map(lambda it: f"({''.join(it)})"),
        st.tuples(inner, inner, inner).map(lambda it: "({} if {} else {})".format(*it)),
        inner.map(lambda it: f"({it}|string|upper)"),
        inner.map(lambda it: f"({it}|default('a', true))"),
    ),
    max_leaves=6,
)
cells = st.sampled_from(["", "x"])


@settings(deadline=None)
@given(expressions, st.tuples(cells, cells, cells))
def test_a_gap_is_told_only_of_empty_cells_and_only_where_something_is_missing(
    expression: str, row: tuple[str, str, str]
) -> None:
    """Whatever the expression: without an empty cell there is no gap, and only empty cells are named."""
    filled = dict(zip(("name", "nick", "vip"), row, strict=True))
    found = [fault for fault in faults(ME + "\n{{ " + expression + " }}\n.\n", filled) if fault.kind is FaultKind.GAP]
    if all(row):
        assert found == []
    for fault in found:
        assert any(f"“{name}”" in fault.sentence for name, cell in filled.items() if not cell)
        assert not any(f"“{name}”" in fault.sentence for name, cell in filled.items() if cell)


@settings(deadline=None)
@given(names, st.lists(st.sampled_from(["|upper", "|trim", "|e", "|lower", "|string", "|title"]), max_size=3))
def test_filters_that_keep_nothing_nothing(name: str, filters: list[str]) -> None:
    assert len(gaps("Dear {{ " + name + "".join(filters) + " }}")) == 1
    assert gaps("Dear {{ (" + name + " or 'x')" + "".join(filters) + " }}") == []
