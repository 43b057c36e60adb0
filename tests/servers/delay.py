"""A TCP proxy on loopback that delays, for measuring what distance does; it limits no bandwidth.

As a program, to keep its work out of the measured process::

    python -m tests.servers.delay TARGET_PORT ONE_WAY_MILLISECONDS

It prints its own port and runs until its standard input ends.
"""

import asyncio
import sys
from collections import deque
from types import TracebackType
from typing import Self, cast


class _End(asyncio.Protocol):
    """One end of a proxied connection: what it receives leaves the other end after the delay."""

    def __init__(self, proxy: "DelayProxy", other: "_End | None") -> None:
        self._proxy = proxy
        self._other = other
        self._transport: asyncio.Transport | None = None
        self._due: deque[tuple[float, bytes | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._proxy.ends.append(self)
        if self._other is None:
            self._proxy.dial(self)
        else:
            self._flush()

    def data_received(self, data: bytes) -> None:
        self._pass_on(bytes(data))

    def eof_received(self) -> bool:
        self._pass_on(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        if self._timer is not None:
            self._timer.cancel()
        self._pass_on(None)

    def abort(self) -> None:
        """Drop the connection and all that is under way to it."""
        self._due.clear()
        if self._transport is not None:
            self._transport.abort()

    def _pass_on(self, data: bytes | None) -> None:
        if self._other is not None:
            self._other._deliver(asyncio.get_running_loop().time() + self._proxy.one_way, data)

    def _deliver(self, when: float, data: bytes | None) -> None:
        self._due.append((when, data))
        if self._timer is None and self._transport is not None and not self.closed.is_set():
            self._timer = asyncio.get_running_loop().call_at(when, self._flush)

    def _flush(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            return
        while self._due and self._due[0][0] <= loop.time():
            data = self._due.popleft()[1]
            if data is None:
                self._transport.close()
                return
            self._transport.write(data)
        if self._due:
            self._timer = loop.call_at(self._due[0][0], self._flush)


class DelayProxy:
    """Passes connections on to ``target`` (a loopback port); ``async with DelayProxy(port, 0.02) as proxy``.

    ``one_way`` is in seconds, so a round trip takes twice that. Connecting itself costs no delay: the kernel
    answers for the proxy.
    """

    def __init__(self, target: int, one_way: float) -> None:
        self.one_way = one_way
        self.port = 0
        self.ends: list[_End] = []
        self._target = target
        self._group = asyncio.TaskGroup()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _End(self, None), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for end in self.ends:
            end.abort()
        if isinstance(error, asyncio.CancelledError):
            await self._group.__aexit__(kind, error, trace)
        else:
            await self._group.__aexit__(None, None, None)
        for end in self.ends:
            end.abort()
        for end in self.ends:
            await end.closed.wait()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    def dial(self, near: _End) -> None:
        """Open the far side of a connection that came in."""
        far = _End(self, near)
        near._other = far
        self._group.create_task(self._dial(near, far))

    async def _dial(self, near: _End, far: _End) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: far, "127.0.0.1", self._target)
        except OSError:
            near.abort()


async def _main(target: int, milliseconds: float) -> None:
    async with DelayProxy(target, milliseconds / 1000) as proxy:
        print(proxy.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
