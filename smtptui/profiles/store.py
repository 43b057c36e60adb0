"""The file of profiles."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

from smtptui.profiles.model import Profile


class ProfilesError(Exception):
    """Faults."""

    def __init__(self, path: Path, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.sentences = faults


class ChangedMeanwhile(Exception):
    """Another program changed the file."""


class ProfileStore:
    """Stand-in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.readable: tuple[Profile, ...] = ()
        self._digest = ""

    def _look(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest() if self.path.exists() else ""

    def changed(self) -> bool:
        return self._look() != self._digest

    def load(self) -> tuple[Profile, ...]:
        self._digest = self._look()
        text = self.path.read_text() if self.path.exists() else ""
        try:
            data: dict[str, Any] = (yaml.load(text, yaml.BaseLoader) or {}).get("profiles") or {}  # noqa: S506
        except yaml.YAMLError as error:
            self.readable = ()
            raise ProfilesError(self.path, (str(error),)) from error
        good, bad = [], []
        for name, values in data.items():
            try:
                good.append(Profile.model_validate({"name": name, **values}))
            except ValueError as error:
                bad.append(f"{self.path}: {name}: {error}")
        self.readable = tuple(good)
        if bad:
            raise ProfilesError(self.path, tuple(bad))
        return self.readable

    def _write(self, profiles: list[Profile]) -> None:
        if self.changed():
            raise ChangedMeanwhile(f"{self.path} was changed by another program.")
        data = {p.name: p.model_dump(mode="json", exclude_defaults=True, by_alias=True) for p in profiles}
        for values in data.values():
            values.pop("name")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(yaml.safe_dump({"profiles": data}, sort_keys=False))
        self.load()

    def add(self, profile: Profile) -> None:
        self._write([*self.readable, profile])

    def replace(self, name: str, profile: Profile) -> None:
        self._write([profile if p.name == name else p for p in self.readable])

    def remove(self, name: str) -> None:
        self._write([p for p in self.readable if p.name != name])
