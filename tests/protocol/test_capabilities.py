"""What is read from a reply to EHLO, however a server words it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtptui.protocol import Capabilities, ReplyParser


def offered(*lines: str) -> Capabilities:
    wire = "".join(f"250-{line}\r\n" for line in ("mx.example.org at your service", *lines)) + "250 OK-LAST\r\n"
    [reply] = ReplyParser().feed(wire.encode("utf-8", "surrogateescape"))
    return Capabilities.from_reply(reply)


def test_keywords_and_their_parameters() -> None:
    found = offered("PIPELINING", "SIZE 52428800", "starttls ", "X-Thing  a  b")
    assert found.domain == "mx.example.org"
    assert "StartTLS" in found
    assert "8BITMIME" not in found
    assert found.extensions["X-THING"] == "a  b"
    assert "MX.EXAMPLE.ORG" not in found, "the first line is a greeting"


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("SIZE 1000", 1000),
        ("SIZE", None),
        ("SIZE 0", None),
        ("SIZE 10 20", 10),
        ("SIZE=77", 77),
        ("SIZE lots", None),
        ("SIZE -1", None),
        ("SIZE ٣٤", None),
        ("SIZE 18446744073709551615", 2**64 - 1),
        ("SIZE " + "9" * 5000, None),
    ],
)
def test_size(line: str, limit: int | None) -> None:
    assert offered(line).size_limit == limit


@pytest.mark.parametrize(
    ("lines", "mechanisms"),
    [
        ((), ()),
        (("AUTH",), ()),
        (("AUTH PLAIN LOGIN",), ("PLAIN", "LOGIN")),
        (("AUTH plain",), ("PLAIN",)),
        (("AUTH=LOGIN PLAIN",), ("LOGIN", "PLAIN")),
        (("AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"), ("PLAIN", "LOGIN")),
        (("AUTH PLAIN", "AUTH CRAM-MD5 PLAIN"), ("PLAIN", "CRAM-MD5")),
        (("AUTH=LOGIN", "AUTH"), ("LOGIN",)),
    ],
)
def test_auth(lines: tuple[str, ...], mechanisms: tuple[str, ...]) -> None:
    assert offered(*lines).auth == mechanisms


@given(st.binary(max_size=200))
def test_any_reply_can_be_read(noise: bytes) -> None:
    text = noise.replace(b"\n", b"\r\n250-")
    for reply in ReplyParser().feed(b"250-" + text + b"\r\n250 end\r\n"):
        found = Capabilities.from_reply(reply)
        assert found.size_limit is None or found.size_limit > 0
        assert all(keyword == keyword.upper() and keyword for keyword in found.extensions)
        assert all(found.auth)
