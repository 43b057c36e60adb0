"""Tests of dot-stuffing."""

import re
import sys

from hypothesis import example, given
from hypothesis import strategies as st

from smtptui.message import dot_stuff

lines = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"text", b" ."])).map(
    lambda parts: b"".join(part + b"\r\n" for part in parts)
)


def as_a_server_reads(wire: bytes) -> bytes:
    """RFC 5321 section 4.5.2, from the other side: the text up to the lone dot."""
    received = b""
    for line in re.findall(rb"[^\n]*\n", wire):
        if line == b".\r\n":
            return received
        received += line.removeprefix(b".")
    raise AssertionError("no end of data")


@given(lines)
@example(b".\r\n")
@example(b".\r\n.\r\n..\r\n")
def test_what_a_server_reads_is_what_was_given(content: bytes) -> None:
    assert as_a_server_reads(dot_stuff(content) + b".\r\n") == content


def test_dots_inside_lines_stay() -> None:
    assert dot_stuff(b"a.b\r\n.c\r\n") == b"a.b\r\n..c\r\n"


def test_content_without_leading_dots_is_not_copied() -> None:
    content = b"Subject: x\r\n\r\n" + b"text. more\r\n" * 200
    assert dot_stuff(content) is content
    assert sys.getsizeof(content) > 2000
