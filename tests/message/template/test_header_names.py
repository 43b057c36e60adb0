"""Header names that were meant to be others are refused with the right one; all others pass."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtptui.message import TemplateError
from smtptui.message.template.header_names import _MEANT, _OTHERS, means_attachment, name_meant
from tests.message.template.filling_in import ME, composer, faults


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Attachments", "Attachment"),
        ("Attachement", "Attachment"),
        ("ATTATCHMENT", "Attachment"),
        ("Atachment", "Attachment"),
        ("attach", "Attachment"),
        ("Anhang", "Attachment"),
        ("Pièce jointe", "Attachment"),
        ("Reply to", "Reply-To"),
        ("Replyto", "Reply-To"),
        ("Reply_To", "Reply-To"),
        ("Bbc", "Bcc"),
        ("Ot", "To"),
        ("Subjet", "Subject"),
        ("Sujbect", "Subject"),
        ("Form", "From"),
        ("Betreff", "Subject"),
        ("List-Unsubscibe", "List-Unsubscribe"),
        ("Content Type", "Content-Type"),
    ],
)
def test_a_slip_has_its_right_name(name: str, meant: str) -> None:
    assert name_meant(name) == meant


@pytest.mark.parametrize(
    "name",
    ["X-Atachment", "x-anything", "Organisation", "Acme-Campaign", "Note", "Id", "Face", "Code", "Data-Class", "Mode"],
)
def test_other_names_are_left_alone(name: str) -> None:
    assert name_meant(name) is None


@settings(deadline=None)
@given(st.sampled_from((*_MEANT, *_OTHERS)), st.booleans())
def test_known_names_are_known_in_any_case(name: str, upper: bool) -> None:
    assert name_meant(name.upper() if upper else name.lower()) is None


@settings(deadline=None)
@given(st.sampled_from([name for name in _MEANT if len(name) > 6]), st.data())
def test_one_letter_too_few_or_two_swapped_is_found(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 2))
    swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    for slip in (name[:place] + name[place + 1 :], swapped):
        # A slip of the pen may also make a name that is known, such as Resent-Cc of Resent-Bcc.
        assert name_meant(slip) is not None or slip.lower() in {known.lower() for known in (*_MEANT, *_OTHERS)}


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_may_be_asked_about(name: str) -> None:
    assert name_meant(name) in (None, *_MEANT)
    assert means_attachment(name) in (True, False)


def test_a_template_with_misnamed_fields_is_refused_with_all_of_them() -> None:
    with pytest.raises(TemplateError) as refused:
        composer(ME + "Attachements: a.pdf\nReply to: c@d.e\nSubjet: x\nX-Own: y\n\nHi\n")
    assert len(refused.value.faults) == 3
    text = str(refused.value)
    assert "Line 2: “Attachements” is not a header name; write ATTACHMENT:" in text
    assert "Line 3: “Reply to” is not a header name; write REPLY-TO:" in text
    assert "Line 4: “Subjet” is not a header name; write SUBJECT:" in text


def test_a_header_that_depends_on_the_row_is_looked_at_when_it_is_filled_in() -> None:
    [fault] = faults(ME + "{% if vip %}Attachement: a.pdf\n{% endif %}X-A: b\n\nHi\n", {"vip": "yes"})
    assert not fault.warning
    assert "write ATTACHMENT" in fault.sentence
    # The line of the statement is an empty one, and ends the header.
    [fault] = faults(ME + "{% if vip %}\nAttachment: a.pdf\n{% endif %}\n\nHi\n", {"vip": "yes"})
    assert fault.warning
    assert "“Attachment: a.pdf” is part of the text" in fault.sentence


@pytest.mark.parametrize("line", ["ATTACHMENT: a.pdf", "Attachments: a.pdf", "Anhang: {{ e }}.pdf"])
def test_a_file_named_in_the_text_is_told(line: str) -> None:
    [fault] = faults(ME + f"\nDear,\n{line}\n", {"e": "x"})
    assert fault.warning
    assert "line 4" in fault.sentence.lower()


@pytest.mark.parametrize(
    "line", ["Attachments: see the website.", "Note: read on", "From: here on", "Image: https://x.y"]
)
def test_words_with_a_colon_in_the_text_are_words(line: str) -> None:
    assert not faults(ME + f"\nDear all,\n{line}\n", {"e": "x"})


def test_a_header_after_an_empty_line_is_told() -> None:
    [fault] = faults("\n".join([ME.strip(), "", "Subject: News", "Dear,"]), {"e": "x"})
    assert fault.warning
    assert "Subject: News" in fault.sentence
