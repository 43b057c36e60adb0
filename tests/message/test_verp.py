"""An envelope sender for each recipient, or a sentence why there is none."""

import pytest

from smtptui.message import MessageError, verp_address
from smtptui.protocol import parse_mailbox


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("news@example.org", "news+AbC-9_x@example.org"),
        ("News <news@example.org>", "news+AbC-9_x@example.org"),
        ("news+list@example.org", "news+list+AbC-9_x@example.org"),
        ("news@bücher.example", "news+AbC-9_x@bücher.example"),
        (f"{'l' * 56}@example.org", f"{'l' * 56}+AbC-9_x@example.org"),
    ],
)
def test_the_token_stands_before_the_at(sender: str, expected: str) -> None:
    assert verp_address(sender, "AbC-9_x") == expected
    assert parse_mailbox(expected).address == expected


@pytest.mark.parametrize(
    ("sender", "token", "said"),
    [
        (f"{'l' * 57}@example.org", "AbC-9_x", "65 octets before the “@”, 64 are allowed"),
        (f"{'ö' * 29}@example.org", "AbC-9_x", "66 octets before the “@”"),
        ('"news letter"@example.org', "AbC-9_x", "quoted"),
        ("postmaster", "AbC-9_x", "no domain"),
        ("news@example.org", "a>\r\nRCPT", "cannot be part of an address"),
        ("news@example.org", "", "cannot be part of an address"),
        ("nobody", "AbC-9_x", "Envelope sender"),
    ],
)
def test_where_it_cannot_be_a_sentence_says_why(sender: str, token: str, said: str) -> None:
    with pytest.raises(MessageError, match="Envelope sender") as caught:
        verp_address(sender, token)
    assert said in str(caught.value)
