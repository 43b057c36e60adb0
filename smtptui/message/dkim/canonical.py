"""Canonical forms of headers and bodies (RFC 6376 section 3.4), made without looking at each octet in Python."""

import re

_CRLF = b"\r\n"
_BLANKS = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")


def simple_body(body: bytes) -> bytes:
    """The body with the empty lines at its end taken away, and one line end (section 3.4.3)."""
    end = len(body)
    while body[end - 2 : end] == _CRLF and end >= 2:
        end -= 2
    return body[:end] + _CRLF


def relaxed_body(body: bytes) -> bytes:
    """As :func:`simple_body`, with blanks reduced to one, none of them before a line end (section 3.4.4)."""
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    # Each turn halves the runs of blanks.
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    if b" \r\n" in body:
        body = body.replace(b" \r\n", _CRLF)
    if body.endswith(b" "):
        body = body[:-1]
    end = len(body)
    while body[end - 2 : end] == _CRLF and end >= 2:
        end -= 2
    return body[:end] + _CRLF if end else b""


def simple_field(raw: bytes) -> bytes:
    """A header field as it is (section 3.4.1)."""
    return raw


def relaxed_field(raw: bytes) -> bytes:
    """Name in lower case, unfolded, blanks reduced to one and none around the colon (section 3.4.2)."""
    name, _, value = raw.partition(b":")
    if _CRLF in value[:-2]:
        value = _FOLD.sub(b"", value)
    if b"\t" in value or b"  " in value:
        value = _BLANKS.sub(b" ", value)
    return name.rstrip(b" \t").lower() + b":" + value.strip(b" \t\r\n") + _CRLF
