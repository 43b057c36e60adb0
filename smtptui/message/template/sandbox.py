"""Jinja2 without reach: no access to Python, the same result each time, an end to every loop and every text."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sized
from functools import wraps
from typing import Any, cast

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

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

    def compiled(self, source: str, line: int, place: str = "") -> tuple[Template, nodes.Template]:
        """A template that begins in ``line`` of its file, and its tree; raises :class:`jinja2.TemplateSyntaxError`."""
        # A comment as long as what stands before makes the lines of the tree those of the file.
        tree = self.parse("{#" + "\n" * (line - 1) + "#}" + source)
        if self._watch is not None:
            self._watch.mark(tree, place)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = self._within("counted", loop.iter)
        for assignment in list(tree.find_all(nodes.Assign)):
            assignment.node = self._within("sized", assignment.node)
        for block in list(tree.find_all(nodes.AssignBlock)):
            block.filter = nodes.Filter(block.filter, "sized", [], [], None, None, lineno=block.lineno)
        return Template.from_code(self, self.compile(tree), self.make_globals(None)), tree

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
