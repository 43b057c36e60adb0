"""Jinja2 without reach: no access to Python, the same result each time, an end to most loops and texts.

What this cannot know of, such as a filter that makes much of little, ends by the limits of the process that composes
(:mod:`smtptui.batch.composer`). The code that Jinja2 makes has the lines of the template, so a traceback tells them.
"""

import ast
import random
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from functools import wraps
from types import CodeType, TracebackType
from typing import Any, cast

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from smtptui.message.template.faults import TEMPLATE_FILE
from smtptui.message.template.uses import FILTER, Watch

MOST_STEPS = 250_000
"""Turns of loops and calls that one piece of a template may take."""
MOST_CHARACTERS = 16 * 1024 * 1024
"""Characters that one piece of a template may make."""
_LARGE = 1_000_000
"""A repetition, a width or a count above this is a mistake."""
_WIDE_FORMAT = re.compile(r"\{[^{}]*:[^{}]*\d{7}|%(?:\([^)]*\))?[-+ #0]*(?:\d*\.)?\d{7}")
# Methods and filters that make much of little when told a large number.
_WIDENING = frozenset(["center", "expandtabs", "ljust", "rjust", "to_bytes", "zfill"])
_COUNTING = ("batch", "center", "indent", "slice", "tojson", "truncate", "wordwrap")


_NESTED = "it is nested too deeply here; use fewer parentheses, or split it with {% set %}"
_LONG_NUMBER = "a number here has too many digits"
_DEBUG_INFO = re.compile(r"\ndebug_info = '([0-9=&]*)'\s*\Z")


class Overrun(SecurityError):
    """A template did more than any message needs; the sentence says what."""


class Sandbox(SandboxedEnvironment):
    """The environment of all pieces of a template. Not for several threads: it counts what the current piece does."""

    intercepted_binops = frozenset(["*", "**", "+", "%"])

    def __init__(
        self, *, autoescape: bool = False, finalize: Callable[..., Any] | None = None, watch: Watch | None = None
    ) -> None:
        """``watch`` sees where columns are put in."""
        super().__init__(
            undefined=StrictUndefined, autoescape=autoescape, keep_trailing_newline=True, finalize=finalize
        )
        # It is random, and nobody mails it.
        del self.globals["lipsum"]
        self.seed = ""
        self.filters["random"] = self._choice
        self.filters["sized"] = self.sized
        self._watch = watch
        if watch is not None:
            self.filters[FILTER] = watch.watched
        self.filters["format"] = _narrow(self.filters["format"])
        for name in _COUNTING:
            self.filters[name] = _bounded(self.filters[name])
        self._steps = 0

    def compiled(self, source: str, line: int, place: str) -> tuple[Template, nodes.Template]:
        """A template that begins in ``line`` of its file, and its tree; raises :class:`jinja2.TemplateSyntaxError`.

        ``place`` is what a traceback calls it.
        """
        # A comment as long as what stands before makes the lines of the tree those of the file.
        tree = self.parse("{#" + "\n" * (line - 1) + "#}" + source)
        with no_recursion():
            if self._watch is not None:
                self._watch.mark(tree, place)
            for loop in list(tree.find_all(nodes.For)):
                loop.iter = self._within("counted", loop.iter)
            for assignment in list(tree.find_all(nodes.Assign)):
                assignment.node = self._within("sized", assignment.node)
            for block in list(tree.find_all(nodes.AssignBlock)):
                block.filter = nodes.Filter(block.filter, "sized", [], [], None, None, lineno=block.lineno)
        code = self.compile(tree, filename=f"{TEMPLATE_FILE}{place}>")
        return Template.from_code(self, code, self.make_globals(None)), tree

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parser = Parser(self, source, name, filename)
        try:
            return parser.parse()
        except RecursionError:
            raise TemplateSyntaxError(_NESTED, parser.stream.current.lineno) from None
        except (OverflowError, ValueError):
            raise TemplateSyntaxError(_LONG_NUMBER, parser.stream.current.lineno) from None

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        with no_recursion():
            return super()._generate(source, *args, **kwargs)

    def _compile(self, source: str, filename: str) -> CodeType:
        lines = _Lines(source)
        try:
            tree = ast.parse(source, filename)
            for node in ast.walk(tree):
                lines.renumber(node)
        except SyntaxError as error:
            raise TemplateSyntaxError(_NESTED, lines.of(error.lineno or lines.widest)) from None
        except RecursionError:
            raise TemplateSyntaxError(_NESTED, lines.of(lines.widest)) from None
        try:
            return compile(tree, filename, "exec")
        except SyntaxError as error:
            raise TemplateSyntaxError(_NESTED, error.lineno or _deepest(tree)) from None
        except RecursionError:
            raise TemplateSyntaxError(_NESTED, _deepest(tree)) from None

    def begin(self, seed: str) -> None:
        """Count anew; what is random follows from ``seed`` alone."""
        self._steps = 0
        self.seed = seed

    def text(self, template: Template, context: Context) -> str:
        """What the template makes; raises whatever a template can."""
        chunks: list[str] = []
        size = 0
        for chunk in template.root_render_func(context):
            size += len(chunk)
            if size > MOST_CHARACTERS:
                raise Overrun(f"it makes more than {MOST_CHARACTERS:,} characters")
            chunks.append(chunk)
        return "".join(chunks)

    def counted(self, iterable: Iterable[Any]) -> Iterable[Any]:
        """What a loop goes over."""
        if isinstance(iterable, Sized):
            self._spend(len(iterable))
            return iterable
        return self._each(iterable)

    def sized(self, value: object) -> object:
        """A value that was given a name, unless it is out of all proportion."""
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise Overrun(f"it makes more than {MOST_CHARACTERS:,} characters")
        return value

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what a template may call."""
        self._spend(1)
        name = getattr(obj, "__name__", "")
        if name in _WIDENING:
            _refuse_large([*args, *kwargs.values()])
        elif name in ("format", "format_map"):
            _refuse_wide(getattr(getattr(obj, "__wrapped__", obj), "__self__", ""))
        return self.sized(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Operate, unless the result would be out of all proportion."""
        match operator:
            case "*" if isinstance(left, Sized) or isinstance(right, Sized):
                if _length(left) * _length(right) > _LARGE:
                    raise Overrun("it repeats something too often")
            case "**" if isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > _LARGE:
                raise Overrun("it makes a number that is too large")
            case "*" if isinstance(left, int) and isinstance(right, int):
                if left.bit_length() + right.bit_length() > _LARGE:
                    raise Overrun("it makes a number that is too large")
            case "%" if isinstance(left, str):
                _refuse_wide(left)
            case "+" if isinstance(left, Sized) and _length(left) + _length(right) > MOST_CHARACTERS:
                raise Overrun(f"it makes more than {MOST_CHARACTERS:,} characters")
        return super().call_binop(context, operator, left, right)

    def _within(self, name: str, inner: nodes.Node) -> nodes.Call:
        function = nodes.EnvironmentAttribute(name, lineno=inner.lineno)
        call = nodes.Call(function, [cast(nodes.Expr, inner)], [], None, None, lineno=inner.lineno)
        call.set_environment(self)
        return call

    def _each(self, iterable: Iterable[Any]) -> Iterator[Any]:
        for item in iterable:
            self._spend(1)
            yield item

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise Overrun(f"it takes more than {MOST_STEPS:,} steps; is there a loop without end?")

    def _choice(self, items: Any) -> Any:
        found = list(items)
        if not found:
            return self.undefined("No random item, sequence was empty.")
        return random.Random(f"{self.seed} {self._steps}").choice(found)  # noqa: S311 - no secret is made of it


