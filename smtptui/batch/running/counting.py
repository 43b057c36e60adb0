"""Counts a run that has no daily cap against the account's day, so that a cap that is set later knows of it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from smtptui.batch.journal import Shared
from smtptui.batch.running.daily_quota import STALE
from smtptui.batch.running.delivery_queue import DeliveryQueue

_PORTION = 50
_AHEAD = 2.0
"""Seconds of sending at the current rate that are booked ahead: what a crash takes from the day."""
_LOOK = 0.2
_UNLIMITED = 2**62


class Counting:
    """Keeps the account's day ahead of what is sent; nothing waits for it.

    Recipients are booked before they are sent to, in portions, so a crash never leaves messages that were sent and not
    counted, unless the rate more than doubles within a moment.
    """

    def __init__(self, path: Path, account: str, queue: DeliveryQueue) -> None:
        self._path, self._account, self._queue = path, account, queue
        self._booked = 0
        """Booked and not spent; below zero if more was spent than booked. Changed by the thread while it is awaited."""
        self._seen = 0
        self._since = 0.0

    async def keep(self) -> None:
        """Book until cancelled; what was not spent is given back then."""
        loop = asyncio.get_running_loop()
        queue = self._queue
        with ThreadPoolExecutor(1, "shared") as thread:
            shared = await loop.run_in_executor(thread, Shared, self._path)
            try:
                while True:
                    self._spend()
                    now, ahead = queue.now(), max(_PORTION, int(queue.rate() * _AHEAD))
                    if self._booked > 0 and now - self._since > STALE:
                        # What is booked counts from then; what is spent later must not count from so early.
                        await loop.run_in_executor(thread, self._change, shared, -self._booked, now)
                    if self._booked < ahead // 2 and (queue.waiting or self._booked < 0):
                        await loop.run_in_executor(thread, self._change, shared, ahead - self._booked, now)
                        self._since = now
                    await asyncio.sleep(_LOOK)
            finally:
                await asyncio.shield(loop.run_in_executor(thread, self._close, shared, queue.now()))

    def _spend(self) -> None:
        spent = self._queue.pacer.spent
        self._booked -= spent - self._seen
        self._seen = spent

    def _change(self, shared: Shared, more: int, now: float) -> None:
        if more > 0:
            shared.reserve(self._account, more, _UNLIMITED, now)
        elif more < 0:
            shared.release(self._account, -more, now)
        self._booked += more

    def _close(self, shared: Shared, now: float) -> None:
        try:
            # In the thread, behind what it has in hand: what that booked is part of the balance.
            self._spend()
            self._change(shared, -self._booked, now)
        finally:
            shared.close()
