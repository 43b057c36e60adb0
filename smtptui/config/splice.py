"""Changing one field of a YAML text and nothing else: each function returns the whole new text.

What is not the field's own stays octet for octet: comments, order, quotes, indentation, empty lines, line breaks.
Whoever calls these reads the result again before trusting it: YAML has more corners than are looked into here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smtptui.config.layout import Layout, Span
from smtptui.config.scalars import literal, scalar
from smtptui.config.tree import MappingNode, Pair, ScalarNode


@dataclass(frozen=True, slots=True)
class Written:
    """A value to write. ``typed`` says that it is a number or a word of YAML's own, which needs no quotes."""

    text: str
    typed: bool = False


Value = Written | Mapping[str, "Value"]


class CannotSplice(Exception):
    """The place is written in a way that is not changed here; ``line`` is where to do it by hand."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(line, why)
        self.line = line
        self.why = why


def set_field(text: str, mapping: MappingNode, name: str, value: Value, order: Sequence[str], step: int) -> str:
    """Give a field of this mapping a value; one that is absent goes to its place in ``order``."""
    pair = mapping.own(name)
    if pair is None:
        return _add(text, mapping, name, value, order, step)
    if isinstance(value, Written):
        return _set_scalar(text, mapping, pair, value, step)
    return _set_mapping(text, mapping, pair, value, step)


def add_last(
    text: str, mapping: MappingNode, name: str, value: Value, step: int, *, after: str = "", apart: bool = False
) -> str:
    """Add a field at the end of a mapping that has some, or behind ``after``; ``apart`` puts an empty line before."""
    return _insert(text, mapping, mapping.own(after) or mapping.pairs[-1], name, value, step, apart=apart)


def remove_field(text: str, mapping: MappingNode, name: str) -> str:
    """Remove a field with its lines and the comment in them."""
    pair = mapping.own(name)
    assert pair is not None
    if mapping.flow:
        return _remove_from_flow(text, mapping, pair)
    span = Layout(text).field(pair)
    if span is None:
        raise CannotSplice(pair.key.line, "its name does not begin its line")
    return _replaced(text, (span, ""))


def rename_field(text: str, mapping: MappingNode, name: str, new: str) -> str:
    """Give a field another name."""
    pair = mapping.own(name)
    assert pair is not None
    if pair.key.alias or pair.key.anchor or pair.key.style in ("|", ">"):
        raise CannotSplice(pair.key.line, "the name is an alias, or has an anchor")
    key = scalar(new, style=pair.key.style, flow=mapping.flow, key=True)
    return _replaced(text, (Span(pair.key.start, pair.key.end), key))


def lines(name: str, value: Value, indent: str, step: int, newline: str, *, blocks: bool = True) -> str:
    """A field in lines of its own, the last line break included; without ``blocks`` no text has lines of its own."""
    key = scalar(name, key=True)
    if isinstance(value, Written):
        block = literal(value.text, indent + " " * step, newline) if blocks else None
        return f"{indent}{key}: {block or scalar(value.text, typed=value.typed)}{newline}"
    if not value:
        return f"{indent}{key}: {{}}{newline}"
    deeper = indent + " " * step
    inner = "".join(lines(each, what, deeper, step, newline, blocks=blocks) for each, what in value.items())
    return f"{indent}{key}:{newline}{inner}"


def in_braces(value: Value, style: str = "") -> str:
    """A value on one line, as it may stand in braces."""
    if isinstance(value, Written):
        return scalar(value.text, style="" if value.typed else style, flow=True, typed=value.typed)
    keys = {name: scalar(name, style=style, flow=True, key=True) for name in value}
    inner = (f"{keys[name]}: {in_braces(each, style)}" for name, each in value.items())
    return "{" + ", ".join(inner) + "}"


def _set_scalar(text: str, mapping: MappingNode, pair: Pair, value: Written, step: int) -> str:
    layout = Layout(text)
    node = pair.value
    if not isinstance(node, ScalarNode) and not node.alias:
        if mapping.flow or getattr(node, "flow", False):
            return _replaced(text, (Span(layout.value_start(node), node.end), in_braces(value)))
        raise CannotSplice(pair.key.line, "several lines stand where one value belongs")
    start, end = layout.value_start(node), node.end
    style = "" if node.alias or not isinstance(node, ScalarNode) else node.style
    content: Span | None = None
    if style in ("|", ">"):
        # The header may have a comment behind it, which stays.
        match = re.compile(r"[|>][-+0-9]*").match(text, start)
        assert match is not None
        content = Span(layout.line_end(start), layout.value_end(node))
        end = match.end()
        style = ""
    indent = layout.indent(pair.key.start)
    block = None
    rest = layout.next_line(content.end if content is not None else end)
    if not mapping.flow and not style and indent is not None and not layout.swallows(rest, len(indent) + 1):
        block = literal(value.text, indent + " " * step, layout.newline)
    if block is not None:
        header, _, text_lines = block.partition(layout.newline)
        after = content or Span(layout.line_end(end), layout.line_end(end))
        first = (Span(start, end), _apart(text, pair, start, header))
        return _replaced(text, first, (after, layout.newline + text_lines))
    new = scalar(value.text, style=style, flow=mapping.flow, typed=value.typed)
    edits = [(Span(start, end), _apart(text, pair, start, new))]
    return _replaced(text, *edits, *([(content, "")] if content is not None else []))


def _apart(text: str, pair: Pair, start: int, new: str) -> str:
    """``new`` with what has to stand between it and the key, where there was nothing."""
    between = text[pair.key.end : start]
    if ":" not in between:
        return f": {new}"
    return new if between[-1:].isspace() else f" {new}"


def _set_mapping(text: str, mapping: MappingNode, pair: Pair, value: Mapping[str, Value], step: int) -> str:
    layout = Layout(text)
    node = pair.value
    start = layout.value_start(node)
    empty = isinstance(node, MappingNode) and not node.pairs and not node.alias
    nothing = isinstance(node, ScalarNode) and node.absent and start == node.end
    indent = layout.indent(pair.key.start)
    if not mapping.flow and indent is not None and (nothing or (empty and text[start : node.end] == "{}")):
        # As lines below, where nobody has chosen braces for something.
        inner = "".join(lines(name, each, indent + " " * step, step, layout.newline) for name, each in value.items())
        before = start
        while not nothing and text[before - 1] in " \t" and layout.line_end(start) == node.end:
            before -= 1
        return _replaced(text, (Span(before, node.end), ""), _line_edit(layout, layout.next_line(node.end), inner))
    if not node.alias and not isinstance(node, ScalarNode) and not empty and not getattr(node, "flow", False):
        raise CannotSplice(pair.key.line, "several lines stand where other fields belong")
    return _replaced(text, (Span(start, node.end), _apart(text, pair, start, in_braces(value))))


def _add(text: str, mapping: MappingNode, name: str, value: Value, order: Sequence[str], step: int) -> str:
    place = order.index(name)
    earlier = [pair for pair in mapping.pairs if pair.key.text in order and order.index(pair.key.text) < place]
    before = max(earlier, key=lambda pair: order.index(pair.key.text), default=None)
    return _insert(text, mapping, before, name, value, step)


def _insert(
    text: str, mapping: MappingNode, before: Pair | None, name: str, value: Value, step: int, *, apart: bool = False
) -> str:
    """A new field behind ``before``, or as the first."""
    layout = Layout(text)
    if mapping.flow:
        return _insert_in_braces(text, mapping, before, name, value)
    first = mapping.pairs[0]
    indent = layout.indent(first.key.start)
    if indent is None:
        raise CannotSplice(first.key.line, "its name does not begin its line")
    if before is not None:
        span = layout.field(before)
        if span is None:
            raise CannotSplice(before.key.line, "its name does not begin its line")
        place = layout.below(span.end, len(indent))
    else:
        # Above the comments of the field that was the first; they are that field's.
        place = layout.above(layout.line_start(first.key.start))
    blocks = not layout.swallows(place, len(indent) + 1)
    new = lines(name, value, indent, step, layout.newline, blocks=blocks)
    return _replaced(text, _line_edit(layout, place, f"{layout.newline if apart else ''}{new}"))


def _line_edit(layout: Layout, place: int, new: str) -> tuple[Span, str]:
    """The insertion of whole lines where a line begins, or at the end of a file whose last line is not ended."""
    if place == len(layout.text) and place and layout.text[-1] not in "\r\n":
        new = layout.newline + new
    return Span(place, place), new


def _insert_in_braces(text: str, mapping: MappingNode, before: Pair | None, name: str, value: Value) -> str:
    layout = Layout(text)
    near = before or (mapping.pairs[0] if mapping.pairs else None)
    # Who writes JSON gets JSON.
    style = '"' if near is not None and near.key.style == '"' else ""
    new = f"{scalar(name, style=style, flow=True, key=True)}: {in_braces(value, style)}"
    if before is not None:
        place = max(before.value.end, before.key.end)
        return _replaced(text, (Span(place, place), f", {new}"))
    place = mapping.pairs[0].key.start if mapping.pairs else layout.value_start(mapping) + 1
    return _replaced(text, (Span(place, place), f"{new}, " if mapping.pairs else new))


def _remove_from_flow(text: str, mapping: MappingNode, pair: Pair) -> str:
    layout = Layout(text)
    index = mapping.pairs.index(pair)
    start, end = pair.key.start, max(pair.key.end, pair.value.end)
    following = mapping.pairs[index + 1].key.start if index + 1 < len(mapping.pairs) else mapping.end
    comma = _comma(text, end, following)
    close = comma + 1 if comma is not None else end
    alone = layout.indent(start) is not None and layout.next_line(close) <= following
    if alone and re.fullmatch(r"[ \t]*(#.*)?", text[close : layout.line_end(close)]):
        return _replaced(text, (Span(layout.line_start(start), layout.next_line(close)), ""))
    if index + 1 < len(mapping.pairs):
        # Up to the next one, unless a comment stands between.
        close = following if not text[close:following].strip() else close
        return _replaced(text, (Span(start, close), ""))
    if index:
        ahead = mapping.pairs[index - 1]
        ahead_end = max(ahead.key.end, ahead.value.end)
        if re.fullmatch(r"\s*,\s*", text[ahead_end:start]):
            start = ahead_end
        # Its own comma goes on standing after the one ahead.
        close = end
    return _replaced(text, (Span(start, close), ""))


def _comma(text: str, start: int, end: int) -> int | None:
    """Where the comma after a value in braces is: in no comment, hence by the scanner."""
    between = text[start:end]
    plain = re.sub(r"#[^\r\n]*", lambda match: " " * len(match[0]), between)
    found = plain.find(",")
    return start + found if found >= 0 else None


def _replaced(text: str, *edits: tuple[Span, str]) -> str:
    for span, new in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text
