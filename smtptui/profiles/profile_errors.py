"""What goes wrong with the file of profiles, each a sentence."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from smtptui.config import FileFaults


class ProfilesError(FileFaults):
    """The file cannot be read, or not all of it means what it should; ``faults`` has all there is to mend."""


class UnreadableProfiles(ProfilesError):
    """The file is there and could not be read at all."""


class UnknownProfile(LookupError):
    """There is no profile of that name."""

    def __init__(self, name: str, names: Iterable[str]) -> None:
        names = list(names)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        if not near and names:
            shown = ", ".join(names[:10])
            hint = f" There are: {shown}{', …' if len(names) > 10 else ''}."
        super().__init__(f"There is no profile {name!r}.{hint or ' There are none yet.'}")
        self.name = name
        self.near = tuple(near)

    def __str__(self) -> str:
        return str(self.args[0])


class NameTaken(ValueError):
    """Another profile has that name already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a profile {name!r} already; take another name, or edit that one.")


class EditByHand(Exception):
    """The place is written in a way that only a person should change; nothing was."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path} line {line} has to be edited by hand: {why}. Nothing was written.")
        self.path = path
        self.line = line
