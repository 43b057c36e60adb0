"""One piece of a template, such as the subject or the text: compiled, and what it stumbles over told by line."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import TracebackType
from typing import Any

from jinja2 import Template, TemplateSyntaxError, UndefinedError, meta
from jinja2.runtime import new_context

from smtptui.message.template.sandbox import Sandbox, no_recursion
from smtptui.message.template.substitution import Substitution, substitution_of
from smtptui.protocol import visible

_UNKNOWN = re.compile(r"'([^']*)' is undefined\Z")
_MISWRITTEN = re.compile(r"expected token|unexpected (?:'|char)|unknown tag")
"""What Jinja2 says of a column that is written in another way."""
_MARKS = ("{{", "{%", "{#")


class PieceError(Exception):
    """A piece that cannot be compiled or filled in: a sentence without its place, and the line of the template."""

    def __init__(self, place: str, line: int | None, sentence: str) -> None:
        self.place = place
        self.line = line
        where = f"{place}, line {line}" if line else place
        super().__init__(f"{where}: {sentence}")


class Piece:
    """A piece that is the same for everybody has a ``static`` text, the others are filled in."""

    def __init__(self, place: str, source: str, line: int, sandbox: Sandbox) -> None:
        self.place = place
        self.line = line
        self.static = source if is_static(source) else None
        self.names: frozenset[str] = frozenset()
        self.template: Template | None = None
        self.source = source
        self._sandbox = sandbox
        self._substitution: Substitution | None = None
        if self.static is None:
            try:
                self.template, tree = sandbox.compiled(source, line, place)
                with no_recursion():
                    self.names = frozenset(meta.find_undeclared_variables(tree))
            except TemplateSyntaxError as error:
                raise PieceError(place, error.lineno, syntax_sentence(error)) from error
            self._substitution = substitution_of(tree, sandbox)

    @property
    def simple(self) -> bool:
        """Whether it is a text with names in it and nothing else."""
        return self.static is not None or self._substitution is not None

    def fill(self, variables: dict[str, Any]) -> str:
        """The text for one recipient; raises :class:`PieceError`."""
        if self.static is not None:
            return self.static
        if self._substitution is not None:
            text = self._substitution.fill(variables)
            if text is not None:
                return text
        template = self.template
        assert template is not None, "what is not static is compiled"
        context = new_context(self._sandbox, None, template.blocks, variables, True)
        try:
            return self._sandbox.text(template, context)
        except UndefinedError as error:
            sentence = _undefined_sentence(str(error), variables)
            raise PieceError(self.place, _line(template, error.__traceback__), sentence) from error
        except MemoryError:
            # Not a fault of this row: whoever set the limit says what it is.
            raise
        except Exception as error:
            # A template can raise whatever the values it works on do: each is a fault of this row.
            sentence = f"it cannot be filled in: {_words(error)}"
            raise PieceError(self.place, _line(template, error.__traceback__), sentence) from error


def is_static(source: str) -> bool:
    """Whether nothing is to be filled in."""
    return not any(mark in source for mark in _MARKS)


def syntax_sentence(error: TemplateSyntaxError) -> str:
    """What is wrong with a template that cannot be compiled."""
    message = visible(error.message or "it cannot be read").rstrip(".")
    if not _MISWRITTEN.search(message):
        return f"this cannot be read as a Jinja2 template: {message}"
    return f'{message}; a column is written {{{{ name }}}}, or {{{{ row["First Name"] }}}}'


def _undefined_sentence(message: str, variables: Mapping[str, Any]) -> str:
    found = _UNKNOWN.match(message)
    if not found:
        return f"{visible(message)}."
    name = found[1]
    near = get_close_matches(name, [key for key in variables if isinstance(key, str)], 1)
    return f"there is no column “{visible(name)}”" + (f"; is “{visible(near[0])}” meant?" if near else ".")


def _words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it calls itself without end."
    text = visible(str(error)).strip()
    return (text if text.endswith((".", "?")) else f"{text}.") if text else f"{type(error).__name__}."


def _line(template: Template, traceback: TracebackType | None) -> int | None:
    """The line of the template that was being filled in."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__jinja_template__") is template:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
