"""Envelope and the encoding of its parameters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import Envelope, Notify, Recipient, xtext


def unxtext(text: str) -> bytes:
    return re.sub(rb"\+([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), text.encode("ascii"))


@given(st.text())
def test_xtext_is_reversible_and_a_single_word(text: str) -> None:
    try:
        octets = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return
    encoded = xtext(text)
    assert re.fullmatch(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*", encoded)
    assert unxtext(encoded) == octets


def test_xtext_of_the_standard() -> None:
    assert xtext("a+b=c d") == "a+2Bb+3Dc+20d"
    assert xtext("QQ314159") == "QQ314159"
    assert xtext("ü") == "+C3+BC"


def test_never_stands_alone() -> None:
    assert Recipient("a@b.test", (Notify.SUCCESS, Notify.FAILURE)).notify
    with pytest.raises(ValueError, match="NEVER stands alone"):
        Recipient("a@b.test", (Notify.NEVER, Notify.FAILURE))


def test_of() -> None:
    assert Envelope.of("", "a@b.test", "c@d.test").recipients == (Recipient("a@b.test"), Recipient("c@d.test"))
