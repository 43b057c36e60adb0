"""Characters that an address must not have, since nobody can see them or tell them from others: found and named."""

import re
import unicodedata
from dataclasses import dataclass

_ASCII_BLANKS = " \t\r\n\x0b\x0c"
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]")
_WORD = re.compile(r"[^\W_]+")
_FORMAT = frozenset(["Cf", "Zs", "Zl", "Zp"])
_UNSEEN = re.compile(
    # Variation selectors and fillers, which Unicode counts as marks or letters though nothing of them is seen.
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_NAMES = {
    "\0": "NUL",
    "\t": "tab",
    "\n": "line feed",
    "\r": "carriage return",
    "\x1b": "escape character",
    "\x7f": "delete character",
    "\x85": "next-line character",
    "\xa0": "no-break space",
    "\xad": "soft hyphen",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u2060": "word joiner",
    "\ufeff": "zero-width no-break space",
}
_MEANT = {
    # What NFKC does not take for ASCII, and eyes do.
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\u2043", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4\u2035", "'"),
    **dict.fromkeys("\u3002\uff61", "."),
    **dict.fromkeys("\u2044\u2215", "/"),
    **dict.fromkeys("\u3001", ","),
    "\u2217": "*",
    "\u2223": "|",
    "\u223c": "~",
}
_QUOTES = frozenset("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u300c\u300d")
_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝӏАВЕЅІЈКМНОРСТУХοινρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧօսո",
        "aeopcyxijshdqwlABESIJKMHOPCTYXoivpuABEZHIKMNOPTYXoun",
        strict=True,
    )
)
"""Letters of Cyrillic, Greek and Armenian that look as a Latin one does."""


@dataclass(frozen=True, slots=True)
class OddCharacter:
    """One such character: where it stands, what it is and what to do about it."""

    place: int
    """Counted from 1."""
    char: str
    name: str
    remedy: str

    def __str__(self) -> str:
        article = "an" if self.name[0] in "aeioAEIO" else "a"
        return f"character {self.place} is {article} {self.name} ({code_point(self.char)}); {self.remedy}"


def trimmed(text: str) -> str:
    """``text`` without blanks and invisible characters at its ends, which come along when an address is copied."""
    if text.isascii():
        return text.strip(_ASCII_BLANKS)
    start, end = 0, len(text)
    while start < end and _trims(text[start]):
        start += 1
    while end > start and _trims(text[end - 1]):
        end -= 1
    return text[start:end]


def odd_character(text: str, *, lookalikes: bool = True) -> OddCharacter | None:
    """The first character of an address that must not be there; None if there is none.

    Controls, what is invisible, what has no meaning; with ``lookalikes`` also what looks like an ASCII character and is
    another one (as a fullwidth “@” or a Cyrillic “a” within a Latin word), since the mail would go to another mailbox
    than the one that is seen.
    """
    if text.isascii() and text.isprintable():
        return None
    for match in _NOT_PLAIN.finditer(text):
        char, place = match[0], match.start() + 1
        if found := _odd(char, place, lookalikes=lookalikes):
            return found
    return _lookalike(text) if lookalikes else None


def read_user(text: str) -> str:
    """The name somebody logs in with. Raises :class:`ValueError`, in a sentence without a full stop, for one with a
    character that nobody can see; one that is an address is looked at like one, and freed at its ends."""
    address = "@" in text or "@" in unicodedata.normalize("NFKC", text)
    name = trimmed(text) if address else text
    if odd := odd_character(name, lookalikes=address):
        raise ValueError(f"“{shown(name)}”: {odd}")
    return name


def code_point(char: str) -> str:
    """``U+200B``; for a byte that was not UTF-8 that byte, as in ``0xE9``."""
    point = ord(char)
    return f"0x{point - 0xDC00:02X}" if 0xDC80 <= point <= 0xDCFF else f"U+{point:04X}"


def shown(text: str, limit: int = 200) -> str:
    r"""``text`` with what cannot be seen written out, as in ``\u200b``, and cut where it is longer than ``limit``."""
    cut = text[:limit]
    if not (cut.isascii() and cut.isprintable()):
        cut = _NOT_PLAIN.sub(lambda match: _escaped(match[0]), cut)
    return cut if len(text) <= limit else f"{cut}… ({len(text):,} characters)"


_LINE_ENDS = "\r\n\x0b\x0c\x85\u2028\u2029"
"""What some program ends a line with; between two addresses it takes the place of a comma."""


def unseen(char: str) -> bool:
    """Whether nothing of a character is seen, but for the ASCII blank and controls."""
    return char != " " and (unicodedata.category(char) in _FORMAT or _UNSEEN.match(char) is not None)


def _trims(char: str) -> bool:
    return char in _ASCII_BLANKS or char == "\x85" or unseen(char)


def _odd(char: str, place: int, *, lookalikes: bool) -> OddCharacter | None:
    category = unicodedata.category(char)
    if category == "Cs":
        return OddCharacter(place, char, "byte that is not UTF-8", "type the address again, or convert the file")
    if category in ("Co", "Cn"):
        return OddCharacter(place, char, "character without a meaning", "delete it")
    if category == "Cc" or unseen(char):
        remedy = "separate addresses with commas" if char in _LINE_ENDS else "delete it"
        return OddCharacter(place, char, _name(char), remedy)
    if not lookalikes:
        return None
    if char in _QUOTES:
        return OddCharacter(place, char, _name(char), "delete it")
    meant = _MEANT.get(char) or unicodedata.normalize("NFKC", char)
    if meant != char and meant.isascii():
        return OddCharacter(place, char, _name(char), f"type “{meant}” instead")
    return None


def _lookalike(text: str) -> OddCharacter | None:
    for match in _WORD.finditer(text):
        word = match[0]
        if word.isascii():
            continue
        found = next((index for index, char in enumerate(word) if char in _LOOKALIKES), -1)
        others = [char for char in word if char.isalpha() and char not in _LOOKALIKES]
        # A word all of whose letters are another script's is one of that script.
        if found >= 0 and others and all(unicodedata.name(char, "").startswith("LATIN ") for char in others):
            char = word[found]
            remedy = f"type “{_LOOKALIKES[char]}” instead"
            return OddCharacter(match.start() + found + 1, char, _name(char), remedy)
    return None


def _name(char: str) -> str:
    if char in _NAMES:
        return _NAMES[char]
    if unicodedata.category(char) == "Cc":
        return "control character"
    # Scripts are proper names.
    words = unicodedata.name(char, "character without a name").lower()
    return re.sub(r"\b(?:latin|cyrillic|greek|armenian|hangul|mongolian|khmer)\b", lambda m: m[0].title(), words)


def _escaped(char: str) -> str:
    point = ord(char)
    if 0xDC80 <= point <= 0xDCFF:
        return f"\\x{point - 0xDC00:02x}"
    if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") or unseen(char):
        return {"\t": "\\t", "\r": "\\r", "\n": "\\n"}.get(
            char, f"\\x{point:02x}" if point < 0x80 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
        )
    return char
