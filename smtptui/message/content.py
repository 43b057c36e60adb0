"""Reading a message that may be broken in any way: headers, parts and text, never an exception."""

import email
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from email.utils import collapse_rfc2231_value
from functools import partial
from typing import Any, TypeVar

from smtptui.protocol import decode, visible

T = TypeVar("T")

_HEAD_END = re.compile(rb"(?:\A|\n)\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WORD = r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?="
_WORDS = re.compile(rf"{_WORD}(?:\s+{_WORD})*")
_FIELD_MOST = 1500
"""Characters of a header field that tells of a part: more than the longest file name takes."""
_WORDS_MOST = 20_000
"""Characters of encoded words in a row that are decoded, which takes the square of their number."""
_DEPTH = 50
"""How deep parts within parts are read."""


class _Bounded(Compat32):
    """As the standard library reads a message, but no more of a header field than it can read in no time."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_FIELD_MOST]


BOUNDED = _Bounded()
"""The policy for every message that others wrote: its parameters take the square of their length to read."""


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One MIME part that is not a container. All its text is safe to show."""

    name: str
    """File name, or empty."""
    type: str
    size: int
    """Octets after its transfer encoding is undone."""
    inline: bool = False
    """Whether the HTML shows it, by its content id."""


def head(content: bytes) -> bytes:
    """The header section, without the empty line that ends it."""
    end = _HEAD_END.search(content)
    return content if end is None else content[: end.start()]


def headers(content: bytes) -> tuple[tuple[str, str], ...]:
    """Name and value of each header in order: unfolded, encoded words decoded (RFC 2047), safe to show."""
    found = []
    for line in re.split(rb"\r?\n", _FOLD.sub(b"", head(content))):
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            continue
        found.append((visible(decode(name.rstrip())), _readable(decode(value.strip()))))
    return tuple(found)


def header(content: bytes, name: str) -> str:
    """The first header called ``name``, or an empty text."""
    wanted = name.lower()
    return next((value for key, value in headers(content) if key.lower() == wanted), "")


def parts(content: bytes) -> tuple[PartFacts, ...]:
    """The leaves of the message's MIME tree, in order."""
    return tuple(_part(leaf) for leaf in _leaves(content))


def text_of(content: bytes, *, prefer_html: bool = False) -> tuple[PartFacts, str] | None:
    """The part to show as text and its characters, line ends as they are: plain before HTML before other text, or
    HTML first."""
    leaves = [leaf for leaf in _leaves(content) if _type(leaf).startswith("text/")]
    order = ("text/html", "text/plain") if prefer_html else ("text/plain", "text/html")
    for wanted in (*order, "text/"):
        for leaf in leaves:
            if _type(leaf).startswith(wanted) and leaf.get("Content-Disposition") is None:
                return _part(leaf), _characters(leaf)
    for leaf in leaves:
        return _part(leaf), _characters(leaf)
    return None


def _leaves(content: bytes) -> list[Message]:
    message = lenient(lambda: email.message_from_bytes(content, policy=BOUNDED), None)
    return [] if message is None else list(_walk(message, _DEPTH))


def _walk(message: Message, depth: int) -> Iterator[Message]:
    inner = lenient(message.get_payload, None)
    # A forwarded message is a part of its own, not a container.
    if depth and isinstance(inner, list) and _type(message).startswith("multipart/"):
        for each in inner:
            if isinstance(each, Message):
                yield from _walk(each, depth - 1)
    else:
        yield message


def _part(leaf: Message) -> PartFacts:
    name = lenient(lambda: leaf.get_filename() or "", "")
    disposition = lenient(lambda: leaf.get_content_disposition() or "", "")
    inline = leaf.get("Content-ID") is not None and disposition != "attachment"
    return PartFacts(_readable(undecoded(name)), visible(_type(leaf)), len(_payload(leaf)), inline)


def _type(leaf: Message) -> str:
    return lenient(leaf.get_content_type, "application/octet-stream")


def _payload(leaf: Message) -> bytes:
    def octets() -> bytes:
        payload = leaf.get_payload(decode=True)
        if isinstance(payload, bytes):
            return payload
        inner = leaf.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], Message) else b""

    return lenient(octets, b"")


def _characters(leaf: Message) -> str:
    payload = _payload(leaf)
    charset = lenient(leaf.get_content_charset, None) or "utf-8"
    return lenient(lambda: payload.decode(charset, "backslashreplace"), decode(payload))


def parameters(header: Message) -> list[tuple[str, str]]:
    """Names in lower case and values of the Content-Type's parameters, whichever way they are written (RFC 2231)."""
    # The type itself comes first. A value of three words is charset, language and text; no type stub says so.
    nothing: Any = []
    found = lenient(lambda: header.get_params() or nothing, nothing)[1:]
    return [(name.lower(), undecoded(lenient(partial(collapse_rfc2231_value, value), ""))) for name, value in found]


def decoded(text: str) -> str:
    """``text`` with its encoded words decoded (RFC 2047); one that cannot be stays as it is."""
    return _WORDS.sub(lambda match: lenient(lambda: _words(match[0]), "") or match[0], text)


def _readable(text: str) -> str:
    return visible(decoded(text))


def _words(text: str) -> str:
    if len(text) > _WORDS_MOST:
        return text
    return "".join(
        chunk if isinstance(chunk, str) else chunk.decode(charset or "utf-8", "backslashreplace")
        for chunk, charset in decode_header(text)
    )


def undecoded(text: str) -> str:
    """Undo the ASCII reading of a parameter that was UTF-8 on the wire."""
    return lenient(lambda: decode(text.encode("ascii", "surrogateescape")), text)


def lenient(call: Callable[[], T], otherwise: T) -> T:
    """What ``call`` gives, or ``otherwise`` where it stumbles."""
    # The standard library's mail parser raises whatever it stumbles over (LookupError, TypeError, …,
    # RecursionError); a message must be shown all the same.
    try:
        return call()
    except Exception:
        return otherwise
