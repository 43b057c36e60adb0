"""What every SASL mechanism is: a generator that takes challenges and gives answers, with no I/O (RFC 4422)."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from smtptui.protocol import Credentials

Answers = Generator[bytes | None, bytes, None]
"""Yields the initial response first (None where the mechanism has none and waits for a challenge), then an answer
to each challenge sent in. Returns when it has nothing more to say; raises :class:`ExchangeError`."""


class ExchangeError(Exception):
    """The exchange cannot go on; it is cancelled with ``*``. The sentence says why."""


class ServerUnproven(ExchangeError):
    """The server did not prove that it knows the credentials: it may be an impostor."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The TLS channel the exchange runs in (RFC 5929): ``data`` by the name of each binding that is possible."""

    data: tuple[tuple[str, bytes], ...] = ()
    server_offers_plus: bool = False

    @property
    def best(self) -> tuple[str, bytes] | None:
        """tls-unique where TLS has it (up to 1.2), else tls-server-end-point."""
        return self.data[0] if self.data else None


@dataclass(frozen=True, slots=True)
class Context:
    """What a mechanism may need besides the credentials."""

    credentials: Credentials
    host: str
    port: int
    binding: Binding
    nonce: Callable[[], str]
    """Fresh randomness: printable ASCII without comma (RFC 5802 section 7)."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A mechanism by its registered name, what it wants, and its generator."""

    name: str
    wants: str
    """``password``, ``token`` or ``certificate``."""
    start: Callable[[Context], Answers]
    source: str
    """The document that defines it."""
    finished_by_server: bool = False
    """Whether the server must have the last word (mutual authentication): success before it is no success."""
