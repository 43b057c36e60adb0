"""What a text gives away of a secret is found, however it was cut, encoded, folded or spelled; and nothing else is."""

import base64
import html
import json
import quopri
import random
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtptui.protocol import Traces, visible

SECRET = "Kd7-vN_2qZ%xR4+wT9&mB6=jH3"


def hidden(secret: str, text: str, *, common: tuple[str, ...] = (), known: str = "", parts: bool = True) -> str:
    """``text`` with a mark for each trace of ``secret``."""
    traces = Traces([secret], common)
    traces.know(known)
    shown, at = "", 0
    for start, end in traces.spans(text, parts=parts):
        shown, at = f"{shown}{text[at:start]}*", end
    return shown + text[at:]


def base64_at(before: int, *, urlsafe: bool = False) -> Callable[[str], str]:
    """The encoding of a text with so many octets before it that are known."""

    def encoded(text: str) -> str:
        octets = b"\0alice\0"[:before] + text.encode() + b" ok"
        return (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(octets).decode()

    return encoded


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "upper": str.upper,
    "lower": str.lower,
    "swapped": str.swapcase,
    **{f"base64-{before}": base64_at(before) for before in range(7)},
    **{f"urlsafe-{before}": base64_at(before, urlsafe=True) for before in range(3)},
    "base64-lower": lambda text: base64_at(1)(text).lower(),
    "base64-of-upper": lambda text: base64_at(2)(text.upper()),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "hex-colons": lambda text: text.encode().hex(":"),
    "hex-dashes": lambda text: text.encode().hex("-"),
    "hex-of-c": lambda text: ", ".join(f"0x{octet:02X}" for octet in text.encode()),
    "hex-of-c-tight": lambda text: ",".join(f"0x{octet:02x}" for octet in text.encode()),
    "hex-spaces": lambda text: text.encode().hex(" "),
    "percent": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
    "percent-lower": lambda text: "".join(f"%{octet:02x}" for octet in text.encode()),
    "quote": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "quoted-printable": lambda text: "".join(f"={octet:02X}" for octet in text.encode()),
    "quopri": lambda text: quopri.encodestring(text.encode()).decode(),
    "xtext": lambda text: "".join(f"+{octet:02X}" for octet in text.encode()),
    "html": html.escape,
    "references": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "hex-references": lambda text: "".join(f"&#x{ord(char):X};" for char in text),
    "json": lambda text: json.dumps(text)[1:-1],
    "escapes": lambda text: "".join(f"\\x{octet:02x}" for octet in text.encode()),
    "unicode-escapes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "octal": lambda text: "".join(f"\\{octet:03o}" for octet in text.encode()),
    "visible": visible,
}
LINES: dict[str, Callable[[str, int], str]] = {
    "one": lambda text, width: f"535 5.7.8 you said {text}!",
    "folded": lambda text, width: (
        "".join(f"535-5.7.8 {text[at : at + width]}\r\n" for at in range(0, len(text), width)) + "535 no"
    ),
    "last": lambda text, width: "535-no\r\n535 " + text,
    "split": lambda text, width: "535 " + " ".join(text[at : at + width] for at in range(0, len(text), width)),
}
ALIKE = sorted(set(ENCODINGS) - {"references"})
"""Encodings whose length depends on the shape of a secret alone."""
SHAPES = st.text("aA0.-+=&%_ ", min_size=8, max_size=24).filter(lambda shape: sum(char in "aA0" for char in shape) > 7)


def of_shape(shape: str, seed: int) -> str:
    """A secret with letters and digits where the shape has them."""
    chance = random.Random(seed)
    classes = {"a": string.ascii_lowercase, "A": string.ascii_uppercase, "0": string.digits}
    return "".join(chance.choice(classes.get(char, char)) for char in shape)


