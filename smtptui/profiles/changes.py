"""Changes to the text of ``profiles.yaml``: a profile added, edited, removed; the text around it stays.

Each function returns the whole new text and raises :class:`CannotSplice`. Whether it means what was wanted is for
the store to see.
"""

import functools
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from smtptui.config import (
    CannotSplice,
    Layout,
    MappingNode,
    Node,
    Pair,
    Value,
    Written,
    add_last,
    lines,
    parse,
    plain,
    remove_field,
    rename_field,
    set_field,
)
from smtptui.profiles.fields import LIMIT_FIELDS, PROFILE_FIELDS, fields_of
from smtptui.profiles.model import Profile

_SECTION = "profiles"
_NOTHING = Written("null", typed=True)
"""Written where leaving a field out would let a merged one (``<<``) through."""


def profiles_of(root: Node | None) -> MappingNode | None:
    """The mapping of profiles by name; None where there are none."""
    if not isinstance(root, MappingNode) or _SECTION not in root.fields:
        return None
    value = root.fields[_SECTION].value
    return value if isinstance(value, MappingNode) else None


def line_of(root: Node | None, name: str, field: str = "") -> int:
    """Where a field of a profile stands, else where the profile begins, or would."""
    section = profiles_of(root)
    line = section.line if section is not None else 1
    node: Node | None = section
    for each in (name, *field.split(".")):
        if not isinstance(node, MappingNode) or each not in node.fields:
            break
        pair = node.fields[each]
        line, node = pair.key.line, pair.value
    return line


def source(text: str, pair: Pair) -> str:
    """A profile as the file writes it: all its lines, or what stands in braces."""
    layout = Layout(text)
    span = layout.field(pair)
    return text[span.start : span.end] if span is not None else text[pair.key.start : layout.value_end(pair.value)]


def added(text: str, root: Node | None, profile: Profile, after: str = "") -> str:
    """With a new profile behind ``after``, else as the last."""
    value = fields_of(profile)
    section = profiles_of(root)
    step = _step(text, root)
    if section is not None and section.pairs and not _alias(root):
        apart = not section.flow and _apart(text, section)
        return add_last(text, section, profile.name, value, step, after=after, apart=apart)
    if isinstance(root, MappingNode) and root.pairs and _SECTION not in root.fields:
        return add_last(text, root, _SECTION, {profile.name: value}, step)
    if isinstance(root, MappingNode):
        return set_field(text, root, _SECTION, {profile.name: value}, (_SECTION, *root.fields), step)
    if root is not None:
        raise CannotSplice(root.line, "it should begin with profiles:")
    layout = Layout(text)
    end = "" if not text.removeprefix("\ufeff") or text[-1] in "\r\n" else layout.newline
    return text + end + lines(_SECTION, {profile.name: value}, "", step, layout.newline)


def edited(text: str, name: str, old: Profile | None, new: Profile) -> str:
    """With the profile ``name`` as ``new``. ``old`` is what it was, if it had no fault.

    A field whose value stays keeps its spelling: ``verify: yes`` is not made ``true``.
    """
    before = _tree(text)
    if new.name != name:
        section = profiles_of(before)
        assert section is not None
        if section.own(name) is None:
            raise CannotSplice(section.line, "the profile is merged from elsewhere (<<)")
        text = rename_field(text, section, name, new.name)
    wanted = fields_of(new)
    same = _same(old, new) if old is not None else frozenset()
    changing = [field for field in PROFILE_FIELDS if field not in same]
    # What is added first: a mapping never loses its last field on the way.
    for field in sorted(changing, key=lambda field: field not in wanted):
        try:
            text = _brought(text, (_SECTION, new.name), field, wanted.get(field), PROFILE_FIELDS, same)
        except CannotSplice as error:
            # Its line is that of a text which others of these changes have made longer or shorter.
            raise CannotSplice(line_of(before, name, field), error.why) from error
    return text


