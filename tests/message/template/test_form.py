"""What a template file may look like, and what its messages are then."""

import os
from pathlib import Path

import pytest

from smtptui.message import MessageError, Options, TemplateError, read_template
from tests.message.making import header_names, parsed, text_of
from tests.message.template.filling_in import ME, composed, composer, faults, of


def test_names_of_fields_are_written_in_any_case() -> None:
    message = of("to: {{e}}\nfRoM: a@b.c\nSubJect: x\nreply-TO: c@d.e\nX-OTHER: y\n\nHi\n", {"e": "bob@example.org"})
    assert header_names(message)[:8] == [
        "Date",
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Message-ID",
        "X-OTHER",
        "MIME-Version",
    ]


@pytest.mark.parametrize("octets", ["\ufeff".encode(), b""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_byte_order_mark_do_not_matter(octets: bytes, end: str) -> None:
    source = octets + "FROM: a@b.c\nSUBJECT: ü\n\nZwei\nZeilen\n".replace("\n", end).encode()
    template = read_template(source, name="t")
    assert template.source == "FROM: a@b.c\nSUBJECT: ü\n\nZwei\nZeilen\n"


def test_a_folded_line_is_one() -> None:
    assert parsed(of(ME + "SUBJECT: one\n  two\n\nHi\n"))["Subject"] == "one  two"


def test_words_encoded_by_hand_are_read() -> None:
    assert parsed(of(ME + "SUBJECT: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nHi\n"))["Subject"] == "Grüße"


def test_a_field_that_is_empty_for_a_row_is_left_out() -> None:
    maker = composer(ME + "REPLY-TO: {{ reply }}\nX-A: {{ a }}\n\nHi\n", ("reply", "a"))
    assert "Reply-To" not in header_names(composed(maker, ("", " ")))
    assert parsed(composed(maker, ("c@d.e", "b")))["Reply-To"] == "c@d.e"


def test_the_row_gets_the_message_where_no_field_says_so() -> None:
    assert parsed(of(ME + "\nHi\n"))["To"] == "bob@example.org"


def test_who_sends_may_come_from_elsewhere() -> None:
    assert of("SUBJECT: x\n\nHi\n", options=Options(sender="Me <me@example.org>")).sender == "me@example.org"
    assert of(ME + "\nHi\n", options=Options(sender="me@example.org")).sender == "ann@example.org"
    with pytest.raises(TemplateError, match="From"):
        of("SUBJECT: x\n\nHi\n")


def test_copies_are_told_of_and_not_sent() -> None:
    maker = composer(ME + "CC: {{ c }}\nBCC: boss@example.org\n\nHi\n", ("c",))
    assert [note.partition(":")[0] for note in maker.notes] == ["Line 2", "Line 3"]
    message = composed(maker, ("carol@example.org",))
    assert message.recipients == ("bob@example.org",)
    assert parsed(message)["Cc"] == "carol@example.org"
    assert b"boss" not in message.content


def test_odd_names_of_columns_are_reached_by_row() -> None:
    message = of(ME + "\n{{ row['first name'] }} {{ token }} {{ address }}\n", {"first name": "Bob"})
    assert text_of(message) == "Bob Tok-aaaaaaaaaaaaaaaaaaa0 bob@example.org\n"


def test_a_column_comes_before_what_has_its_name_by_itself() -> None:
    assert text_of(of(ME + "\n{{ token }} {{ range }}\n", {"token": "mine", "range": "far"})) == "mine far\n"


def test_a_template_changes_no_row() -> None:
    items = [1]
    maker = composer(ME + "\n{% set _ = items.append(2) %}{{ items }}\n", ("items",))
    assert text_of(composed(maker, (items,))) == "[1, 2]\n"
    assert items == [1]


class TestTheHeaderDependsOnTheRow:
    """A statement around header lines, or a name that is set there: the message is read when it is filled in."""

    TEMPLATE = (
        "{% set greeting = 'Hi ' ~ name %}\n{% if vip %}X-Vip: {{ name }}\n{% endif %}FROM: a@b.c\n\n{{ greeting }}\n"
    )

    def test_lines_come_and_go(self) -> None:
        maker = composer(self.TEMPLATE, ("name", "vip"))
        assert parsed(composed(maker, ("Bob", True)))["X-Vip"] == "Bob"
        assert "X-Vip" not in header_names(composed(maker, ("Bob", False)))
        assert text_of(composed(maker, ("Bob", False))) == "Hi Bob\n"

    @pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\n"])
    def test_a_value_begins_no_line(self, end: str) -> None:
        maker = composer(self.TEMPLATE, ("name", "vip"))
        values = (f"Bob{end}BCC: eve@example.com", True)
        found = maker.check(values)
        assert any("line break" in fault.sentence for fault in found)
        with pytest.raises(MessageError, match="line break"):
            composed(maker, values)

    def test_a_value_of_several_lines_is_fine_in_the_text(self) -> None:
        assert text_of(composed(composer(self.TEMPLATE, ("name", "vip")), ("a\nb", False))) == "Hi a\nb\n"

    def test_what_is_no_message_then_is_told(self) -> None:
        [fault] = faults("{% if name %}{{ name }}\n{% endif %}FROM: a@b.c\n\nHi\n", {"name": "Bob"})
        assert "not a header field" in fault.sentence


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("", "no header"),
        ("\nHi\n", "no header"),
        ("FROM: a@b.c\nHello\n\nText\n", "Line 2 is not a header field"),
        (ME + "CONTENT-TYPE: image/png\n\nHi\n", "image/png"),
        (ME + "CONTENT-TYPE: multipart/mixed; boundary=x\n\nHi\n", "no text was found"),
        (ME + "CONTENT-LANGUAGE: de\n\nHi\n", "leave this field out"),
        (ME + "FROM: b@b.c\n\nHi\n", "once at most"),
        (ME + "\n{{ a|nosuch }}\n", "Line 3"),
    ],
)
def test_what_is_no_template_is_told(template: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        composer(template)
    assert said in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(TemplateError) as caught:
        read_template(b"FROM: a@b.c\nno field\nX\n\nHi\n", name="t", html=b"{{ x")
    assert len(caught.value.faults) == 1, "what cannot be compiled comes first"
    with pytest.raises(TemplateError) as caught:
        read_template(b"FROM: a@b.c\nno field\nMESSAGE-ID: <a@b>\nalso none\n\nHi\n", name="t")
    assert len(caught.value.faults) == 2


def test_one_html_is_enough() -> None:
    with pytest.raises(TemplateError, match="one too many"):
        composer(ME + "CONTENT-TYPE: text/markdown\n\nHi\n", html="<p>Hi")


def test_relative_names_begin_at_the_template_and_stay_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "a.txt").write_text("a")
    template = ME + "ATTACHMENT: ../a.txt\n\nHi\n"
    message = composed(composer(template, files=tmp_path, folder=tmp_path / "letters"))
    assert [part.get_filename() for part in parsed(message).iter_attachments()] == ["a.txt"]
    with pytest.raises(MessageError, match="outside of"):
        of(template, files=tmp_path / "letters")
    with pytest.raises(MessageError, match="no folder is named"):
        of(template)


def test_only_files_are_attached(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        ("folder", "is not a file"),
        ("pipe", "is not a file"),
        ("", "no file name"),
        ("none", "there is no file"),
    ):
        with pytest.raises(MessageError, match=said):
            of(ME + "ATTACHMENT: {{ name }}\n\nHi\n", {"name": name}, files=tmp_path)


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    maker = composer(ME + "ATTACHMENT: a.txt\n\nHi\n", files=tmp_path)
    for text in ("one", "three"):
        (tmp_path / "a.txt").write_text(text)
        [part] = parsed(composed(maker)).iter_attachments()
        assert part.get_content() == text
