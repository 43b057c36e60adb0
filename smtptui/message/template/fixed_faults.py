"""Faults that follow from the template and the cells of a row alone: gaps, other programs' fields, unseen images."""

import re
from collections.abc import Iterator, Mapping, Sequence

from smtptui.message.template.faults import Fault, FaultKind
from smtptui.message.template.filling import HTML, TEXT, WHOLE
from smtptui.message.template.fixed_text import fixed_texts, misplaced_fields
from smtptui.message.template.foreign import ForeignFields
from smtptui.message.template.images import ImageError
from smtptui.message.template.piece import Piece
from smtptui.message.template.template import Template
from smtptui.message.template.uses import Use, Watch, is_empty
from smtptui.protocol import visible

_ALONE = re.compile(r"\s*\{\{[^{}]*\}\}\s*")
_OWN_FAULT = frozenset(["to", "attachment", "bcc"])
"""Fields that say by themselves what is wrong when they are empty, or that are never sent."""
_NAME = re.compile(r"[^\W\d]\w*")
_DEEPEST = 5
_MOST_ITEMS = 100


class FixedFaults:
    """What is wrong by the template and the cells, without a message being made."""

    def __init__(self, template: Template, columns: Sequence[str], pieces: Sequence[Piece], watch: Watch) -> None:
        self._template = template
        self._watch = watch
        self._foreign = ForeignFields(columns)
        self._markup = template.html is not None or template.form is None or template.form.markdown
        self._markup = self._markup or (template.form is not None and template.form.html is not None)
        self._placeless = self._left_out(template)
        named = frozenset().union(*(piece.names for piece in pieces))
        self.used = tuple(column for column in columns if column in named or ("row" in named and "row" not in columns))
        """Columns that the template names, or may."""
        self._of_all = tuple(self._of_template(template, pieces))

    def of_row(self, row: Mapping[str, object]) -> list[Fault]:
        """The faults of a row, with those that are the template's and so everyone's."""
        faults = list(self._of_all)
        if any(is_empty(row[column]) for column in self._watch.columns):
            faults += [_gap(use) for use in self._watch.gaps(row) if use.place not in self._placeless]
        for column in self.used:
            for text in _texts(row[column]):
                faults += [
                    Fault(
                        WHOLE,
                        f"The column “{visible(column)}” has “{visible(left.shown)}”, which nothing is filled into; "
                        "correct the cell.",
                        None,
                        warning=True,
                        kind=FaultKind.FOREIGN,
                    )
                    for left in self._foreign.find(text, plain=True)
                ]
        return faults

    def images(self, error: ImageError) -> Iterator[Fault]:
        """Images that nobody would see, with their places in the template."""
        for reference, sentence in error.faults:
            place, line = self._place_of(reference)
            where = f"{place}, line {line}: " if line else ""
            yield Fault(place, where + sentence, line, kind=FaultKind.IMAGE)

    def _place_of(self, reference: str) -> tuple[str, int | None]:
        template = self._template
        texts = [(HTML, template.html, 1)] if template.html is not None else []
        if template.form is None:
            texts.append((WHOLE, template.source, 1))
        else:
            for name, passage in ((HTML, template.form.html), (TEXT, template.form.text)):
                if passage is not None:
                    texts.append((name, passage.text, passage.line))
        for name, text, line in texts:
            # An attribute ends where the path does, or it is that of another image.
            found = re.search(rf"(?<![\w./-]){re.escape(reference)}(?![\w./-])", text)
            if found:
                return name, line + text.count("\n", 0, found.start())
        return (HTML if self._markup else WHOLE), None

    def _of_template(self, template: Template, pieces: Sequence[Piece]) -> Iterator[Fault]:
        for piece in pieces:
            plain = piece.place not in (HTML, WHOLE) and not (piece.place == TEXT and self._markup)
            seen = set()
            for text, line in _fixed(piece):
                for left in self._foreign.find(text, plain=plain):
                    at = line + text.count("\n", 0, left.place)
                    if (at, left.shown) in seen:
                        continue
                    seen.add((at, left.shown))
                    yield Fault(
                        piece.place,
                        f"{piece.place}, line {at}: “{visible(left.shown)}” is sent as it is; write "
                        f"{_written(left.column)} for the column “{visible(left.column)}”.",
                        at,
                        warning=True,
                        kind=FaultKind.FOREIGN,
                    )
        if template.form is not None:
            for line, sentence in misplaced_fields(template.form):
                yield Fault(TEXT, f"{TEXT}, line {line}: {sentence}", line, warning=True, kind=FaultKind.MISPLACED)

    @staticmethod
    def _left_out(template: Template) -> frozenset[str]:
        """Fields of which an empty cell needs no word: they are left out of the message, or say it by themselves."""
        fields = template.form.fields if template.form is not None else ()
        return frozenset(
            field.name
            for field in fields
            if field.key in _OWN_FAULT or (field.key != "subject" and _ALONE.fullmatch(field.value))
        )


def _fixed(piece: Piece) -> Iterator[tuple[str, int]]:
    if piece.static is not None:
        yield piece.static, piece.line
    else:
        yield from fixed_texts(piece.source, piece.line)


def _gap(use: Use) -> Fault:
    names = sorted(use.columns)
    shown = " and ".join(f"“{visible(name)}”" for name in names)
    what = f"the column {shown} is empty" if len(names) == 1 else f"the columns {shown} are empty"
    remedy = _written(names[0], *names[1:], last='"friend"')
    return Fault(
        use.place,
        f"{use.place}, line {use.line}: {what}; write {remedy} there, or fill in the cell.",
        use.line,
        warning=True,
        kind=FaultKind.GAP,
    )


def _written(*columns: str, last: str = "") -> str:
    """How a template puts in a column, or the first of several that is not empty."""
    names = [name if _NAME.fullmatch(name) else f'row["{visible(name)}"]' for name in columns]
    return f"{{{{ {' or '.join([*names, last] if last else names)} }}}}"


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """The texts in a cell, which may be a list or an object in JSON Lines."""
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, list | dict):
        for item in list(value.values() if isinstance(value, dict) else value)[:_MOST_ITEMS]:
            yield from _texts(item, depth + 1)
