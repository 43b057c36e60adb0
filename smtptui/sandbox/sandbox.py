"""The sandbox: three ports on loopback, a certificate authority of its own, and a list of what was caught."""

import asyncio
import errno
import ipaddress
import secrets
import ssl
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.config import ScratchFolder
from smtptui.sandbox.caught import Caught, CaughtStore
from smtptui.sandbox.office import Arrival, Office, Rules

SANDBOX_HOSTNAME = "sandbox.smtptui.test"
"""What the sandbox calls itself in its greeting; .test is never delegated (RFC 6761)."""
SIZE_LIMIT = 50 * 1024 * 1024
"""Octets of the largest message that is taken."""

_GRACE = 0.5
"""Seconds that a client has to read the last reply when the sandbox stops."""


class SandboxError(Exception):
    """The sandbox cannot start, with what to do in a sentence."""


@dataclass(frozen=True, slots=True)
class SandboxPorts:
    """Where the sandbox listens."""

    smtp: int
    """Relay: STARTTLS offered, no AUTH, any recipient."""
    submission: int
    """STARTTLS required, then AUTH."""
    smtps: int
    """TLS from the first octet, then AUTH."""


class Sandbox:
    """A well-behaved SMTP server on loopback that keeps what it is sent. It runs on the running event loop.

    A port of 0 is any free one. Without a password a random one is made. ``clock`` gives the time of each
    message; ``on_caught`` is called for each on the event loop. Use it as an asynchronous context manager, or
    call :meth:`start` and :meth:`stop`.
    """

    def __init__(
        self,
        *,
        smtp_port: int = 0,
        submission_port: int = 0,
        smtps_port: int = 0,
        host: str = "127.0.0.1",
        user: str = "demo",
        password: str | None = None,
        clock: Callable[[], datetime],
        on_caught: Callable[[Caught], None] | None = None,
        size_limit: int = SIZE_LIMIT,
    ) -> None:
        for port in (smtp_port, submission_port, smtps_port):
            if not 0 <= port <= 65535:
                raise ValueError(f"port {port}: use 1 to 65535, or 0 for any free one")
        try:
            loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ValueError(f"{host}: the sandbox listens on loopback only, as on 127.0.0.1 or ::1")
        self._wanted = (smtp_port, submission_port, smtps_port)
        self.host = host
        self.user = user
        self.password = password if password is not None else secrets.token_urlsafe(12)
        self.store = CaughtStore()
        self._clock = clock
        self._on_caught = on_caught
        self._size_limit = size_limit
        self._servers: list[asyncio.Server] = []
        self._office: Office | None = None
        self._directory: ScratchFolder | None = None
        self._ca_file: Path | None = None
        self._ports: SandboxPorts | None = None
        self._epoch = 0

    @property
    def ports(self) -> SandboxPorts:
        """Where it listens; RuntimeError unless it has been started."""
        if self._ports is None:
            raise RuntimeError("the sandbox has not been started")
        return self._ports

    @property
    def ca_file(self) -> Path:
        """PEM file of the authority that signed the server's certificate; it is gone after :meth:`stop`."""
        if self._ca_file is None:
            raise RuntimeError("the sandbox has not been started")
        return self._ca_file

    async def start(self) -> None:
        """Listen; raises :class:`SandboxError` if a port cannot be had."""
        if self._directory is not None:
            raise RuntimeError("the sandbox has been started already")
        self._epoch = int(self._clock().timestamp())
        try:
            self._directory = ScratchFolder("sandbox")
            # The imports inside take longer than anything else here; a screen goes on meanwhile.
            context, self._ca_file = await asyncio.to_thread(_context, self._directory.path)
            await self._listen(context)
        except BaseException as error:
            await self.stop()
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise SandboxError(f"the sandbox cannot start: {error.strerror or error}") from error
            raise

    async def stop(self) -> None:
        """Close ports and connections and remove the authority's file; what was caught stays in the store."""
        for server in self._servers:
            server.close()
        if self._office is not None:
            async with asyncio.TaskGroup() as group:
                for connection in tuple(self._office.open):
                    group.create_task(connection.close(_GRACE))
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()
        self._office = None
        self._ports = None
        self._ca_file = None
        if self._directory is not None:
            self._directory.remove()
            self._directory = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _listen(self, context: ssl.SSLContext) -> None:
        self._office = office = Office(
            hostname=SANDBOX_HOSTNAME,
            tls=context,
            user=self.user,
            password=self.password,
            size_limit=self._size_limit,
            accept=self._accept,
        )
        rules = (
            Rules("smtp"),
            Rules("submission", submission=True),
            Rules("smtps", implicit_tls=True, submission=True),
        )
        found = [await self._open(each, port, office) for each, port in zip(rules, self._wanted, strict=True)]
        self._ports = SandboxPorts(*found)

    async def _open(self, rules: Rules, port: int, office: Office) -> int:
        # Imported only now: aiosmtpd is not needed by those who only look at a sandbox's types.
        from smtptui.sandbox.listener import Listener

        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(lambda: Listener(rules, office, loop), self.host, port)
        except OSError as error:
            raise SandboxError(_why(error, self.host, port)) from error
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    def _accept(self, arrival: Arrival) -> str:
        seq = self.store.next_seq
        queue_id = f"{self._epoch:08X}{seq + 1:04X}"
        caught = Caught(seq=seq, queue_id=queue_id, at=self._clock().astimezone(UTC), **asdict(arrival))
        self.store.append(caught)
        if self._on_caught is not None:
            try:
                self._on_caught(caught)
            except Exception as error:
                # The message is kept, so the client's reply is still "accepted".
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "on_caught of the sandbox failed", "exception": error}
                )
        return queue_id


def _context(directory: Path) -> tuple[ssl.SSLContext, Path]:
    # Imported only now: cryptography and aiosmtpd cost more than the rest of a program's start.
    import smtptui.sandbox.listener  # noqa: F401
    from smtptui.sandbox.authority import server_context

    return server_context(directory, SANDBOX_HOSTNAME)


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use by another program: choose another port, or 0 for a free one"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} on {host} may not be opened by this user: choose one from 1024 up, or 0 for a free one"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine: use 127.0.0.1"
    return f"port {port} on {host} cannot be opened: {error.strerror or error}"
