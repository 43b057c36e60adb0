"""Where the user's files are: what the environment says, else where platformdirs puts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import platformdirs


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one user. Nothing here is made or looked at; asking costs nothing."""

    profiles: Path
    """Known servers; the user's own, edited by hand too."""
    settings: Path
    """How the app should be; the user's own, only read."""
    data: Path
    """What the app keeps for itself."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """``SMTPTUI_PROFILES``, ``SMTPTUI_SETTINGS`` and ``SMTPTUI_DATA_DIR``, each else its usual place."""
        settings, data = environ.get("SMTPTUI_SETTINGS"), environ.get("SMTPTUI_DATA_DIR")
        return cls(
            profiles=profiles_file(environ),
            settings=typed_path(settings) if settings else _config() / "settings.yaml",
            data=typed_path(data) if data else platformdirs.user_data_path("smtptui"),
        )

    @property
    def state(self) -> Path:
        """What the app was like when it was left."""
        return self.data / "state.json"

    @property
    def shared(self) -> Path:
        """What spans batches: suppressions, each account's day, who was sent to."""
        return self.data / "shared.sqlite"

    @property
    def reports(self) -> Path:
        """Directory of reports about faults of the app."""
        return self.data / "reports"


def profiles_file(environ: Mapping[str, str]) -> Path:
    """The file of known servers: ``SMTPTUI_PROFILES``, else ``profiles.yaml`` among the user's configuration."""
    named = environ.get("SMTPTUI_PROFILES")
    return typed_path(named) if named else _config() / "profiles.yaml"


def typed_path(text: str) -> Path:
    """A path as a user types it: ``~`` is the home folder; of a user who does not exist, it is just a name."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _config() -> Path:
    return platformdirs.user_config_path("smtptui")
