"""Finds what a text gives away of a secret: runs of its characters, plain or encoded, folded or not.

A server may repeat a secret cut short, in another case, encoded, or spread over the lines of a reply. Eight
consecutive characters are a trace; so are eight characters of its base64, at each of the three alignments, and of its
hexadecimal digits. A shorter secret leaves a trace only as a whole.
"""

import base64
import re
import weakref
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from smtptui.protocol.control_characters import encode, visible
from smtptui.protocol.escapes import ESCAPES, Mapped, bare, bare_in, softened, softened_in, unfolded, unfolded_in

RUN = 8
"""Consecutive characters of a secret that are a trace of it."""
SHORTEST = 4
"""Characters from which on a shorter secret is looked for. "250" would blot out a dialogue, and be told by that."""
_FEWEST = 5
"""Characters that a run has at least without its white space."""
_PIECE = 4
_CORE = 4
"""Characters of the base64 of a short secret from which on it is looked for."""
_LONG = 512
"""Characters of a secret up to which its base64 in one case of letters is looked for, too."""
_BASE64 = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+/")
"""Its characters, folded."""
_CHANCE = 2
_CONTINUED = 16
"""Characters of base64 at a line's end that are likely to go on in the next line."""


class Span(NamedTuple):
    """Where a trace stands in a text."""

    start: int
    end: int


class Traces:
    """Looks for the traces of some secrets.

    ``common`` are texts that tell nothing, such as a host name, since they are known to everybody: a run that stands
    in one of them is no trace by itself. A run that is longer is one from its first character to its last.
    """

    def __init__(self, secrets: Iterable[str], common: Iterable[str] = ()) -> None:
        kept = {secret for secret in secrets if secret}
        long = {secret for secret in kept if len(secret) >= RUN and len(_folded(bare(secret))) >= _FEWEST}
        forms: dict[int, tuple[set[str], set[str]]] = {}
        for secret in long:
            # Notes quote what the server said after it was made visible.
            plain = {_folded(bare(secret)), _folded(bare(visible(secret)))}
            forms.setdefault(_size(secret), (set(), set()))[0].update(plain)
            forms.setdefault(RUN, (set(), set()))[1].update(_coded(secret))
        self._grams = [_Grams.of(size, plain, coded) for size, (plain, coded) in sorted(forms.items())]
        self._known: list[set[str]] = [set() for _ in self._grams]
        self.longest = max(map(len, kept), default=0)
        """Characters of the longest secret."""
        self._common = [_folded(bare(text)) for text in common]
        short = {form for secret in kept - long if len(secret) >= SHORTEST for form in _short(secret)}
        self._common_short = {form for form in short if any(_folded(bare(form)) in text for text in self._common)}
        self._short = any_of(short - self._common_short)
        self._broken = {_folded(bare(form)) for form in short - self._common_short}
        for text in common:
            self.know(text)

    def __bool__(self) -> bool:
        return bool(self._grams) or self._short is not None

    def know(self, text: str) -> None:
        """Take what stands in ``text`` for known from now on."""
        flat = _folded(bare(unfolded(text)))
        for grams, known in zip(self._grams, self._known, strict=True):
            known.update(grams.within(flat))

    def known(self, secret: str) -> bool:
        """Whether a secret as a whole consists of what is known."""
        flat = _folded(bare(secret))
        return secret in self._common_short or any(
            (windows := grams.within(flat)) and known.issuperset(windows)
            for grams, known in zip(self._grams, self._known, strict=True)
        )

    def spans(self, text: str, *, parts: bool = True) -> list[Span]:
        """Where traces stand, in order and apart from each other; without ``parts``, of whole secrets only."""
        if not self._may_be_in(text):
            return []
        found: list[Span] = []
        for lines, flat in _layers(text):
            if self._short is not None:
                found += [
                    Span(lines.starts[match.start()], lines.ends[match.end() - 1])
                    for match in self._short.finditer(lines.text)
                ]
            folded = flat.mapped(_folded)
            for grams, known in zip(self._grams, self._known, strict=True):
                found += [_placed(text, folded, run, grams) for run in grams.runs(folded.text, known, parts=parts)]
        return _merged(found)

    def tail(self, text: str) -> Span | None:
        """The end of a text that broke off, if it may be the beginning of a trace."""
        flat = bare_in(unfolded_in(Mapped.of(text))).mapped(_folded)
        counts = [grams.ends(flat.text) for grams in self._grams]
        counts += [
            count
            for form in self._broken
            for count in range(min(len(form) - 1, len(flat.text)), SHORTEST - 1, -1)
            if flat.text.endswith(form[:count])
        ]
        count = max(counts, default=0)
        if not count or any(flat.text[-count:] in text for text in self._common):
            return None
        return Span(flat.starts[len(flat.text) - count], len(text))

    def _may_be_in(self, text: str) -> bool:
        """Whether there may be a trace, as fast as that can be told: nearly every text has none."""
        softer = softened(text)
        return self._may_be_in_lines(unfolded(text)) or (softer is not None and self._may_be_in_lines(unfolded(softer)))

    def _may_be_in_lines(self, lines: str) -> bool:
        flat = bare(lines)
        if self._in(lines, flat):
            return True
        for escape in ESCAPES:
            if escape.mark in flat and escape.pattern.search(flat) is not None:
                unescaped = escape.undone(lines) if self._short is not None else ""
                if self._in(unescaped, bare(escape.undone(flat))):
                    return True
        return False

    def _in(self, lines: str, flat: str) -> bool:
        if self._short is not None and self._short.search(lines) is not None:
            return True
        folded = _folded(flat)
        for place, grams in enumerate(self._grams):
            if grams.touch(folded) and not self._known[place].issuperset(grams.within(folded)):
                return True
        return False


