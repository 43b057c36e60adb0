"""Sizes as they are typed: ``500M``, ``2G``."""

import re
from typing import Any

import click

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


class SizeType(click.ParamType):  # type: ignore[type-arg]  # older clicks have none
    """A number of octets, with a decimal unit: ``500k``, ``100M``, ``2G``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of octets."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]{1,12})\s*([kmg]?)b?", str(value).strip().lower())
        if match is None or not int(match[1]):
            self.fail(f"{value!r} is not a size; write a number and its unit, such as 500M or 2G.", param, ctx)
        return int(match[1]) * _UNITS[match[2]]
