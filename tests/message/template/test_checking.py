"""What is wrong with a row is told before anything is sent, with its place in the template."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtptui.batch import Address, Addresses
from smtptui.message import Composer, Facts, Fault, FaultKind, Options, TemplateError, read_template

COLUMNS = ("email", "name", "file")
GOOD = ("bob@example.org", "Bob", "a.txt")


def composer(text: str, *, html: str | None = None, files: Path | None = None, **options: object) -> Composer:
    template = read_template(text.encode(), name="letter.txt", html=html.encode() if html else None, files=files)
    return Composer(template, COLUMNS, Options(sender="me@example.org", **options))  # type: ignore[arg-type]


def faults(text: str, values: tuple[object, ...] = GOOD, **more: object) -> list[Fault]:
    return composer(text, **more).check(values, str(values[0]))  # type: ignore[arg-type]


def test_a_good_row_has_no_fault() -> None:
    assert faults("To: {{ email }}\nSubject: Hi {{ name }}\n\nHello {{ name }}.\n") == []


def test_a_column_that_is_not_there_is_known_at_once() -> None:
    assert composer("Subject: x\n\nHello {{ nmae }}.\n").unknown == {"nmae"}
    [fault] = faults("Subject: x\n\n\nHello {{ nmae }}.\n")
    assert (fault.field, fault.line) == ("Text", 4)
    assert "nmae" in fault.sentence


def test_a_missing_value_is_not_sent_as_none() -> None:
    [fault] = faults("Subject: x\n\nHello {{ name }}.\n", ("bob@example.org", None, ""))
    assert not fault.warning
    assert "would say “None”" in fault.sentence
    assert "“name”" in fault.sentence


def test_a_brace_that_is_left_over_is_found() -> None:
    [fault] = faults("Subject: x\n\nHello {{ name }}.\n", ("bob@example.org", "{{ first }}", ""))
    assert "“{{” is left" in fault.sentence


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_line_end_in_a_header_begins_no_other_header(end: str) -> None:
    values = ("bob@example.org", f"Bob{end}Bcc: eve@example.com", "")
    found = faults("Subject: Hi {{ name }}\n\nHello.\n", values)
    assert [fault.field for fault in found if not fault.warning] == ["Subject"]
    assert "line break" in found[0].sentence


def test_the_message_names_the_one_who_gets_it() -> None:
    [fault] = faults("To: {{ name }}@example.org\nSubject: x\n\nHello.\n", ("bob@example.org", "eve", ""))
    assert "would go to bob@example.org" in fault.sentence


@pytest.mark.parametrize(
    ("head", "others"),
    [
        ("To: {{ email }}, Boss <boss@example.org>", ["boss@example.org"]),
        ("To: {{ email }}, not{{ name }}@example.org", ["notBob@example.org"]),
        ("To: friends: {{ email }}, boss@example.org;", ["boss@example.org"]),
        ("Resent-To: boss@example.org", ["boss@example.org"]),
        ("Resent-Cc: {{ name }}@example.org", ["Bob@example.org"]),
        ("Cc: boss@example.org, eve@example.org", ["boss@example.org", "eve@example.org"]),
        ("To: {{ email|upper }}", []),
        ("To: {{ name }} <{{ email }}>, 'BOB@example.org'", []),
    ],
)
def test_whoever_is_named_and_gets_no_copy_is_told_of(head: str, others: list[str]) -> None:
    found = faults(f"{head}\nSubject: x\n\nHello.\n")
    assert all(fault.warning and fault.kind is FaultKind.NO_COPY for fault in found)
    assert [other in fault.sentence for fault in found for other in others] == [True] * len(others)
    assert len(found) == bool(others)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (
            "To: {{ email }}, Boss <boss@example.org>",
            "Line 1: To names more than the recipient of the row: Boss <boss@",
        ),
        ("To: {{ email }}, {{ name }}", "2 addresses are filled in"),
        ("To: {{ a }} <{{ email }}>, {{ b }} <{{ name }}>", "2 addresses are filled in"),
        ("RESENT-TO: boss@example.org", "Line 1: RESENT-TO only shows its addresses"),
        ("To: {{ name }} <{{ email }}>", None),
        ("To: {{ email }}{% if name %}{% endif %}", None),
        ("To: {{ email }};", None),
    ],
)
def test_a_second_person_is_told_of_before_a_row_is_read(head: str, says: str | None) -> None:
    notes = composer(f"{head}\nSubject: x\n\nHello.\n").notes
    assert [says in note for note in notes if says is not None] == ([True] if says else [])
    assert says is not None or not notes


@pytest.mark.parametrize(
    "cell",
    [
        "\u200bbob@example.org\u00a0\n",
        "'bob@example.org'",
        "mailto:bob@example.org",
        "Façade <bob@example.org>",
        "bob@example.org.",
        "“bob@example.org”;",
        "bob@example.org (Bob)",
        "jo\u0308rg@b\u00fccher.example",
    ],
)
def test_a_cell_is_read_alike_for_the_envelope_and_for_the_header(cell: str) -> None:
    address = Addresses().read(cell)
    assert isinstance(address, Address)
    made = composer("To: {{ email }}\nSubject: x\n\nHello.\n")
    assert made.check((cell, "Bob", ""), address.text) == []
    message = made.compose(
        (cell, "Bob", ""), Facts(address.text, "<1@example.org>", "t" * 24, datetime(2024, 1, 1, tzinfo=UTC))
    )
    shown = next(line for line in message.content.split(b"\r\n") if line.startswith(b"To: "))
    assert address.text.encode() in shown or b"j\xc3\xb6rg@" in shown
    assert message.recipients == (address.text,)


def test_an_attachment_that_is_missing_or_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("here")
    (tmp_path / "secret.txt").write_text("not for sending")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    text = "Subject: x\nAttachment: {{ file }}\n\nHello.\n"
    assert faults(text, GOOD, files=folder) == []
    for name, said in (
        ("b.txt", "b.txt"),
        ("../secret.txt", "outside of"),
        (str(tmp_path / "secret.txt"), "outside of"),
        ("link.txt", "outside of"),
    ):
        found = faults(text, ("bob@example.org", "Bob", name), files=folder)
        assert any(said in fault.sentence for fault in found), name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Subject: {{ name\n\nHello.\n", "end of print statement"),
        ("Subject: x\n\nHello {% if name %}.\n", "Line 3"),
        ("Subject: x\n\n{% include 'other.txt' %}\n", "one file"),
        ("Subject: x\nMessage-ID: <1@example.org>\n\nHello.\n", "made for each recipient"),
        ("Subject: x\nSubject: y\n\nHello.\n", "Subject"),
        ("\xff", "no UTF-8"),
    ],
)
def test_a_template_that_cannot_be_used_says_where_and_why(text: str, said: str) -> None:
    source = text.encode("latin-1")
    with pytest.raises(TemplateError) as caught:
        Composer(read_template(source, name="letter.txt"), COLUMNS, Options(sender="me@example.org"))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.__init__.__globals__ }}",
        "{% for i in range(10 ** 9) %}x{% endfor %}",
        "{{ 'x' * 10 ** 9 }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ name }}{% endfor %}{% endfor %}",
    ],
)
@pytest.mark.timeout(30)
def test_a_template_reaches_nothing_and_ends(text: str) -> None:
    found = faults(f"Subject: x\n\n{text}\n")
    assert [fault for fault in found if not fault.warning]


def test_values_are_text_in_an_html_file_of_its_own() -> None:
    maker = composer("Subject: x\n\nHello.\n", html="<p>{{ name }}</p>")
    assert maker.check(("bob@example.org", "<b>Bob</b> & Co", ""), "bob@example.org") == []
    warned = composer("Subject: x\nContent-Type: text/html\n\n<html>{{ name }}</html>\n").check(
        ("bob@example.org", "<b>Bob</b>", ""), "bob@example.org"
    )
    assert [fault.warning for fault in warned] == [True]