class _Run(NamedTuple):
    """A run in a text without white space."""

    start: int
    end: int


class _Grams:
    """All runs of just ``size`` characters of some forms of secrets: plain ones, and those in an encoding."""

    def __init__(self, size: int, plain: frozenset[str], coded: frozenset[str]) -> None:
        self._size = size
        self._forms = sorted((*plain, *coded), key=len)
        self._encoded = "\n".join(coded)
        self._all = "\n".join(self._forms)
        self._windows = frozenset(
            form[place : place + size] for form in self._forms for place in range(len(form) - size + 1)
        )
        # A run of `size` characters has a piece at one of any `stride` places, so that only these need a look.
        self._piece = min(_PIECE, size)
        self._stride = size - self._piece + 1
        self._pieces = frozenset(
            form[place : place + self._piece] for form in self._forms for place in range(len(form) - self._piece + 1)
        )

    @classmethod
    def of(cls, size: int, plain: Iterable[str], coded: Iterable[str]) -> "_Grams":
        """The same ones for the same secrets: the lanes of a batch share them, which may be megabytes."""
        key = (size, frozenset(plain), frozenset(coded))
        found = _shared.get(key)
        if found is None:
            found = _shared[key] = cls(*key)
        return found

    def touch(self, text: str) -> bool:
        """Whether a run may be in a folded text; nearly always not."""
        piece = self._piece
        return not self._pieces.isdisjoint(
            [text[place : place + piece] for place in range(0, len(text) - piece + 1, self._stride)]
        )

    def within(self, text: str) -> set[str]:
        """The runs that a folded text has."""
        if not self.touch(text):
            return set()
        size = self._size
        return {text[place : place + size] for place in range(len(text) - size + 1)} & self._windows

    def ends(self, text: str) -> int:
        """How many characters at the end of a folded text are too few for a run and may be the beginning of one."""
        most = min(self._size - 1, len(text))
        return next((count for count in range(most, self._piece - 1, -1) if text[-count:] in self._all), 0)

    def runs(self, text: str, known: set[str], *, parts: bool) -> Iterator[_Run]:
        """The longest runs, but those of which all is known; without ``parts``, those that hold a whole secret."""
        if not self.touch(text):
            return
        size, windows = self._size, self._windows
        place, last = 0, len(text) - size
        while place <= last:
            if text[place : place + size] not in windows:
                place += 1
                continue
            start, telling = place, False
            while place <= last and (window := text[place : place + size]) in windows:
                telling = telling or window not in known
                place += 1
            end = place - 1 + size
            if telling and (parts or any(form in text[start:end] for form in self._forms)):
                yield _Run(start, end)

    def coded(self, text: str) -> tuple[bool, bool]:
        """Whether a run begins, and whether it ends, with characters of an encoding."""
        return text[: self._size] in self._encoded, text[-self._size :] in self._encoded


_shared: "weakref.WeakValueDictionary[tuple[int, frozenset[str], frozenset[str]], _Grams]" = (
    weakref.WeakValueDictionary()
)


def any_of(anywhere: Iterable[str], alone: Iterable[str] = ()) -> re.Pattern[str] | None:
    """What matches these texts in any case of letters, and others only where no word goes on; None for nothing."""
    parts = [re.escape(value) for value in sorted(anywhere, key=len, reverse=True)]
    parts += [rf"(?<!\w){re.escape(value)}(?!\w)" for value in sorted(alone, key=len, reverse=True)]
    # A server that echoes a command may change its case.
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _folded(text: str) -> str:
    """Without differences of case, and of the two alphabets of base64 (RFC 4648 section 5)."""
    return text.casefold().replace("-", "+").replace("_", "/")


