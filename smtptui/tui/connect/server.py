"""The servers one can choose: profiles from the file, and those of the app's own sandbox."""

from collections.abc import Sequence
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


class KnownServers:
    """The servers there are now, to be looked up."""

    def __init__(self, servers: Sequence[Server] = ()) -> None:
        self._servers = tuple(servers)

    def sandbox_at(self, host: str, port: str) -> Server | None:
        """The sandbox's server that host and port name."""
        own = (each for each in self._servers if each.own)
        return next((each for each in own if (host, port) == (each.profile.host, str(each.connection.port))), None)

    def of(self, profile: Profile | None) -> Server | None:
        """The server of this very profile."""
        return next((each for each in self._servers if each.profile == profile and not each.own), None)

    def named(self, name: object) -> Server | None:
        """The server of the profile that has this name."""
        return next((each for each in self._servers if each.name == name and not each.own), None)

    @property
    def sandbox_authorities(self) -> frozenset[str]:
        """The files of authorities that are for the sandbox alone."""
        return frozenset(str(each.profile.ca_file) for each in self._servers if each.own)
