"""Which encoding the text of a list has: by its mark, as UTF-8, or as the Windows encoding of western Europe."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from smtptui.batch.lists.list_error import ListError
from smtptui.batch.lists.octets import Octets
from smtptui.protocol import visible

_MARKS = (
    # UTF-32 first: its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = "cp1252"
_LOOKED_AT = 4096
_NO_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
"""Codecs from text to text that are no encodings of files."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a list. ``mark`` is how many octets stand before the text."""

    name: str
    mark: int = 0
    notes: tuple[str, ...] = ()


def find_encoding(octets: Octets, given: str | None) -> Encoding:
    """The encoding that was ``given``, else the one that is found; raises :class:`ListError`."""
    marked = _marked(octets.head(4))
    if given is not None:
        name = _known(octets.name, given)
        if marked is not None and not _agrees(name, marked.name):
            raise ListError(
                octets.name,
                f"it begins with the mark of {marked.name}, so it is not {given}; leave --encoding away.",
                line=1,
            )
        return Encoding(marked.name, marked.mark) if marked is not None else Encoding(name)
    return marked or _wide(octets.head(_LOOKED_AT)) or _narrow(octets)


def texts(octets: Octets, encoding: Encoding) -> Iterator[str]:
    """The text in pieces, a CR never parted from its LF; raises :class:`ListError` with the line that does not fit."""
    decoder = codecs.getincrementaldecoder(encoding.name)()
    skip, held, line = encoding.mark, "", 1
    try:
        for chunk in octets.chunks():
            chunk, skip = chunk[skip:], max(0, skip - len(chunk))
            text = held + decoder.decode(chunk)
            held = "\r" if text.endswith("\r") else ""
            text = text.removesuffix("\r")
            yield text
            line += _breaks(text)
        yield held + decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise _unfit(octets.name, encoding, error, line) from error


def _marked(head: bytes) -> Encoding | None:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, len(mark))
    return None


def _known(file: str, given: str) -> str:
    try:
        name = codecs.lookup(given).name
        # What is no encoding of text says so here.
        "a".encode(given)
    except (LookupError, UnicodeError, ValueError) as error:
        raise ListError(
            file, f"{visible(given)} is no encoding of text; try utf-8, cp1252, utf-16 or another one."
        ) from error
    if name.replace("-", "_") in _NO_TEXT:
        raise ListError(file, f"{given} is no encoding of files; try utf-8, cp1252, utf-16 or another one.")
    return name


def _agrees(given: str, marked: str) -> bool:
    plain = given.removesuffix("-sig")
    return plain == marked or (plain in ("utf-16", "utf-32") and marked.startswith(plain))


def _wide(head: bytes) -> Encoding | None:
    """UTF-16 or UTF-32 without a mark, known by the NULs beside the characters of a header."""
    if len(head) < 8 or b"\0" not in head:
        return None
    part = head[: len(head) // 4 * 4]
    nuls = [part[place::4].count(0) * 4 / len(part) for place in range(4)]
    some, all_but = 0.3, 0.9
    if min(nuls[1], nuls[2], nuls[3]) > all_but and nuls[0] < some:
        return Encoding("utf-32-le", notes=("It has no mark, and was taken for UTF-32 by its look.",))
    if min(nuls[0], nuls[1], nuls[2]) > all_but and nuls[3] < some:
        return Encoding("utf-32-be", notes=("It has no mark, and was taken for UTF-32 by its look.",))
    if min(nuls[1], nuls[3]) > some and max(nuls[0], nuls[2]) < some / 3:
        return Encoding("utf-16-le", notes=("It has no mark, and was taken for UTF-16 by its look.",))
    if min(nuls[0], nuls[2]) > some and max(nuls[1], nuls[3]) < some / 3:
        return Encoding("utf-16-be", notes=("It has no mark, and was taken for UTF-16 by its look.",))
    return None


def _narrow(octets: Octets) -> Encoding:
    utf8, legacy = Encoding("utf-8"), Encoding(_LEGACY)
    try:
        for _ in texts(octets, utf8):
            pass
    except ListError as error:
        line = error.line or 1
    else:
        return utf8
    good, bad = _letters(octets)
    if good > bad:
        # Read as anything else, all that is UTF-8 would be spoilt, and everybody would see it.
        raise ListError(
            octets.name,
            "this line is not UTF-8, while most of the file is; correct it, or give --encoding.",
            line=line,
        )
    try:
        word = _first_word(octets, legacy)
    except ListError as error:
        raise ListError(
            octets.name, "it is neither UTF-8 nor Windows-1252; give its --encoding.", line=error.line
        ) from error
    note = (
        f"It is not UTF-8, so it is read as Windows-1252: line {line} has “{word}”. If that is wrong, give --encoding."
    )
    return Encoding(_LEGACY, notes=(note,))


def _letters(octets: Octets) -> tuple[int, int]:
    """How many characters beyond ASCII are good UTF-8, and how many octets are none."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    for chunk in octets.chunks():
        beyond = [char for char in decoder.decode(chunk) if char > "\x7f"]
        lost = sum("\udc80" <= char <= "\udcff" for char in beyond)
        good, bad = good + len(beyond) - lost, bad + lost
    return good, bad


def _first_word(octets: Octets, encoding: Encoding) -> str:
    """The first word that is not ASCII, once the whole file was read."""
    found = ""
    for text in texts(octets, encoding):
        if not found and not text.isascii():
            found = next((word for word in re.findall(r"[\w'-]+", text) if not word.isascii()), "")
        if not found and not text.isascii():
            # Signs alone, such as a currency's.
            found = next(char for char in text if not char.isascii())
    return visible(found)[:40]


def _unfit(name: str, encoding: Encoding, error: UnicodeError, line: int) -> ListError:
    which = ""
    if isinstance(error, UnicodeDecodeError):
        line += _breaks(error.object[: error.start].decode(encoding.name, "ignore"))
        which = f" (octet 0x{error.object[error.start]:02X})" if error.start < len(error.object) else ""
    return ListError(name, f"it is not {encoding.name}{which}; give the --encoding it has.", line=line)


def _breaks(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
