"""An address list cut into pieces: at its separators, without the names of groups, nothing of it left out."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from smtptui.protocol.odd_characters import trimmed

_BLANK = r"[ \t\r\n\x0b\x0c\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_QUOTED_NAME = r"'[^'<>@\"]{1,200}+'|[\u201c\u201d\u201e][^\u201c\u201d<>@\"]{1,200}+[\u201c\u201d]"
_TOKENS = re.compile(
    rf"(?P<blank>{_BLANK}++)"
    r"|(?P<word>=\?[^?\s]++\?[bBqQ]\?[^?\s]*+\?=)"
    r'|(?P<quoted>"(?:[^"\\]|\\.)*+")'
    rf"|(?P<named>(?<![^\s,;:])(?:{_QUOTED_NAME})(?={_BLANK}*+<))"
    r"|(?P<literal>\[[^\[\]<>\"]*+\])"
    r"|(?P<text>[^\s\x85,;:<>()\"\[\]=]++|=)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_IN_ANGLE = re.compile(r'"(?:[^"\\]|\\.)*+"|[<>,;("]', re.DOTALL)
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_OTHER_FIELDS = frozenset(["bcc", "cc", "resent-bcc", "resent-cc", "from", "reply-to", "subject"])
_ROUTE = re.compile(r"\s*+@")
_MOST_ANGLES = 3
"""So many angle brackets in each other are taken for one pair."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """blank, word (encoded), quoted, named, literal, text, mark, comment, angle, open."""
    text: str


@dataclass(slots=True)
class Piece:
    """What stands between two separators."""

    text: str = ""
    tokens: list[Token] = field(default_factory=list)
    unclosed: str = ""
    """What is opened and not closed in it."""
    foreign: str = ""
    """The name of the field that the piece belongs to, if another one begins before it."""
    semicolons: bool = False
    """Whether the whole list is one whose separators are semicolons."""
    after: str = ""
    """The separator behind it."""
    last: str = ""
    """The last token that is neither blank nor comment."""
    at: bool = False
    """Whether “@” is anywhere in it, also where it is quoted, encoded or in a comment."""
    previous: "Piece | None" = None
    following: "Piece | None" = None

    @property
    def solid(self) -> list[Token]:
        """Without blanks and comments."""
        return [token for token in self.tokens if token.kind not in ("blank", "comment")]

    @property
    def angles(self) -> list[Token]:
        return [token for token in self.tokens if token.kind == "angle"]

    @property
    def has_at(self) -> bool:
        return any("@" in token.text for token in self.tokens if token.kind != "comment")


def pieces_of(text: str) -> Iterator[Piece]:
    """The pieces of a list that say something, in order. Where semicolons separate, words before a comma belong to the
    name behind it."""
    return _joined_names(_Splitter(text).pieces())


class _Splitter:
    """Cuts a list into its pieces."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._start = 0
        self._piece = Piece()
        self._found: list[Piece] = []
        self._group = ""
        self._members = 0
        self._semicolons = False

    def pieces(self) -> list[Piece]:
        """All pieces that say something."""
        while self._place < len(self._text):
            self._token()
        self._finish("")
        for piece in self._found:
            piece.semicolons = self._semicolons
        return self._found

    def _token(self) -> None:
        match = _TOKENS.match(self._text, self._place)
        assert match is not None, "the last alternative takes any character"
        kind, text = match.lastgroup or "", match[0]
        if kind != "mark":
            self._take(kind, text)
        elif text == ",":
            self._finish(",")
        elif text == ";":
            self._semicolon()
        elif text == ":":
            self._colon()
        elif text == "<":
            self._angle()
        elif text == "(":
            self._comment()
        elif text == '"':
            # Nothing tells where it ends, so nothing behind it can be told apart.
            self._piece.unclosed = "a quotation mark is opened and not closed"
            self._take("open", self._text[self._place :])
        else:
            self._take("mark", text)

    def _take(self, kind: str, text: str) -> None:
        piece = self._piece
        piece.tokens.append(Token(kind, text))
        if kind not in ("blank", "comment"):
            piece.last = text
        piece.at = piece.at or "@" in (decoded(text) if kind == "word" else text)
        self._place += len(text)

    def _finish(self, separator: str) -> None:
        piece = self._piece
        piece.text = trimmed(self._text[self._start : self._place])
        piece.after = separator
        piece.foreign = self._group if self._group.lower() in _OTHER_FIELDS else ""
        commented = any(token.kind == "comment" and "@" in token.text for token in piece.tokens)
        if piece.solid or commented:
            self._found.append(piece)
            self._members += 1
        elif not separator and self._group and not self._members:
            # A group without members is closed by a semicolon; this is a name with a colon.
            piece.tokens.append(Token("text", self._group))
            self._found.append(piece)
        self._place += len(separator)
        self._start = self._place
        self._piece = Piece()

    def _semicolon(self) -> None:
        if self._group:
            self._finish(";")
            self._group = ""
        else:
            self._semicolons = True
            self._finish(";")

    def _colon(self) -> None:
        """The end of a group's name, or a part of something else."""
        piece = self._piece
        # Behind the name of a group no address begins with two slashes; in a link both are one.
        link = self._text.startswith("//", self._place + 1)
        if piece.at or link or piece.last.lower() in ("", "mailto"):
            self._take("mark", ":")
            return
        self._group = trimmed("".join(token.text for token in piece.tokens))
        self._members = 0
        self._place += 1
        self._piece = Piece()

    def _angle(self) -> None:
        text, start = self._text, self._place
        place, depth = start + 1, 1
        route = _ROUTE.match(text, place) is not None
        while match := _IN_ANGLE.search(text, place):
            char, place = match[0], match.end()
            if char == "<" and depth < _MOST_ANGLES and not text[start : match.start()].strip("< \t"):
                depth += 1
            elif char == ">":
                depth -= 1
                if not depth:
                    self._take("angle", text[start:place])
                    return
            elif char == "(":
                end = _comment_end(text, match.start())
                if end < 0:
                    self._unclosed_comment()
                    return
                place = end
            elif char == '"':
                self._piece.unclosed = "a quotation mark is opened and not closed"
                self._take("open", text[start:])
                return
            elif len(char) == 1 and not (char == "," and route):
                # No address has this unquoted, but for the commas of a source route.
                place = match.start()
                break
        else:
            place = len(text)
        self._piece.unclosed = "“<” is not closed by “>”"
        self._take("open", text[start : max(place, start + 1)])

    def _comment(self) -> None:
        end = _comment_end(self._text, self._place)
        if end < 0:
            self._unclosed_comment()
        else:
            self._take("comment", self._text[self._place : end])

    def _unclosed_comment(self) -> None:
        self._piece.unclosed = "“(” is not closed by “)”"
        self._take("open", self._text[self._place :])