@settings(max_examples=60)
@given(
    SHAPES,
    st.sampled_from(ALIKE),
    st.sampled_from(sorted(LINES)),
    st.integers(min_value=6, max_value=40),
    st.integers(min_value=0, max_value=8),
    st.integers(min_value=0, max_value=8),
)
@example("aaaaaaaaaaaaaaaa", "base64-1", "one", 76, 0, 1)
@example("aA0aA0aA0aA0", "hex", "folded", 7, 1, 1)
@example("aaaaaaaa aaaaaaaa aaaaaaaa", "form", "one", 76, 3, 3)
def test_two_secrets_of_one_shape_leave_the_same_text(
    shape: str, encoding: str, lines: str, width: int, front: int, end: int
) -> None:
    shown = set()
    for seed in (1, 2):
        secret = of_shape(shape, seed)
        part = secret[front : len(secret) - end]
        if len(part) < 8 or sum(char.isalnum() for char in part) < 8 or part != part.strip():
            return
        shown.add(hidden(secret, LINES[lines](ENCODINGS[encoding](part), width)))
    assert len(shown) == 1, shown


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
@pytest.mark.parametrize("lines", sorted(LINES))
def test_every_part_of_eight_characters_is_hidden_in_every_encoding(encoding: str, lines: str) -> None:
    for start in (0, 4, 9, len(SECRET) - 8):
        part = SECRET[start : start + 8]
        text = LINES[lines](ENCODINGS[encoding](part), 60)
        assert "*" in hidden(SECRET, text), text
        if encoding == "plain":
            assert part not in hidden(SECRET, text)


@pytest.mark.parametrize("size", range(8))
def test_fewer_than_eight_characters_are_no_trace(size: int) -> None:
    for start in range(len(SECRET) - size):
        text = f"535 ({SECRET[start : start + size]})"
        assert hidden(SECRET, text) == text


@pytest.mark.parametrize("secret", ["pass", "hunt2", "hunter2"])
def test_a_short_secret_is_hidden_as_a_whole_alone(secret: str) -> None:
    for encoding in ("plain", "upper", "hex", "percent", "quoted-printable", "references", "base64-0", "base64-1"):
        assert "*" in hidden(secret, f"535 you said {ENCODINGS[encoding](secret)}"), encoding
    assert hidden(secret, f"535-you said {secret[:2]}\r\n535 {secret[2:]}") != "535-you said pa\r\n535 ss"
    cut = f"535 you said {secret[:-1]}"
    assert hidden(secret, cut) == cut


def test_what_was_known_before_is_no_trace_but_part_of_one() -> None:
    secret = "mail.example.org-2024"
    banner = "220 mail.example.org ESMTP"
    assert hidden(secret, banner) == "220 *ESMTP".replace("*E", "* E")
    assert hidden(secret, banner, known=banner) == banner
    assert hidden(secret, banner, common=("mail.example.org",)) == banner
    assert hidden(secret, "221 Mail.Example.ORG closing", known=banner) == "221 Mail.Example.ORG closing"
    # More than what was known: all of the run goes, or its end would be told.
    assert hidden(secret, f"535 you said {secret}!", known=banner) == "535 you said *!"
    assert hidden(secret, f"535 you said {secret[:-3]}!", known=banner) == "535 you said *!"


def test_without_parts_a_secret_counts_as_a_whole_alone() -> None:
    assert hidden(SECRET, f"SUBJECT {SECRET[:-1]}", parts=False) == f"SUBJECT {SECRET[:-1]}"
    assert hidden(SECRET, f"SUBJECT {SECRET}", parts=False) == "SUBJECT *"
    assert hidden(SECRET, f"ATUH PLAIN {base64_at(7)(SECRET)}", parts=False).startswith("ATUH PLAIN ")
    assert "*" in hidden(SECRET, f"ATUH PLAIN {base64_at(7)(SECRET)}", parts=False)


@given(st.text(max_size=200))
def test_other_texts_have_no_trace(text: str) -> None:
    assert hidden(SECRET, text) == text


@pytest.mark.parametrize("count", range(4, 8))
def test_the_end_of_a_text_that_broke_off_may_be_the_beginning_of_a_secret(count: int) -> None:
    traces = Traces([SECRET])
    text = f"535 you said {SECRET[:count]}"
    assert traces.spans(text) == []
    assert traces.tail(text) == (13, len(text))
    assert traces.tail("452 4.3.1 Insufficient sys") is None


def test_periodic_secrets_and_texts_take_no_time() -> None:
    secret = "a" * 3000
    traces = Traces([secret])
    text = "535 " + "aaaaaaab" * 8000 + "aaaaaaaab" * 8000
    assert sum(end - start for start, end in traces.spans(text)) == 8 * 8000
