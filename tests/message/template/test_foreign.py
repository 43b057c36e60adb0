"""Fields of other programs are found where they name a column, and nowhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.message import FaultKind, TemplateError
from smtptui.message.template.foreign import ForeignFields
from tests.message.template.filling_in import ME, composer, faults

COLUMNS = ("email", "name", "First Name", "customer_id", "total", "color")
FORMS = [
    "{%s}", "{ %s }", "<<%s>>", "«%s»", "[%s]", "[[%s]]", "%%%s%%", "%%%%%s%%%%", "*|%s|*", "{{{%s}}}", "${%s}",
    "{$%s}", "{%s|friend}", "#{%s}",
    "{contact.%s}", "<%%= %s %%>", "[%%%s%%]", "&lt;&lt;%s&gt;&gt;", "%%7B%s%%7D", "{!%s}",
]  # fmt: skip
WORDS = ["$%s", "@%s@", "##%s##", "#%s#", "$%s$"]


def shown(text: str, *, plain: bool = True) -> list[tuple[str, str]]:
    return [(left.shown, left.column) for left in ForeignFields(COLUMNS).find(text, plain=plain)]


@pytest.mark.parametrize("form", FORMS + WORDS)
@pytest.mark.parametrize("name", ["name", "NAME", "Name"])
def test_a_field_in_each_form(form: str, name: str) -> None:
    [(text, column)] = shown(f"Dear {form % name}, hello")
    assert (column, name in text) == ("name", True)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["First Name", "first_name", "FIRST-NAME", "FirstName"])
def test_blanks_and_underscores_are_alike(form: str, name: str) -> None:
    assert [column for _, column in shown(form % name)] == ["First Name"]


@settings(deadline=None)
@given(st.sampled_from(FORMS + WORDS), st.sampled_from(["surname", "nam", "names", "plz", "0", "note"]))
def test_no_other_name_is_one(form: str, name: str) -> None:
    assert shown(form % name) == []


@pytest.mark.parametrize(
    "text",
    [
        "[name](https://example.org) and [name][1] and [name]: https://example.org",
        "100% name % of it",
        "p {color:red} p { color : red }",
        "ann@name.example, me@name@x",
        "it costs $5, the name is # name",
        "hello name, your email",
        "{{ name }}",
        "a [x] b {n}",
    ],
)
def test_words_are_words(text: str) -> None:
    assert shown(text, plain=False) == []


def test_what_is_a_tag_or_emphasis_elsewhere_is_a_field_in_plain_text() -> None:
    assert [text for text, _ in shown("<name> __name__")] == ["<name>", "__name__"]
    assert shown("<name> __name__", plain=False) == []
    assert shown("<style>p{name}</style><!-- [name] --> {name}", plain=False) == [("{name}", "name")]


@settings(deadline=None)
@given(st.text(alphabet="{}[]<>%$#@*|«»name_ \n&;", max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    for left in ForeignFields(COLUMNS).find(text, plain=True):
        assert text[left.place :].startswith(left.shown)


def test_it_is_a_warning_with_its_line_in_the_header_too() -> None:
    found = faults(ME + "SUBJECT: Hi {name}\n\nDear\n[NAME]\n", {"name": "Ann"})
    assert [(fault.kind, fault.warning, fault.field, fault.line) for fault in found] == [
        (FaultKind.FOREIGN, True, "SUBJECT", 2),
        (FaultKind.FOREIGN, True, "Text", 5),
    ]
    assert "write {{ name }}" in found[0].sentence


def test_lines_are_right_beside_real_fields() -> None:
    found = faults(ME + "\n{{ name }}\n{% if name %}\n{name}\n{% endif %}\n{{ name }} «Name»\n", {"name": "Ann"})
    assert [fault.line for fault in found] == [5, 7]


def test_text_in_an_expression_is_text_and_a_format_is_none() -> None:
    maker = composer(ME + "\n{{ nick or '[NAME]' }}{{ '{name}'.format(name=name) }}\n", ("name", "nick"))
    assert [fault.line for fault in maker.check(("Ann", ""))] == [3]


def test_a_cell_with_a_field_is_told_only_if_the_template_has_it() -> None:
    row = {"name": "Ann", "hello": "Dear {name}", "unused": "{name}", "email": "a@b.example"}
    [fault] = faults(ME + "\n{{ hello }}\n", row)
    assert (fault.kind, fault.warning) == (FaultKind.FOREIGN, True)
    assert "“hello”" in fault.sentence
    assert faults(ME + "\n{{ items[0].greeting }}\n", {"items": [{"greeting": "Dear {items}"}]})


def test_columns_with_odd_names_are_written_as_they_must_be() -> None:
    [fault] = faults(ME + "\n<<First Name>>\n", {"First Name": "Ann"})
    assert '{{ row["First Name"] }}' in fault.sentence


@pytest.mark.parametrize("text", ["{{{name}}}", "{{name}", "{{ First Name }}", "{%name%}"])
def test_braces_that_jinja2_cannot_read_are_told_with_the_way_to_write_a_column(text: str) -> None:
    with pytest.raises(TemplateError, match=r"Line 3.*a column is written \{\{ name \}\}"):
        composer(ME + f"\n{text}\n", ("name", "First Name"))
