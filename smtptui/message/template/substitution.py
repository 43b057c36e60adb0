"""A piece that names values and does nothing else: put together at once, to the text that Jinja2 makes of it."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from jinja2 import nodes

from smtptui.message.template.sandbox import MOST_CHARACTERS, Sandbox

_WHOLE_LINES = re.compile(r"(?s).{0,799}\n|[^\n]*\n")
"""Some lines, or one that is longer."""

_MARKUP = re.compile("[&<>'\"]")
"""What is escaped: most values have nothing of it."""


class Lined(str):
    """A text that knows where its lines are: those that are the same for everybody are the same objects each time."""

    __slots__ = ("lines",)

    lines: Sequence[str]
    """Of the whole text, none of them empty, each one line or several; only the last may lack its end."""


class Substitution:
    """Texts with a name between each two of them."""

    def __init__(self, texts: Sequence[str], names: Sequence[str], escape: Callable[[str], str] | None) -> None:
        self._escape = escape
        self._counts = Counter(names)
        self._size = sum(map(len, texts))
        self._lines: list[str] = []
        self._formats: list[tuple[int, str, Callable[[Mapping[str, str]], object]]] = []
        begun: list[str] = []
        within: list[str] = []
        for text, name in zip(texts, (*names, ""), strict=True):
            first, end, rest = text.partition("\n")
            begun.append(first + end)
            if end:
                self._add(begun, within)
                fixed, end, last = rest.rpartition("\n")
                self._lines += _WHOLE_LINES.findall(fixed + end)
                begun, within = [last], []
            if name:
                within.append(name)
        self._add(begun, within)

    def fill(self, variables: Mapping[str, Any]) -> Lined | None:
        """The text, or None where Jinja2 is wanted: for a value that is no plain string, or is not there."""
        values = {}
        size = self._size
        for name, count in self._counts.items():
            value = variables.get(name)
            if type(value) is not str:
                return None
            if self._escape is not None and _MARKUP.search(value):
                value = str(self._escape(value))
            values[name] = value
            size += count * len(value)
        if size > MOST_CHARACTERS:
            return None
        lines = self._lines.copy()
        for place, form, values_in in self._formats:
            lines[place] = form % values_in(values)
        if lines and not lines[-1]:
            del lines[-1]
        text = Lined("".join(lines))
        text.lines = lines
        return text

    def _add(self, texts: list[str], names: list[str]) -> None:
        """One line, with a name between each two of the texts."""
        if names:
            form = "%s".join([text.replace("%", "%%") for text in texts])
            self._formats.append((len(self._lines), form, itemgetter(*names)))
        self._lines.append("".join(texts))


def substitution_of(tree: nodes.Template, sandbox: Sandbox) -> Substitution | None:
    """What fills in a piece that has texts and names alone; None for all others."""
    if sandbox.finalize is not None:
        return None
    texts, names = [""], []
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                texts[-1] += node.data
            elif isinstance(node, nodes.Name) and node.name != "self":
                # To Jinja2, “self” is the template.
                names.append(node.name)
                texts.append("")
            else:
                return None
    return Substitution(texts, names, sandbox.filters["escape"] if sandbox.autoescape else None)
