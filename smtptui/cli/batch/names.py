"""The name of a new batch, where none is given: that of its list."""

import re
from collections.abc import Collection


def free_name(stem: str, taken: Collection[str]) -> str:
    """A name that is not ``taken``, after the name of a file: ``members``, then ``members-2``."""
    base = re.sub(r"[^\w.-]+", "-", stem).strip("-._")[:50] or "batch"
    name, number = base, 2
    known = {each.casefold() for each in taken}
    while name.casefold() in known:
        name, number = f"{base}-{number}", number + 1
    return name
