"""A template filled in for one row: every piece by itself, or all as a whole where the header depends on the row."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from smtptui.message.draft import Attachment
from smtptui.message.template.faults import TemplateError
from smtptui.message.template.form import Field, Form, FormError, misnamed, read_form
from smtptui.message.template.piece import Piece, PieceError
from smtptui.message.template.sandbox import Sandbox
from smtptui.message.template.template import Template
from smtptui.message.template.uses import Watch

WHOLE = "Template"
TEXT = "Text"
HTML = "HTML"
_LF, _CR = "\ufdd0", "\ufdd1"
"""Noncharacters that stand for line ends of values, so that none of these begins a header line."""

Finalize = Callable[[Any], Any]


@dataclass(slots=True)
class Filled:
    """What a template says to one recipient."""

    fields: tuple[Field, ...]
    values: list[str]
    """Of the fields, in their order."""
    text: str
    """Empty where there is none, or only blanks."""
    html: str | None
    markdown: bool
    attachments: tuple[Attachment, ...]
    inline: tuple[Attachment, ...]


class Filler:
    """A template whose pieces are compiled."""

    def __init__(self, template: Template, finalize: Finalize | None = None, watch: Watch | None = None) -> None:
        """``finalize`` sees each value that is put in, ``watch`` where; raises :class:`TemplateError`."""
        plain = Sandbox(finalize=finalize if template.form is not None else _one_line(finalize), watch=watch)
        # A file of HTML is for HTML alone, so that values are escaped there. HTML within a template is filled in as
        # mailmerge does it: with the values as they are, which may be HTML themselves.
        rich = Sandbox(autoescape=True, finalize=finalize, watch=watch)
        self._sandboxes = (plain, rich)
        self._globals = dict(plain.globals)
        self.form = template.form
        self._whole = self._text = self._html = None
        self.fields: list[Piece] = []
        try:
            if template.form is None:
                self._whole = Piece(WHOLE, template.source, 1, plain)
            else:
                self.fields = [Piece(field.name, field.value, field.line, plain) for field in template.form.fields]
                if template.form.text is not None:
                    self._text = Piece(TEXT, template.form.text.text, template.form.text.line, plain)
                if template.form.html is not None:
                    self._html = Piece(HTML, template.form.html.text, template.form.html.line, plain)
            if template.html is not None:
                self._html = Piece(HTML, template.html, 1, rich)
        except PieceError as error:
            raise TemplateError([str(error)]) from error

    @property
    def pieces(self) -> list[Piece]:
        """All of them."""
        return [*self.fields, *(piece for piece in (self._whole, self._text, self._html) if piece is not None)]

    def variables(self, values: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
        """What the pieces may name: columns before all else, whatever they are called."""
        if any(isinstance(value, list | dict) for value in values.values()):
            # A template may change what it is given; the next message is made of the row as it was.
            values = deepcopy(dict(values))
        return {**self._globals, "row": values, **more, **values}

    def fill(self, variables: dict[str, Any], seed: str) -> Filled:
        """Fill in all pieces; raises :class:`PieceError`, :class:`TemplateError` for a whole that is no message."""
        for sandbox in self._sandboxes:
            sandbox.begin(seed)
        html = self._html.fill(variables) if self._html is not None else None
        form = self.form
        if form is None:
            return self._read(variables, html)
        text = self._text.fill(variables) if self._text is not None else ""
        return Filled(
            form.fields,
            [piece.fill(variables) for piece in self.fields],
            text if text.strip() else "",
            html or None,
            form.markdown,
            form.attachments,
            form.inline,
        )

    def _read(self, variables: dict[str, Any], html: str | None) -> Filled:
        assert self._whole is not None, "a template has a form, or is filled in as a whole"
        text = self._whole.fill(variables).lstrip("\n")
        try:
            form = read_form(text)
        except FormError as error:
            raise TemplateError([f"Filled in, it is not a message. {fault}" for fault in error.faults]) from error
        if faults := misnamed(form):
            raise TemplateError([f"Filled in, it is not a message. {fault}" for fault in faults])
        if html is not None and (form.html is not None or form.markdown):
            raise TemplateError(["The template has HTML of its own, so the HTML file is one too many."])
        return _restored(form, html)


def _one_line(finalize: Finalize | None) -> Finalize:
    def marked(value: Any) -> Any:
        if finalize is not None:
            value = finalize(value)
        if isinstance(value, str) and ("\n" in value or "\r" in value):
            return value.replace("\n", _LF).replace("\r", _CR)
        return value

    return marked


def _restored(form: Form, html: str | None) -> Filled:
    text = _lines(form.text.text) if form.text is not None else ""
    own = _lines(form.html.text) if form.html is not None else None
    return Filled(
        tuple(replace(field, line=0) for field in form.fields),
        [_lines(field.value) for field in form.fields],
        text if text.strip() else "",
        html or own or None,
        form.markdown,
        form.attachments,
        form.inline,
    )


def _lines(text: str) -> str:
    return text.replace(_LF, "\n").replace(_CR, "\r")
