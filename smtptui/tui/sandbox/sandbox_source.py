"""What the app needs of a sandbox; the real one offers it, and so can a fixed one in a test."""

from pathlib import Path
from typing import Protocol

from smtptui.sandbox import Caught


class Ports(Protocol):
    """The ports the sandbox listens on."""

    @property
    def smtp(self) -> int:
        """Relay."""
        ...

    @property
    def submission(self) -> int:
        """STARTTLS and AUTH."""
        ...

    @property
    def smtps(self) -> int:
        """TLS from the first byte, and AUTH."""
        ...


class CaughtStore(Protocol):
    """The messages caught, in order; the oldest may give way."""

    @property
    def version(self) -> int:
        """Changes with every message."""
        ...

    @property
    def dropped(self) -> int:
        """How many have given way to its limits."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Caught: ...


class SandboxSource(Protocol):
    """A sandbox that listens."""

    @property
    def ports(self) -> Ports:
        """Where it listens."""
        ...

    @property
    def ca_file(self) -> Path:
        """Its authority."""
        ...

    @property
    def user(self) -> str:
        """Who may log in."""
        ...

    @property
    def password(self) -> str:
        """With what."""
        ...

    @property
    def store(self) -> CaughtStore:
        """What it caught."""
        ...