def removed(text: str, root: Node | None, name: str) -> str:
    """Without a profile, and without the empty line that set it apart."""
    section = profiles_of(root)
    if section is None or section.own(name) is None or _alias(root):
        raise CannotSplice(section.line if section is not None else 1, "the profile is merged from elsewhere (<<)")
    without = remove_field(text, section, name)
    pair = section.own(name)
    span = Layout(text).field(pair) if pair is not None and not section.flow else None
    if span is None:
        return without
    layout = Layout(without)
    ahead = layout.above_empty(span.start)
    followed = span.start == len(without) or layout.line_end(span.start) == span.start
    return without[:ahead] + without[span.start :] if followed else without


@functools.lru_cache(maxsize=4)
def _tree(text: str) -> Node | None:
    # Between two changes it is asked for several times.
    return parse(text)


def _brought(
    text: str, path: tuple[str, ...], field: str, value: Value | None, order: Sequence[str], same: frozenset[str]
) -> str:
    """With one field as it should be; None leaves it out."""
    mapping = _mapping(text, path)
    own, effective = mapping.own(field), mapping.fields.get(field)
    if isinstance(value, Mapping) and own is not None and _open(own.value):
        for each in sorted(LIMIT_FIELDS, key=lambda each: each not in value):
            if f"{field}.{each}" not in same:
                text = _brought(text, (*path, field), each, value.get(each), LIMIT_FIELDS, same)
        return text
    if value is not None:
        if effective is not None and plain(effective.value) == _plain(value):
            return text
        return set_field(text, mapping, field, value, order, _step(text, _tree(text)))
    if own is not None:
        text = remove_field(text, mapping, field)
        mapping = _mapping(text, path)
        effective = mapping.fields.get(field)
    if effective is None or plain(effective.value) is None:
        return text
    return set_field(text, mapping, field, _NOTHING, order, _step(text, _tree(text)))


def _mapping(text: str, path: tuple[str, ...]) -> MappingNode:
    node = _tree(text)
    line = 1
    for name in path:
        pair = node.own(name) if isinstance(node, MappingNode) else None
        if pair is None:
            raise CannotSplice(line, "what it is in is merged from elsewhere (<<)")
        if pair.value.alias:
            raise CannotSplice(pair.key.line, "it is an alias (*) of another place, which would change with it")
        node, line = pair.value, pair.key.line
    if not isinstance(node, MappingNode) or not (node.pairs or node.flow):
        raise CannotSplice(line, "there is nothing in it to go by")
    return node


def _open(node: Node) -> bool:
    """Whether single fields of it can be changed."""
    return isinstance(node, MappingNode) and bool(node.pairs) and not node.alias


def _same(old: BaseModel, new: BaseModel, within: str = "") -> frozenset[str]:
    """The fields that stay, those within others with dots."""
    found = set()
    for name, info in type(new).model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            found.add(f"{within}{info.alias or name}")
        elif isinstance(before, BaseModel):
            found |= _same(before, after, f"{info.alias or name}.")
    return frozenset(found)


def _plain(value: Value) -> object:
    return value.text if isinstance(value, Written) else {name: _plain(each) for name, each in value.items()}


def _alias(root: Node | None) -> bool:
    return isinstance(root, MappingNode) and root.fields[_SECTION].value.alias


def _step(text: str, root: Node | None) -> int:
    """By how many spaces the file indents: as the first profile does it, else two."""
    if not isinstance(root, MappingNode):
        return 2
    layout = Layout(text)
    below = [pair for pair in root.pairs if isinstance(pair.value, MappingNode) and not pair.value.alias]
    for pair in below:
        inner = pair.value
        assert isinstance(inner, MappingNode)
        if inner.flow or not inner.pairs:
            continue
        outside, inside = layout.indent(pair.key.start), layout.indent(inner.pairs[0].key.start)
        if outside is not None and inside is not None and len(inside) > len(outside):
            return len(inside) - len(outside)
    return 2


def _apart(text: str, section: MappingNode) -> bool:
    """Whether empty lines stand between the profiles."""
    layout = Layout(text)
    return len(section.pairs) > 1 and layout.above_empty(layout.line_start(section.pairs[-1].key.start)) != (
        layout.line_start(section.pairs[-1].key.start)
    )
