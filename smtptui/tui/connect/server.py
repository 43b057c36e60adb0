"""A server one can choose: a profile from the file, or one of the app's own sandbox."""

from dataclasses import dataclass
from pathlib import Path

from smtptui.profiles import Profile
from smtptui.protocol import Connection


@dataclass(frozen=True, slots=True)
class Server:
    """A known server. ``folder`` is where its relative paths begin."""

    profile: Profile
    own: bool = False
    """Whether it is the app's own sandbox, which no message leaves."""
    folder: Path | None = None

    @property
    def name(self) -> str:
        """What the list calls it."""
        return self.profile.name

    @property
    def connection(self) -> Connection:
        """How to reach it."""
        return self.profile.connection(self.folder)

    @property
    def label(self) -> str:
        """Host and port, or the socket's path."""
        return self.connection.label
