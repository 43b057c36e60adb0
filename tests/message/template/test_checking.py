"""What is wrong with a row is told before anything is sent, with its place in the template."""

from pathlib import Path

import pytest

from smtptui.message import Composer, Fault, Options, TemplateError, read_template

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