def _size(secret: str) -> int:
    """Characters of a run of this secret once white space is taken out of it."""
    return max(_FEWEST, min(RUN, *(len(bare(secret[place : place + RUN])) for place in range(len(secret) - RUN + 1))))


def _coded(secret: str) -> Iterator[str]:
    """The secret in base64 and hexadecimal, folded: the characters that depend on it alone."""
    spellings = {secret, secret.strip()}
    if len(secret) <= _LONG:
        spellings |= {secret.lower(), secret.upper()}
    for spelling in spellings:
        octets = encode(spelling)
        yield octets.hex()
        for core in _cores(octets):
            yield _folded(core)


def _cores(octets: bytes) -> Iterator[str]:
    for before in range(3):
        # The characters that `before` octets in front of it and whatever follows do not change.
        text = base64.b64encode(b"\x00" * before + octets).decode("ascii")
        yield text[-(-before * 8 // 6) : (before + len(octets)) * 8 // 6]


def _short(secret: str) -> Iterator[str]:
    """A secret that is looked for as a whole, as it may come back."""
    octets = encode(secret)
    whole = base64.b64encode(octets).decode("ascii")
    yield from (form for form in (secret, secret.strip(), visible(secret), visible(secret.strip())) if form)
    for text in (whole, whole.rstrip("="), *(core for core in _cores(octets) if len(core) >= _CORE)):
        yield text
        yield text.replace("+", "-").replace("/", "_")
    yield octets.hex()
    yield from (quote(octets, safe=""), quote(octets))


def _layers(text: str) -> Iterator[tuple[Mapped, Mapped]]:
    """The text as one line, with and without white space: as it is, and without each encoding that it may have."""
    whole = Mapped.of(text)
    for base in (whole,) if softened(text) is None else (whole, softened_in(whole)):
        lines = unfolded_in(base)
        flat = bare_in(lines)
        yield lines, flat
        for escape in ESCAPES:
            if escape.mark in text and escape.pattern.search(flat.text) is not None:
                yield escape.undone_in(lines), bare_in(escape.undone_in(flat))


def _placed(text: str, flat: Mapped, run: _Run, grams: _Grams) -> Span:
    """Where a run stands in the text. Of base64 it takes the whole word: the characters beside a run have some of its
    bits, and how far it seems to reach depends on them."""
    run = _trimmed(text, flat, run)
    start, end = run
    opens_coded, closes_coded = grams.coded(flat.text[start:end])
    split = any(flat.starts[place] != flat.ends[place - 1] for place in range(start + 1, end))
    if opens_coded:
        start = _word_start(flat, run.start)
        if start == run.start and start and (split or _goes_on(flat, start)):
            # It is folded, and may have begun at the end of the line before.
            start = _word_start(flat, start - 1)
    if closes_coded:
        end = _word_end(flat, run.end)
        if end == run.end and end < len(flat.text) and (split or _goes_on(flat, end)):
            end = _word_end(flat, end + 1)
    return Span(flat.starts[start], flat.ends[end - 1])


def _trimmed(text: str, flat: Mapped, run: _Run) -> _Run:
    """A run without one or two characters in another word that goes on: these are there by chance."""
    for count in range(1, _CHANCE + 1):
        place = run.end - count
        if (
            place - run.start >= RUN
            and flat.starts[place] != flat.ends[place - 1]
            and text[flat.ends[run.end - 1] :][:1].isalnum()
        ):
            return _trimmed(text, flat, run._replace(end=place))
        place = run.start + count
        before = flat.starts[run.start]
        if (
            run.end - place >= RUN
            and flat.starts[place] != flat.ends[place - 1]
            and before
            and text[before - 1].isalnum()
        ):
            return _trimmed(text, flat, run._replace(start=place))
    return run


def _word_start(flat: Mapped, place: int) -> int:
    """Where the word of base64 begins that ``place`` stands in; what was left out of the text ends a word."""
    while place and flat.text[place - 1] in _BASE64 and flat.ends[place - 1] == flat.starts[place]:
        place -= 1
    return place


def _word_end(flat: Mapped, place: int) -> int:
    """The same for its end; the = behind it are part of it."""
    while (
        place < len(flat.text)
        and (flat.text[place] in _BASE64 or flat.text[place] == "=")
        and flat.ends[place - 1] == flat.starts[place]
    ):
        place += 1
    return place


def _goes_on(flat: Mapped, place: int) -> bool:
    """Whether the word that ends before ``place`` is likely to be base64 that goes on in the next line."""
    return place - _word_start(flat, place - 1) >= _CONTINUED


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