def _comment_end(text: str, start: int) -> int:
    """Where the comment that begins at ``start`` ends, or -1; comments nest (RFC 5322 section 3.2.2)."""
    depth = 0
    for match in _IN_COMMENT.finditer(text, start):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if not depth:
                return match.end()
    return -1


def _joined_names(pieces: list[Piece]) -> Iterator[Piece]:
    waiting: list[Piece] = []
    for previous, piece in zip([None, *pieces], pieces, strict=False):
        piece.previous = previous
        if previous is not None:
            previous.following = piece
    for piece in pieces:
        joins = piece.semicolons and piece.after == "," and not piece.has_at and not piece.unclosed
        if joins and (not waiting or waiting[-1].after == ","):
            waiting.append(piece)
            continue
        if waiting and piece.angles:
            tokens = [token for each in waiting for token in (*each.tokens, Token("text", ","))]
            piece.tokens = [*tokens, *piece.tokens]
            piece.text = ", ".join([*(each.text for each in waiting), piece.text])
        else:
            yield from waiting
        waiting = []
        yield piece
    yield from waiting


def decoded(text: str) -> str:
    """``text`` with its encoded words decoded (RFC 2047); what cannot be decoded stays."""
    return re.sub(r"=\?[^?\s*]++(?:\*[^?\s]*+)?\?([bBqQ])\?([^?\s]*+)\?=", _decoded_word, text)


def _decoded_word(match: re.Match[str]) -> str:
    octets = match[2].encode("utf-8", "surrogateescape")
    try:
        if match[1] in "qQ":
            return quopri.decodestring(octets, header=True).decode("utf-8", "replace")
        return base64.b64decode(octets + b"=" * (-len(octets) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return match[0]