class _Lines:
    """Which line of the template each line of the code that Jinja2 makes comes from."""

    def __init__(self, code: str) -> None:
        found = _DEBUG_INFO.search(code, max(0, len(code) - 16 * 1024 * 1024))
        pairs = [pair.split("=") for pair in found[1].split("&")] if found and found[1] else []
        self._template = [int(template) for template, _ in pairs]
        self._code = [int(line) for _, line in pairs]
        self._source = code

    @property
    def widest(self) -> int:
        """The line of the code that reaches farthest: what Python finds too deep without saying where is there."""
        return max(enumerate(self._source.split("\n"), 1), key=lambda numbered: len(numbered[1]))[0]

    def of(self, line: int) -> int:
        """The line of the template for a line of the code."""
        index = bisect_right(self._code, line) - 1
        return self._template[index] if index >= 0 else 1

    def renumber(self, node: ast.AST) -> None:
        """Let a node of the code have the template's line."""
        line = getattr(node, "lineno", None)
        if line is not None:
            line = self.of(line)
            vars(node).update(lineno=line, end_lineno=line, col_offset=0, end_col_offset=0)


def _deepest(tree: ast.AST) -> int:
    """The line of what is nested most."""
    layer, line = [tree], 1
    while layer:
        line = next((node.lineno for node in layer if isinstance(node, ast.expr | ast.stmt)), line)
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
    return line


@contextmanager
def no_recursion() -> Iterator[None]:
    """Whatever walks a tree that is too deep for it says so as :class:`jinja2.TemplateSyntaxError`, with the line."""
    try:
        yield
    except RecursionError as error:
        raise TemplateSyntaxError(_NESTED, _spot(error.__traceback__)[1] or 1) from None


def whereabouts(error: BaseException) -> str:
    """The place in a template that an error comes from, such as ``Text, line 7``; empty if it is not of a template."""
    place, line = _spot(error.__traceback__)
    return ", ".join(filter(None, (place, f"line {line}" if line else "")))


def _spot(traceback: TracebackType | None) -> tuple[str, int]:
    place, line = "", 0
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename.startswith(TEMPLATE_FILE):
            place, line = frame.f_code.co_filename[len(TEMPLATE_FILE) : -1], traceback.tb_lineno
        elif "jinja2" in frame.f_code.co_filename:
            for name in ("self", "node"):
                found = frame.f_locals.get(name)
                if isinstance(found, Parser):
                    stream = getattr(found, "stream", None)
                    line = stream.current.lineno if stream is not None else line
                elif isinstance(found, nodes.Node):
                    line = found.lineno or line
        traceback = traceback.tb_next
    return place, line


def _length(value: object) -> int:
    if isinstance(value, int):
        return value
    return len(value) if isinstance(value, Sized) else 1


def _refuse_large(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, int) and value > _LARGE:
            raise Overrun(f"the number {value} is larger than there may be use for ({_LARGE:,})")


def _refuse_wide(form: object) -> None:
    if isinstance(form, str) and _WIDE_FORMAT.search(form):
        raise Overrun("a format has a width that is too large")


def _bounded(filter_: Callable[..., Any]) -> Callable[..., Any]:
    # The first is what the filter is for, or the environment and then that; a large number there is no count.
    first = 2 if hasattr(filter_, "jinja_pass_arg") else 1

    @wraps(filter_)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        _refuse_large([*args[first:], *kwargs.values()])
        return filter_(*args, **kwargs)

    return bounded


def _narrow(filter_: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(filter_)
    def narrow(form: object, *args: Any, **kwargs: Any) -> Any:
        _refuse_wide(form)
        return filter_(form, *args, **kwargs)

    return narrow
