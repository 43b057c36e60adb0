"""The fast encoder of texts makes the parts that the builder's makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.message import MessageError
from smtptui.message.part import text_part
from smtptui.message.template.substitution import Substitution
from smtptui.message.template.texts import TextEncoder

LINES = st.text(st.sampled_from("abz =.\tä€Ж😀\0_-"), max_size=90) | st.sampled_from(
    ["", ".", "..", " ", "x" * 999, "ä" * 500]
)
TEXTS = st.lists(LINES, max_size=8).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)
ENCODERS = {wide: TextEncoder("plain", eight_bit=wide) for wide in (False, True)}


@given(text=TEXTS, wide=st.booleans())
def test_the_same_part(text: str, wide: bool) -> None:
    assert ENCODERS[wide].part(text) == text_part("Text", text, "plain", eight_bit=wide)


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=4), values=st.lists(TEXTS, min_size=4, max_size=4), wide=st.booleans()
)
def test_the_same_part_of_a_text_that_knows_its_lines(texts: list[str], values: list[str], wide: bool) -> None:
    names = ["a", "b", "c", "d"]
    fixed = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    text = Substitution(fixed, names[: len(fixed) - 1], None).fill(dict(zip(names, values, strict=True)))
    assert text is not None
    assert ENCODERS[wide].part(text) == text_part("Text", str(text), "plain", eight_bit=wide)


def test_what_is_no_text_is_no_part() -> None:
    with pytest.raises(MessageError):
        text_part("Text", "\udc80", "plain")
    with pytest.raises(UnicodeEncodeError):
        ENCODERS[False].part("\udc80")
