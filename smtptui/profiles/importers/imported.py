"""What an import gives: profiles, and what could not be carried over, each with its line."""

import re
import shlex
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from smtptui.profiles.model import Profile

MOST_NAME = 60
"""Characters of a profile's name."""


@dataclass(frozen=True, slots=True)
class Left:
    """A setting that was not carried over, or not as it was, and why. It never holds the setting's value."""

    line: int
    setting: str
    """Name of the setting; empty where the line has none that is known."""
    why: str

    def __str__(self) -> str:
        what = f" {self.setting}:" if self.setting else ""
        return f"Line {self.line}:{what} {self.why}."


@dataclass(frozen=True, slots=True)
class Imported:
    """Profiles in the order of the file, and what was left of it, by line."""

    profiles: tuple[Profile, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """What a setting was given, in which line, and as what it was written there."""

    text: str
    line: int
    setting: str


@dataclass(slots=True)
class Findings:
    """Collects what is left; the same is told once, however many profiles inherit it."""

    _left: dict[Left, None] = field(default_factory=dict)

    def tell(self, line: int, setting: str, why: str) -> None:
        """Note one thing that is left."""
        self._left[Left(line, setting, why)] = None

    def of(self, value: Value, why: str) -> None:
        """Note that a value is left."""
        self.tell(value.line, value.setting, why)

    def take(self, other: "Findings") -> None:
        """Note all that another one has as well."""
        self._left |= other._left

    def by_line(self) -> tuple[Left, ...]:
        """All of it, in the order of the file."""
        return tuple(sorted(self._left, key=lambda left: left.line))


class Draft:
    """A profile in the making: fields, each with the place it came from, so that a fault can be told with its line."""

    def __init__(self, name: str, line: int, findings: Findings) -> None:
        self.name = name
        self.findings = findings
        self._line = line
        self._fields: dict[str, object] = {}
        self._origins: dict[str, Value] = {}

    def set(self, name: str, value: object, origin: Value | None = None) -> None:
        """Set a field of the profile; ``origin`` is where the value was found, if it was not derived."""
        self._fields[name] = value
        if origin is not None:
            self._origins[name] = origin

    def path(self, name: str, origin: Value, folder: Path | None) -> None:
        """Set a field that names a file. One that is not absolute was meant from where the importing program ran."""
        text = origin.text
        if "://" in text or text.startswith("pkcs11:"):
            self.findings.of(origin, "a key on a device; smtptui reads files")
            return
        if folder is not None and not text.startswith(("/", "~")):
            text = str(folder / text)
            self.findings.of(origin, "not an absolute path; taken from the folder of this file")
        self.set(name, text, origin)

    def profile(self) -> Profile | None:
        """The profile; what the model refuses is left, and None if it is then no profile any more."""
        while True:
            try:
                return Profile.model_validate({"name": self.name, **self._fields})
            except ValidationError as error:
                if not self._drop(error):
                    return None

    def _drop(self, error: ValidationError) -> bool:
        """Drop the fields that are at fault; whether it is worth trying again."""
        named = {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}
        at_fault = [name for name in self._fields if name in named] or self._one_at_fault()
        for name in at_fault:
            if name == "host":
                break
            del self._fields[name]
            if origin := self._origins.get(name):
                self.findings.of(origin, "not a value that a profile can have")
        else:
            if at_fault:
                return True
        self.findings.tell(self._line, "", f"no profile was made of {self.name}: what is left names no usable server")
        return False

    def _one_at_fault(self) -> list[str]:
        """A field without which the others go together; none where no single one is the reason."""
        for name in self._fields:
            others = {other: value for other, value in self._fields.items() if other != name}
            try:
                Profile.model_validate({"name": self.name, **others})
            except ValidationError:
                continue
            return [name]
        return []


def is_text(text: str) -> bool:
    """Whether a value can stand in a file and on a screen: no control characters, no octets that were no UTF-8."""
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char == "\ufffd" for char in text)


def fits_host(text: str) -> bool:
    """Whether text may be a host's name or an IP address; a name is not looked up."""
    return bool(re.fullmatch(r"[\w.:%-]{1,255}", text)) and not text.startswith("-")


def keep_it(name: str) -> str:
    """How to give a profile the password that was not carried over."""
    return f"`smtptui profiles password {shlex.quote(name)}` keeps it in the keyring"


def unique_name(name: str, taken: Collection[str]) -> str:
    """A name that fits into a profile and is not taken: ``name``, shortened or numbered if need be."""
    unique = name[:MOST_NAME].strip()
    # Most of the others may be of that name as well, so counting begins where it may end.
    number = len(taken) if f"{name[: MOST_NAME - 10].strip()} {len(taken)}" in taken else 1
    while unique in taken:
        number += 1
        unique = f"{name[: MOST_NAME - 10].strip()} {number}"
    return unique
