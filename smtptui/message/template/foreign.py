"""Merge fields of other programs, such as ``{name}`` or ``*|NAME|*``, that name a column and are left in a text."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_JOINTS = re.compile(r"[\s_.\-\u00a0]+")
_LONGEST = 80
_IN = rf"(?P<name>[^\n{{}}<>«»\[\]|%$]{{1,{_LONGEST}}}?)"
"""A name within marks of two signs."""
_WORD = rf"(?P<name>[^\W\d_][\w-]{{0,{_LONGEST}}}?)"
_FALLBACK = r"(?:\|[^\n{}|]{0,80})?"
_FORMS = tuple(
    re.compile(f"(?=({form}))", re.IGNORECASE)
    for form in (
        rf"\*\|{_IN}\|\*",
        rf"<<{_IN}>>",
        rf"&lt;&lt;{_IN}&gt;&gt;",
        rf"«{_IN}»",
        rf"&laquo;{_IN}&raquo;",
        rf"‹{_IN}›",
        rf"\[\[{_IN}\]\]",
        rf"\[([%*:-]){_IN}\2\]",
        rf"<[%?]=?\s*\$?{_IN}[%?]>",
        rf"\{{\{{\{{{_IN}\}}\}}\}}",
        rf"(?<!\{{)[$#@%!]?\{{[$!#%]?{_IN}{_FALLBACK}%?\}}(?!\}})",
        rf"%\({_IN}\)s",
        rf"%%{_IN}%%",
        rf"%(?!\s){_IN}(?<!\s)%",
        rf"%7B{_IN}%7D",
        rf"%5B{_IN}%5D",
        rf"\[{_IN}{_FALLBACK}\](?![(\[:])",
        rf"@@{_WORD}@@",
        rf"(?<![\w@.])@{_WORD}@(?![\w@])",
        rf"##{_WORD}##",
        rf"(?<![\w#])#{_WORD}#(?![\w#])",
        rf"(?<![\w$])\${_WORD}\$?(?![\w$])",
    )
)
_PLAIN_FORMS = tuple(re.compile(f"(?=({form}))") for form in (rf"<{_IN}>", rf"(?<!\w)__{_WORD}__(?!\w)"))
"""Forms that are something else in HTML or Markdown."""
_MAYBE = re.compile(r"[\[{«‹$#*&%]|<[^\n]{1,90}>|@[\w-]+@|__")
"""What a text has that may have a field: most values have nothing of it."""
_SILENT = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_DEFINED = re.compile(r"^ {0,3}\[([^\]\n]+)\]:", re.MULTILINE)
"""What Markdown defines for links by reference."""
_MOST = 100
"""Fields that are told of one text."""
_AT_LEAST = 2
"""Characters of a column's name that may stand in marks which also have another use, such as ``[x]``."""


class Left(NamedTuple):
    """A field that nothing will be filled into."""

    place: int
    """Where in the text it begins."""
    shown: str
    column: str


class ForeignFields:
    """Finds fields of other programs that name one of the columns; case, blanks and underscores do not matter."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns: dict[str, str] = {}
        for column in columns:
            key = _joined(column)
            if len(key) >= _AT_LEAST and any(char.isalpha() for char in key):
                self._columns.setdefault(key, column)

    def find(self, text: str, *, plain: bool) -> list[Left]:
        """The fields in a text, in order; ``plain`` is whether it is neither HTML nor Markdown."""
        if not self._columns or not _MAYBE.search(text):
            return []
        if not plain:
            text = _SILENT.sub(_blank, text)
        defined = set() if plain else {name.casefold() for name in _DEFINED.findall(text)}
        found: list[Left] = []
        taken = bytearray(len(text))
        for form in (*_FORMS, *(_PLAIN_FORMS if plain else ())):
            for place, end, shown, name in _matches(form, text):
                column = self._column(name)
                if column is None or any(taken[place:end]):
                    continue
                taken[place:end] = b"\1" * (end - place)
                if not (shown.startswith("[") and shown[1:-1].casefold() in defined):
                    found.append(Left(place, shown, column))
                if len(found) == _MOST:
                    return sorted(found)
        return sorted(found)

    def _column(self, name: str) -> str | None:
        joined = _joined(name.strip().strip("\"'").removeprefix("=").removeprefix("$"))
        if joined in self._columns:
            return self._columns[joined]
        # Another program has the column within something: {contact.name}, {{ recipient.first_name }}.
        _, dot, last = name.strip().rpartition(".")
        return self._columns.get(_joined(last)) if dot else None


def _matches(form: re.Pattern[str], text: str) -> Iterator[tuple[int, int, str, str]]:
    for match in form.finditer(text):
        yield match.start(1), match.end(1), match[1], match["name"]


def _joined(name: str) -> str:
    return _JOINTS.sub("", name).casefold()


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
