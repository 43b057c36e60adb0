"""A profile as the fields of the file: what is written, what is left out, and in which order."""

from collections.abc import Mapping
from enum import Enum

from pydantic import BaseModel

from smtptui.config import Value, Written, field_names
from smtptui.profiles.model import Limits, Profile

PROFILE_FIELDS: tuple[str, ...] = tuple(name for name in field_names(Profile) if name != "name")
"""The fields of a profile in the file, in the order in which they are written; its name is its key."""
LIMIT_FIELDS: tuple[str, ...] = tuple(field_names(Limits))


def fields_of(profile: Profile) -> dict[str, Value]:
    """What a file says about a profile. Fields that have their default are left out."""
    return {name: value for name, value in _fields(profile).items() if name != "name"}


def _fields(model: BaseModel) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if value != info.get_default(call_default_factory=True):
            found[info.alias or name] = _fields(value) if isinstance(value, BaseModel) else written(value)
    return found


def written(value: object) -> Written:
    """One value as text."""
    if isinstance(value, bool):
        return Written("true" if value else "false", typed=True)
    if isinstance(value, Enum):
        return Written(str(value.value), typed=True)
    if isinstance(value, int | float):
        return Written(repr(value).removesuffix(".0"), typed=True)
    return Written(str(value))


def as_data(fields: Mapping[str, Value]) -> dict[str, object]:
    """The fields as a program takes them from a JSON document: text, and mappings of text."""
    return {name: each.text if isinstance(each, Written) else as_data(each) for name, each in fields.items()}
