"""Replies that have come, whoever waits for them, and the deadline for all of them together."""

import asyncio
from collections import deque
from collections.abc import Callable

from smtptui.protocol import Reply
from smtptui.transcript import SessionError


class ReplyQueue:
    """The receiving end of one connection.

    ``held`` tells how many replies somebody else keeps back for the one who waits; ``silent`` makes the error
    for so many seconds without what was waited for.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, held: Callable[[], int], silent: Callable[[float], SessionError]
    ) -> None:
        self.fault: SessionError | None = None
        """Why no more replies can be trusted or expected; the first one counts."""
        self._loop = loop
        self._held = held
        self._silent = silent
        self._replies: deque[tuple[Reply, Reply]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._wanted = 0
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0

    def __len__(self) -> int:
        return len(self._replies) + self._held()

    def put(self, masked: Reply, true: Reply) -> None:
        """A reply has come."""
        self._replies.append((masked, true))

    def fail(self, fault: SessionError) -> None:
        """Something has gone wrong; what came before it can still be taken."""
        if self.fault is None:
            self.fault = fault

    def wake(self) -> None:
        """Let the one who waits go on if there is enough, or nothing more to wait for."""
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if len(self._replies) + self._held() >= self._wanted or self.fault is not None:
            waiter.set_result(None)

    def close(self) -> None:
        """No deadline matters any more."""
        if self._timer is not None:
            self._timer.cancel()

    async def take(self, count: int, timeout: float) -> list[tuple[Reply, Reply]]:
        """The next ``count`` replies, each masked and true, within ``timeout`` seconds for all of them.

        Raises :class:`SessionError`; replies that came before stay for :meth:`remaining`.
        """
        await self.arrived(count, timeout)
        return [self._replies.popleft() for _ in range(count)]

    async def arrived(self, count: int, timeout: float) -> None:
        """Wait as :meth:`take` does, and leave the replies where they are."""
        if len(self) < count and self.fault is None:
            self._wanted = count
            self._waiter = self._loop.create_future()
            self._watch(self._loop.time() + timeout)
            try:
                await self._waiter
            except TimeoutError:
                self.fail(self._silent(timeout))
            finally:
                self._waiter = None
                self._wanted = 0
        if len(self) < count:
            assert self.fault is not None
            raise self.fault

    def remaining(self) -> list[tuple[Reply, Reply]]:
        """Replies that came although not all that were asked for did."""
        rest = list(self._replies)
        self._replies.clear()
        return rest

    def _watch(self, deadline: float) -> None:
        """See to it that the waiter gets a TimeoutError at ``deadline``, a time of the loop.

        One timer is kept and moved on when it fires early: setting one for each reply would cost as much as
        reading the reply.
        """
        self._deadline = deadline
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._time_is_up)
        else:
            self._waiter.set_exception(TimeoutError())
