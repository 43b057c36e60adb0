"""What is wrong with the message of one row: all of it, each with its place in the template."""

import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from smtptui.message.fields import GROUP_OF_NONE
from smtptui.message.header_field import FORBIDDEN, check_value, mailboxes
from smtptui.message.message import Message, MessageError
from smtptui.message.template.faults import Facts, Fault, FaultKind, TemplateError
from smtptui.message.template.files import Folder
from smtptui.message.template.filling import HTML, TEXT, WHOLE, Filled, Filler
from smtptui.message.template.fixed_faults import FixedFaults
from smtptui.message.template.fixed_text import misplaced_fields, unseen_images
from smtptui.message.template.form import Field, Form, Passage
from smtptui.message.template.images import ImageError
from smtptui.message.template.lines import Unusual, line_maker
from smtptui.message.template.piece import PieceError
from smtptui.message.template.template import Template
from smtptui.message.template.uses import Watch, is_empty
from smtptui.protocol import MailboxError, ascii_domain, parse_mailbox, read_addresses, shown, visible

_LEFT_OVER = re.compile(r"\{\{|\{%")
_NOTHING = frozenset(["None", "nan", "NaN", "NaT"])
_NOTHING_WITHIN = re.compile(r"\b(?:None|nan|NaN|NaT)\b")
_SOMEBODY = "somebody@example.org"
SHOWN_ALONE = frozenset(["to", "cc", "resent-to", "resent-cc"])
"""Fields that show people to whom a batch sends nothing, but for the recipient of the row in To."""
_LIKE_HTML = re.compile(r"<[a-zA-Z/!]|&[a-zA-Z#]")


