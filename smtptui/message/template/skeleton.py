"""The octets of a template's messages, made once, with gaps for what differs: the builder's work, done beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smtptui.message.draft import Encoding
from smtptui.message.fields import GROUP_OF_NONE
from smtptui.message.header_field import structured
from smtptui.message.message import Message, MessageError
from smtptui.message.part import Part, multipart
from smtptui.message.template.faults import Facts, Options
from smtptui.message.template.filling import Filled
from smtptui.message.template.form import Form
from smtptui.message.template.letter import NOT_SENT, SPELLED, Contents
from smtptui.message.template.lines import LineMaker, Unusual, boxes, date_lines, id_line, line_maker
from smtptui.message.template.piece import Piece
from smtptui.message.template.texts import TextEncoder

_CRLF = b"\r\n"
_FIRST = ("from", "sender", "to", "cc", "reply-to", "subject")
_THEN = ("in-reply-to", "references")
_ONCE = frozenset((*_FIRST, *_THEN))
_ELSEWHERE = frozenset(["date", "message-id"])
_GAP = "0" * 21
"""As long as a token, so that the lines around it are cut as they will be."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A field to be made of the value at ``index``, or left out where that is empty."""

    name: str
    index: int
    make: LineMaker


class Skeleton:
    """Fills in messages; whatever is out of the ordinary it leaves to the builder, by giving None."""

    def __init__(self, form: Form, pieces: Sequence[Piece], options: Options) -> None:
        """Raises :class:`Unusual` for a template of which no skeleton can be made."""
        names = [field.key for field in form.fields]
        if any(names.count(name) > 1 for name in _ONCE) or _ELSEWHERE & set(names) or form.inline:
            raise Unusual
        self._author: str | int = ""
        self._own_to = "to" in names
        self._before: list[bytes | _Slot] = []
        self._after: list[bytes | _Slot] = []
        order = {name: position for position, name in enumerate((*_FIRST, *_THEN))}
        self._slots(form, pieces, options, order)
        eight_bit = options.encoding is Encoding.EIGHT_BIT
        self._plain = TextEncoder("plain", eight_bit=eight_bit)
        self._rich = TextEncoder("html", eight_bit=eight_bit)
        self._frames = {
            (subtype, wide): _Frame(subtype, wide=wide)
            for subtype in ("alternative", "related", "mixed")
            for wide in (False, True)
        }

    def fill(
        self,
        filled: Filled,
        contents: Contents,
        facts: Facts,
        more: Sequence[tuple[str, str]],
        token: Callable[[], str],
    ) -> Message | None:
        """The message, or None; ``token`` gives the same in the same order as to the builder."""
        token()
        values = filled.values
        try:
            head = [date_lines(facts.date)]
            head += [slot if isinstance(slot, bytes) else _line(slot, values, facts) for slot in self._before]
            head.append(id_line(facts.message_id))
            head += [slot if isinstance(slot, bytes) else _line(slot, values, facts) for slot in self._after]
            head += [line_maker(name)(name, value) for name, value in more]
            author = self._author if isinstance(self._author, str) else _author(values[self._author])
            body = self._body(contents, token)
        except (MessageError, Unusual, UnicodeEncodeError):
            return None
        content = b"".join([*head, b"MIME-Version: 1.0\r\n", body.content])
        notes = tuple(file.note for file in (*contents.inline, *contents.attached) if file.note)
        return Message(content, author, (facts.address,), not content.isascii(), False, notes)

    def _slots(self, form: Form, pieces: Sequence[Piece], options: Options, order: dict[str, int]) -> None:
        found: list[tuple[int, bytes | _Slot]] = []
        names = [field.key for field in form.fields]
        for index, (field, piece) in enumerate(zip(form.fields, pieces, strict=True)):
            if field.key in NOT_SENT:
                continue
            name = SPELLED.get(field.key, field.name)
            make = line_maker(name)
            line: bytes | _Slot = _Slot(name, index, make)
            if piece.static is not None:
                line = self._static(field.key, name, piece.static, make)
            elif field.key == "sender" or (field.key == "from" and "sender" in names):
                raise Unusual
            elif field.key == "from":
                self._author = index
            found.append((order.get(field.key, len(order)), line))
        if "from" not in names and options.sender:
            found.append((order["from"], self._static("from", "From", options.sender, line_maker("From"))))
        if not self._own_to:
            found.append((order["to"], _Slot("To", -1, line_maker("To"))))
        if self._author == "":
            raise Unusual
        found.sort(key=lambda pair: pair[0])
        self._before = _merged([line for place, line in found if place < len(_FIRST)])
        self._after = _merged([line for place, line in found if place >= len(_FIRST)])

    def _static(self, key: str, name: str, value: str, make: LineMaker) -> bytes:
        if not value.strip():
            return b""
        if key == "to" and GROUP_OF_NONE.match(value.strip()):
            return structured(name, value)
        try:
            if key in ("from", "sender"):
                author = _author(value)
                if key == "sender" or self._author == "":
                    self._author = author
            return make(name, value)
        except MessageError as error:
            raise Unusual from error

    def _body(self, contents: Contents, token: Callable[[], str]) -> Part:
        html = contents.html
        if html is None:
            shown = self._plain.part(contents.text)
        else:
            rich = self._rich.part(html)
            if contents.inline:
                rich = self._joined("related", [rich, *(file.inline_part for file in contents.inline)], token())
            plain = self._plain.part(contents.text or _plain(html))
            shown = self._joined("alternative", [plain, rich], token())
        if contents.attached:
            shown = self._joined("mixed", [shown, *(file.part for file in contents.attached)], token())
        return shown

    def _joined(self, subtype: str, parts: Sequence[Part], token: str) -> Part:
        octets = token.encode("ascii")
        if len(token) != len(_GAP) or any(octets in part.body for part in parts):
            # The builder looks for a boundary that does not occur.
            raise Unusual
        wide = not all(part.body.isascii() and part.headers.isascii() for part in parts)
        return self._frames[subtype, wide].joined(parts, octets)


class _Frame:
    """A multipart without its parts."""

    def __init__(self, subtype: str, *, wide: bool) -> None:
        parts = [Part(b"", b"\xc3\xa4" if wide else b"")]
        whole = multipart(subtype, parts, _GAP, [("type", "text/html")] if subtype == "related" else ())
        self._before, self._after = whole.headers.split(_GAP.encode())

    def joined(self, parts: Sequence[Part], token: bytes) -> Part:
        boundary = b"--=_1_" + token
        chunks = []
        for part in parts:
            chunks += [boundary, _CRLF, part.headers, _CRLF, part.body, _CRLF]
        return Part(self._before + token + self._after, b"".join([*chunks, boundary, b"--"]))


def _merged(slots: Sequence[bytes | _Slot]) -> list[bytes | _Slot]:
    found: list[bytes | _Slot] = []
    for slot in slots:
        if isinstance(slot, bytes) and found and isinstance(found[-1], bytes):
            found[-1] += slot
        else:
            found.append(slot)
    return found


def _line(slot: _Slot, values: Sequence[str], facts: Facts) -> bytes:
    value = values[slot.index] if slot.index >= 0 else facts.address
    if value.strip():
        return slot.make(slot.name, value)
    if slot.name == "To":
        raise Unusual
    return b""


def _author(value: str) -> str:
    found = boxes("From", value)
    if len(found) > 1:
        # Several authors need a sender, which the builder looks for.
        raise Unusual
    return found[0].address


def _plain(html: str) -> str:
    # Imported when it is needed: html.parser costs start-up time and most messages do without.
    from smtptui.message.html_to_text import html_to_text

    return html_to_text(html)
