"""What passes between a process that composes and its parent: JSON and octets, with their lengths before.

The process works on templates and lists that others wrote, so the parent believes nothing of what it says: JSON is
all that is read, what it says is compared with what was asked, and its size is limited.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

HEAD = struct.Struct(">IQ")
"""Octets of the JSON, and of what follows it."""
MOST_JSON = 64 * 1024 * 1024
MOST_OCTETS = 512 * 1024 * 1024


class FrameError(ValueError):
    """Octets that are not what was agreed upon."""


class Frame(NamedTuple):
    """A document of JSON and the octets that go with it."""

    document: dict[str, Any]
    octets: tuple[bytes, ...] = ()


def framed(frame: Frame) -> list[bytes]:
    """The octets of a frame, to be written one after the other."""
    document = {**frame.document, "sizes": [len(each) for each in frame.octets]}
    text = json.dumps(document, check_circular=False).encode("ascii")
    return [HEAD.pack(len(text), sum(map(len, frame.octets))), text, *frame.octets]


def lengths(head: bytes) -> tuple[int, int]:
    """How long the JSON is and what follows it; raises :class:`FrameError`."""
    text, octets = HEAD.unpack(head)
    if text > MOST_JSON or octets > MOST_OCTETS:
        raise FrameError("a frame that is too large")
    return text, octets


def read_frame(text: bytes, octets: bytes) -> Frame:
    """A frame of its two halves; raises :class:`FrameError`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError("a frame without JSON") from error
    sizes = document.pop("sizes", None) if isinstance(document, dict) else None
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
        raise FrameError("a frame without sizes")
    if sum(sizes) != len(octets):
        raise FrameError("a frame with wrong sizes")
    return Frame(document, _cut(octets, sizes))


def _cut(octets: bytes, sizes: Sequence[int]) -> tuple[bytes, ...]:
    if len(sizes) == 1:
        return (octets,)
    found, begin = [], 0
    for size in sizes:
        found.append(octets[begin : begin + size])
        begin += size
    return tuple(found)
