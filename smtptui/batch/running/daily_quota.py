"""The account's daily cap: reserved in portions from what all batches and processes share."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from smtptui.batch.journal import Shared
from smtptui.batch.running.delivery_queue import DeliveryQueue

PORTION = 50
"""Messages reserved at a time at most: what a crash takes from the day."""
_LOOK = 0.2
STALE = 45.0
"""Seconds after which what was reserved and not used is given back."""


class DailyQuota:
    """Keeps the pacer supplied with what the cap still allows."""

    def __init__(self, path: Path, account: str, cap: int, queue: DeliveryQueue) -> None:
        self._path, self._account, self._cap, self._queue = path, account, cap, queue
        self._since = 0.0
        self._owed = 0
        """Reserved, and nobody's here: on its way to the pacer, or back. Touched by the thread only while it is awaited
        here, and once this has ended."""

    async def keep(self) -> None:
        """Reserve until cancelled; what was not used is given back then."""
        loop = asyncio.get_running_loop()
        queue, pacer = self._queue, self._queue.pacer
        with ThreadPoolExecutor(1, "shared") as thread:
            shared = await loop.run_in_executor(thread, Shared, self._path)
            try:
                while True:
                    now = queue.now()
                    if pacer.allowance > 0 and now - self._since > STALE:
                        # What is reserved counts from when it was; what is used later must count from then.
                        unused = pacer.allowance
                        pacer.allow(-unused, now)
                        self._owed = unused
                        await loop.run_in_executor(thread, self._release, shared, now)
                    if pacer.allowance < max(1, PORTION // 2) and queue.waiting:
                        granted, free = await loop.run_in_executor(thread, self._reserve, shared, now)
                        self._owed = 0
                        pacer.allow(granted, free)
                        self._since = now
                        queue.wake()
                        await queue.change(_LOOK if granted else min(60.0, max(_LOOK, free - now)))
                    else:
                        await queue.change(_LOOK)
            finally:
                # Behind what the thread has in hand: where this was cancelled in the midst of a reservation, that is
                # given back as well.
                unused = pacer.allowance
                await asyncio.shield(loop.run_in_executor(thread, self._close, shared, unused, queue.now()))

    def _reserve(self, shared: Shared, now: float) -> tuple[int, float]:
        granted = self._owed = shared.reserve(self._account, PORTION, self._cap, now)
        self._queue.day_left = max(0, self._cap - shared.used(self._account, now)) + granted
        return granted, now if granted else shared.next_free(self._account, self._cap, now)

    def _release(self, shared: Shared, now: float) -> None:
        shared.release(self._account, self._owed, now)
        self._owed = 0

    def _close(self, shared: Shared, unused: int, now: float) -> None:
        self._owed += unused
        try:
            self._release(shared, now)
        finally:
            shared.close()