class Checker:
    """Looks at each row as the message it would be."""

    def __init__(
        self,
        template: Template,
        columns: Sequence[str],
        folder: Folder,
        compose: Callable[[Sequence[object], Facts], Message],
        plain: Filler,
    ) -> None:
        """``plain`` fills in the same template without being watched, which is faster."""
        self._columns = tuple(columns)
        self._folder = folder
        self._compose = compose
        self._escapes = template.html is not None
        self._active = False
        self._seen: list[Fault] = []
        self._row: dict[str, Any] = {}
        self._watch = Watch(columns)
        self._filler = Filler(template, self._see, self._watch)
        self._plain = plain if all(piece.simple for piece in plain.pieces) else None
        self._places = {id(piece.template): piece for piece in self._filler.pieces if piece.template is not None}
        self._fixed = FixedFaults(template, columns, self._filler.pieces, self._watch)

    def look(self, values: Sequence[object], facts: Facts, given: dict[str, str]) -> tuple[list[Fault], Message | None]:
        """The faults of a row, and its message where it has none but warnings. Of the facts the address may be empty,
        where it is not known yet."""
        self._row = dict(zip(self._columns, values, strict=True))
        self._seen = []
        self._watch.begin()
        self._active = True
        try:
            faults = list(self._faults(facts.address, given))
        finally:
            self._active = False
        message = None
        if not any(not fault.warning for fault in (*faults, *self._seen)):
            try:
                message = self._compose(values, replace(facts, address=facts.address or _SOMEBODY))
            except ImageError as error:
                faults += self._fixed.images(error)
            except MessageError as error:
                faults.append(Fault(WHOLE, str(error)))
        faults += self._fixed.of_row(self._row)
        return list(dict.fromkeys((*faults, *self._seen))), message

    def _filled(self, variables: dict[str, Any]) -> Filled:
        if self._plain is not None and self._is_plain():
            return self._plain.fill(variables, "")
        return self._filler.fill(variables, "")

    def _is_plain(self) -> bool:
        """Whether nothing of the row can have a fault by itself: then nobody has to watch it being put in."""
        for column in self._fixed.used:
            value = self._row.get(column)
            if type(value) is not str or _NOTHING_WITHIN.search(value) or is_empty(value):
                return False
        return True

    def _faults(self, address: str, given: dict[str, str]) -> Iterator[Fault]:
        variables = self._filler.variables(self._row, given)
        try:
            filled = self._filled(variables)
        except PieceError:
            # The others may have faults, too.
            for piece in self._filler.pieces:
                try:
                    piece.fill(variables)
                except PieceError as error:
                    yield Fault(error.place, str(error), error.line)
            return
        except TemplateError as error:
            for sentence in error.faults:
                yield Fault(WHOLE, sentence)
            return
        for field, value in zip(filled.fields, filled.values, strict=True):
            yield from self._field(field, value)
        yield from self._to(filled, address)
        yield from self._no_copy(filled, address)
        for place, text in ((TEXT, filled.text), (HTML, filled.html or "")):
            if found := _LEFT_OVER.search(text):
                yield Fault(
                    place,
                    f"{place}: “{found[0]}” is left in what was filled in: {_around(text, found.start())}.",
                    kind=FaultKind.LEFT_OVER,
                )
        if self._filler.form is None:
            yield from _slips(filled)
        if not self._escapes and (filled.html is not None or filled.markdown):
            yield from self._unescaped(filled.html or filled.text)

    def _field(self, field: Field, value: str) -> Iterator[Fault]:
        where = f"{field.name}, line {field.line}" if field.line else field.name
        line = field.line or None
        if found := _LEFT_OVER.search(value):
            yield Fault(
                field.name,
                f"{where}: “{found[0]}” is left in what was filled in: {_around(value, found.start())}.",
                line,
                kind=FaultKind.LEFT_OVER,
            )
        try:
            if field.key == "attachment":
                self._folder.read(value)
            elif field.key == "bcc":
                check_value(field.name, value)
            elif value.strip() and not (field.key in ("to", "cc", "reply-to") and GROUP_OF_NONE.match(value.strip())):
                line_maker(field.name)(field.name, value)
        except Unusual:
            return
        except MessageError as error:
            text = str(error)
            kind = FaultKind.LINE_BREAK if FORBIDDEN.search(value) else FaultKind.OTHER
            if field.key == "attachment":
                kind = FaultKind.ATTACHMENT
            yield Fault(field.name, text if not field.line else f"Template line {field.line}: {text}", line, kind=kind)

    def _to(self, filled: Filled, address: str) -> Iterator[Fault]:
        found = [(field, value) for field, value in zip(filled.fields, filled.values, strict=True) if field.key == "to"]
        if not found:
            return
        first = found[0][0]
        where, line = (f"{first.name}, line {first.line}", first.line) if first.line else (first.name, None)
        if not any(value.strip() for _, value in found):
            yield Fault(first.name, f"{where}: it is empty; is the cell with the address empty?", line)
            return
        if not address or any(GROUP_OF_NONE.match(value.strip()) for _, value in found):
            return
        try:
            named = [_comparable(box.address) for _, value in found for box in mailboxes("To", [value])]
            wanted = _comparable(address)
        except (MessageError, MailboxError):
            # What cannot be read has a fault of its own.
            return
        if wanted not in named:
            yield Fault(
                first.name,
                f"{where}: the message would go to {visible(address)}, and it says “{visible(found[0][1])}”; name the "
                "column with the addresses, or leave the field out.",
                line,
            )

    def _no_copy(self, filled: Filled, address: str) -> Iterator[Fault]:
        """Who is named as a recipient besides the one of the row: a batch sends each message to the row's alone."""
        for field, value in zip(filled.fields, filled.values, strict=True):
            if field.key not in SHOWN_ALONE:
                continue
            named = [box.address for box in read_addresses(value).mailboxes]
            others = [shown(each, 80) for each in named if field.key != "to" or not _same(each, address)]
            # Where the recipient is not named at all, that is the fault.
            if others and not (field.key == "to" and len(others) == len(named)):
                where = f"{field.name}, line {field.line}" if field.line else field.name
                yield Fault(
                    field.name,
                    f"{where}: {' and '.join(others[:3])}{' and others' * (len(others) > 3)} "
                    f"get{'s' * (len(others) == 1)} no copy; {field.name} only shows the address.",
                    field.line or None,
                    warning=True,
                    kind=FaultKind.NO_COPY,
                )

    def _unescaped(self, html: str) -> Iterator[Fault]:
        for column, value in self._row.items():
            if isinstance(value, str) and _LIKE_HTML.search(value) and value in html:
                yield Fault(
                    HTML,
                    f"HTML: what the column “{visible(column)}” says is put in as HTML: {_around(value, 0)}; write "
                    f"{{{{ {visible(column)}|e }}}} if it is text.",
                    warning=True,
                    kind=FaultKind.MARKUP,
                )

    def _see(self, value: Any) -> Any:
        """Each value that is put in, on its way."""
        if not self._active:
            return value
        if value is None or (isinstance(value, float) and math.isnan(value)):
            self._note(str(value), warning=False)
        elif isinstance(value, str) and (within := _NOTHING_WITHIN.search(value)):
            self._note(within[0], warning=value.strip() not in _NOTHING)
        return value

    def _note(self, shown: str, *, warning: bool) -> None:
        frame = sys._getframe(2)
        while frame.f_back is not None and "__jinja_template__" not in frame.f_globals:
            frame = frame.f_back
        template = frame.f_globals.get("__jinja_template__")
        piece = self._places.get(id(template))
        if piece is None or template is None:
            return
        line = frame.f_lineno
        empty = [
            f"“{visible(name)}”"
            for name in self._columns
            if name in piece.names and (self._row[name] is None or str(self._row[name]).strip() in _NOTHING)
        ]
        column = f"; column {' or '.join(empty)}" if empty else ""
        self._seen.append(
            Fault(
                piece.place,
                f"{piece.place}, line {line}: it would say “{shown}”{column}.",
                line,
                warning,
                FaultKind.NO_VALUE,
            )
        )


def _same(one: str, other: str) -> bool:
    return bool(other) and _comparable(one) == _comparable(other)


def _slips(filled: Filled) -> Iterator[Fault]:
    """What a text that was filled in as a whole cannot mean; its lines are those of the message."""
    text = Passage(filled.text)
    for _, sentence in misplaced_fields(Form((), text)):
        yield Fault(WHOLE, sentence, warning=True, kind=FaultKind.MISPLACED)
    if filled.html is None and not filled.markdown:
        for _, sentence in unseen_images(text):
            yield Fault(WHOLE, sentence, kind=FaultKind.IMAGE)


def _comparable(address: str) -> tuple[str, str]:
    box = parse_mailbox(address)
    return box.local.casefold(), ascii_domain(box.domain).lower()


def _around(text: str, place: int) -> str:
    begin = max(0, place - 10)
    return f"“{visible(text[begin : begin + 40].strip())}”"
