"""From addresses to a connected socket: staggered attempts, the first to stand wins (RFC 8305)."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ATTEMPT_DELAY = 0.25
"""Seconds an attempt has before the next address is tried beside it (RFC 8305 section 5)."""


class Unreachable(Exception):
    """No address took the connection; ``reasons`` has each address with what it said."""

    def __init__(self, reasons: Sequence[tuple[str, str]], *, timed_out: bool) -> None:
        super().__init__("; ".join(f"{address}: {why}" for address, why in reasons))
        self.reasons = tuple(reasons)
        self.timed_out = timed_out


@dataclass
class _Race:
    ips: Sequence[str]
    port: int
    source: str | None
    winner: socket.socket | None = None
    errors: dict[int, str] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def attempt(self, index: int) -> None:
        sock = None
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.ips[index], self.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )[0]
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            if self.source is not None:
                _bind(sock, self.source)
            await asyncio.get_running_loop().sock_connect(sock, address)
            if self.winner is None:
                self.winner, sock = sock, None
                for other, task in enumerate(self.tasks):
                    if other != index:
                        task.cancel()
        except OSError as error:
            self.errors[index] = words_of(error)
        finally:
            if sock is not None:
                sock.close()
            self.changed.set()


def words_of(error: OSError) -> str:
    """What the operating system says. asyncio puts words of its own into ``strerror``."""
    if error.errno is None or isinstance(error, socket.gaierror | _SourceError):
        return error.strerror or str(error)
    return os.strerror(error.errno)


class _SourceError(OSError):
    """The source address cannot be used."""


def _bind(sock: socket.socket, source: str) -> None:
    try:
        sock.bind((source, 0))
    except socket.gaierror as error:
        raise _SourceError(f"{source} is no source address for it: IPv4 and IPv6 do not mix") from error
    except OSError as error:
        raise _SourceError(f"source address {source}: {words_of(error)}") from error


async def reach(
    ips: Sequence[str],
    port: int,
    *,
    source: str | None = None,
    timeout: float,
    delay: float = ATTEMPT_DELAY,
    attempted: Callable[[str], None] = lambda _: None,
) -> socket.socket:
    """A socket connected to the first address that answers; raises :class:`Unreachable`.

    ``timeout`` is for all addresses together, in seconds; ``attempted`` hears of each address that is tried.
    """
    race = _Race(ips, port, source)
    timed_out = False
    try:
        async with asyncio.timeout(timeout), asyncio.TaskGroup() as group:
            for index, ip in enumerate(ips):
                attempted(ip)
                race.changed.clear()
                race.tasks.append(group.create_task(race.attempt(index)))
                with suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await race.changed.wait()
                if race.winner is not None:
                    break
    except TimeoutError:
        timed_out = True
    except BaseException:
        if race.winner is not None:
            race.winner.close()
        raise
    if race.winner is not None:
        return race.winner
    silent = f"no answer within {timeout:g} s"
    tried = ips[: len(race.tasks)]
    raise Unreachable([(ip, race.errors.get(i, silent)) for i, ip in enumerate(tried)], timed_out=timed_out)


async def reach_socket(path: Path, *, timeout: float) -> socket.socket:
    """A connected UNIX stream socket; raises OSError and TimeoutError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        async with asyncio.timeout(timeout):
            await asyncio.get_running_loop().sock_connect(sock, str(path))
    except BaseException:
        sock.close()
        raise
    return sock
