"""A piece that names values and does nothing else: put together at once, to the text that Jinja2 makes of it."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

from smtptui.message.template.sandbox import MOST_CHARACTERS, Sandbox


class Substitution:
    """Texts with a name between each two of them."""

    def __init__(self, texts: list[str], names: list[str], escape: Callable[[str], str] | None) -> None:
        self._names = names
        self._escape = escape
        self._distinct = tuple(dict.fromkeys(names))
        # Texts at the even places; the odd ones are for the values.
        self._chunks = [""] * (len(texts) + len(names))
        self._chunks[::2] = texts

    def fill(self, variables: Mapping[str, Any]) -> str | None:
        """The text, or None where Jinja2 is wanted: for a value that is no plain string, or is not there."""
        values = {}
        for name in self._distinct:
            value = variables.get(name)
            if type(value) is not str:
                return None
            values[name] = value if self._escape is None else self._escape(value)
        chunks = self._chunks.copy()
        chunks[1::2] = [values[name] for name in self._names]
        if sum(map(len, chunks)) > MOST_CHARACTERS:
            return None
        return "".join(chunks)


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
