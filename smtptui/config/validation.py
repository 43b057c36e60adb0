"""A tree held against a pydantic model: all faults at once, each with its line and with what is allowed, in words."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from smtptui.config.faults import Fault
from smtptui.config.tree import MappingNode, Node, ScalarNode, plain, repeated
from smtptui.protocol import visible

M = TypeVar("M", bound=BaseModel)
Keys = tuple[str, ...]
"""The names that lead to a field."""

_SHOWN = 60
"""Characters of a value that a fault repeats."""
_SECRETS = frozenset({"password", "passwd", "passphrase", "pass", "pw", "token", "credential", "credentials"})
_TELLING = re.compile(r"pass|secret|token|pw|cred|key", re.IGNORECASE)


def check(
    model: type[M], node: Node | None, *, given: Mapping[str, str] | None = None
) -> tuple[M | None, tuple[Fault, ...]]:
    """What the node says as an instance of the model, or None and all its faults by line.

    ``given`` are fields that stand elsewhere than in the node. A value is repeated in a fault only if its field is
    known and its name does not sound of secrets: nobody knows what is in the others.
    """
    if node is not None and not isinstance(node, MappingNode) and plain(node) is not None:
        return None, (Fault(node.line, f"{_kind(node)} stands where fields belong, one a line, as in name: value"),)
    mapping = node if isinstance(node, MappingNode) else None
    faults = [
        Fault(second.key.line, f"it is given already in line {first.key.line}; keep one", field=_dotted(path))
        for path, second, first in repeated(mapping)
    ]
    # The plain form of a mapping is a mapping; the type says only that it is one of three.
    values: dict[str, Any] = plain(mapping) or {}  # type: ignore[assignment]  # see above
    unknown = {name for name in values if name not in field_names(model)}
    faults += [_unknown(model, mapping, (name,)) for name in unknown if mapping is not None]
    known = {name: value for name, value in values.items() if name not in unknown}
    checked: M | None = None
    try:
        checked = model.model_validate({**known, **(given or {})})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            faults += _faults(model, mapping, given or {}, detail)
    return (None if faults else checked), tuple(sorted(faults, key=lambda fault: fault.line or 0))


def check_values(model: type[M], values: Mapping[str, object]) -> tuple[M | None, tuple[Fault, ...]]:
    """As :func:`check` for values that come from no file, such as those of a form; the faults have no line."""
    try:
        return model.model_validate(dict(values)), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, tuple(fault for detail in details for fault in _faults(model, None, values, detail))


def field_names(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the names they have in a file."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def allowed(info: FieldInfo) -> str:
    """What a field may be, in words."""
    kinds = list(_kinds(info.annotation))
    bounds = list(_bounds(info))
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Enum):
            return ", ".join(str(member.value) for member in kind)
        if kind is bool:
            return "true or false"
        if kind in (int, float):
            return f"a {'whole ' if kind is int else ''}number{_range(bounds)}"
        if _is_model(kind):
            return "fields of its own, one a line"
        if get_origin(kind) in (list, tuple) or kind in (list, tuple):
            return "a list"
    if Path in kinds:
        return "the name of a file"
    least = next((bound.min_length for bound in bounds if isinstance(bound, annotated_types.MinLen)), 0)
    most = next((bound.max_length for bound in bounds if isinstance(bound, annotated_types.MaxLen)), None)
    if most is not None:
        return f"text of {least} to {most} characters" if least else f"text of up to {most} characters"
    return "text"


def _range(bounds: Sequence[Any]) -> str:
    low = next((bound.ge for bound in bounds if isinstance(bound, annotated_types.Ge)), None)
    above = next((bound.gt for bound in bounds if isinstance(bound, annotated_types.Gt)), None)
    high = next((bound.le for bound in bounds if isinstance(bound, annotated_types.Le)), None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    pieces = (f" above {above}" if above is not None else "", f", at least {low}" if low is not None else "")
    return "".join(pieces) + (f", up to {high}" if high is not None else "")


def _kinds(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is a choice of, None left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _kinds(part)
    elif annotation is not type(None):
        yield annotation


def _bounds(info: FieldInfo) -> Iterator[Any]:
    def of(annotation: Any) -> Iterator[Any]:
        if get_origin(annotation) is Annotated:
            for extra in get_args(annotation)[1:]:
                yield from extra.metadata if isinstance(extra, FieldInfo) else (extra,)
            yield from of(get_args(annotation)[0])
        elif get_origin(annotation) in (Union, UnionType):
            for part in get_args(annotation):
                yield from of(part)

    yield from info.metadata
    yield from of(info.annotation)


def _faults(
    model: type[BaseModel], mapping: MappingNode | None, given: Mapping[str, object], detail: ErrorDetails
) -> Iterator[Fault]:
    path = tuple(str(part) for part in detail["loc"])
    info = _info(model, path)
    if info is None:
        if detail["type"] == "extra_forbidden":
            yield _unknown(model, mapping, path)
            return
        # About several fields at once: each line of it may begin with the one to look at.
        for sentence in _own_words(detail).split("\n"):
            name, colon, rest = sentence.partition(": ")
            known = bool(colon) and name in field_names(model)
            field, problem = ((*path, name), rest) if known else (path, sentence)
            yield Fault(_line(mapping, field), problem.rstrip("."), field=_dotted(field))
        return
    value = _value(mapping, path)
    words = _own_words(detail) if detail["type"] == "value_error" else ""
    what = words if words and not _measured(info) else allowed(info)
    missing = detail["type"] == "missing"
    problem = "is missing" if missing else f"is not allowed; allowed: {what}".rstrip(".")
    text = value.text if isinstance(value, ScalarNode) else _given(given, path)
    shown = None
    simple = not any(_is_model(kind) or get_origin(kind) for kind in _kinds(info.annotation))
    if text is not None and simple and not _TELLING.search(path[-1]):
        shown = visible(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
    elif not missing:
        problem = f"{'this' if value is None or text is not None else _kind(value)} {problem}"
    yield Fault(_line(mapping, path), problem, field=_dotted(path), value=shown)


def _own_words(detail: ErrorDetails) -> str:
    error = detail.get("ctx", {}).get("error")
    return str(error) if error is not None else detail["msg"]


def _measured(info: FieldInfo) -> bool:
    return any(kind in (int, float, bool) for kind in _kinds(info.annotation))


def _unknown(model: type[BaseModel], mapping: MappingNode | None, path: Keys) -> Fault:
    inner: Any = model
    for part in path[:-1]:
        info = field_names(inner).get(part)
        inner = next((kind for kind in _kinds(info.annotation) if _is_model(kind)), model) if info else model
    names = list(field_names(inner))
    near = difflib.get_close_matches(path[-1], names, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    if path[-1].lower() in _SECRETS:
        # The nearest field is for the name of a variable: a password must not be written there either.
        telling = [name for name in names if re.search("pass|secret|token", name)]
        hint = "no file keeps a secret" + (f"; where it comes from say {', '.join(telling)}" if telling else "")
    return Fault(_line(mapping, path), f"there is no such field; {hint}", field=_dotted(path))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _info(model: type[BaseModel], path: Keys) -> FieldInfo | None:
    """The field at a path; None where there is none."""
    inner: Any = model
    info: FieldInfo | None = None
    for part in path:
        if inner is None or (info := field_names(inner).get(part)) is None:
            return None
        inner = next((kind for kind in _kinds(info.annotation) if _is_model(kind)), None)
    return info


def _value(mapping: MappingNode | None, path: Keys) -> Node | None:
    node: Node | None = mapping
    for part in path:
        if not isinstance(node, MappingNode) or part not in node.fields:
            return None
        node = node.fields[part].value
    return node


def _given(given: Mapping[str, object], path: Keys) -> str | None:
    value: object = given
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return None if value is None or isinstance(value, Mapping | list) else str(value)


def _line(mapping: MappingNode | None, path: Keys) -> int | None:
    """The line of the field, or of what it would be in."""
    node: Node | None = mapping
    line = mapping.line if mapping is not None else None
    for part in path:
        if not isinstance(node, MappingNode) or part not in node.fields:
            break
        pair = node.fields[part]
        line, node = pair.key.line, pair.value
    return line


def _dotted(path: Keys) -> str:
    return visible(".".join(path))


def _kind(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "a text"
    return "a mapping of fields" if isinstance(node, MappingNode) else "a list"
