"""Addresses of an office or a program, such as ``abuse@`` or ``noreply@``."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def role_names() -> frozenset[str]:
    """The local parts, in lower case, that belong to an office or a program; the facts are in ``roles.toml``."""
    text = files("smtptui.batch.addresses").joinpath("roles.toml").read_text(encoding="utf-8")
    kinds: dict[str, str] = tomllib.loads(text)
    return frozenset(name for names in kinds.values() for name in names.split())
