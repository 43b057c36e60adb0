"""Tells the shared file whom a run has sent to, as outcomes become durable, so that other batches can know of it."""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from smtptui.batch.journal import JournalError, Shared
from smtptui.batch.running.delivery_queue import DeliveryQueue

_EVERY = 0.5
"""Seconds between two portions."""


class AcceptanceLog:
    """Appends acceptances to the shared file, a portion at a time and in a thread; nothing waits for it.

    While the batch is sent the file says that it lags behind. What a crash or a full disk keeps from it is taken over
    from the journal by whoever looks next, see :func:`smtptui.batch.operations.repeats.catch_up`.
    """

    def __init__(self, path: Path, batch: str, created: float, message: str) -> None:
        self._path, self._batch, self._created, self._message = path, batch, created, message
        self._thread = ThreadPoolExecutor(1, "acceptances")
        self._shared: Shared | None = None
        self._mailing = 0
        self._whole = True

    async def begin(self) -> None:
        """Before the first message: raises :class:`JournalError`, since a lag that is not known is never made good."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    def _open(self) -> None:
        self._shared = Shared(self._path)
        self._mailing = self._shared.acceptances.begin(self._batch, self._created, self._message)
        # That it lags is durable by now.
        self._shared.relax()

    async def keep(self, queue: DeliveryQueue) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(_EVERY)
            await self._flush(queue)

    async def end(self, queue: DeliveryQueue, *, whole: bool) -> None:
        """The last portion; ``whole`` is whether the journal had no trouble."""
        await self._flush(queue)
        if whole:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._mark_whole)

    async def close(self) -> None:
        """Let go of the file."""
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, self._close))
        self._thread.shutdown()

    async def _flush(self, queue: DeliveryQueue) -> None:
        portion = queue.accepted
        if portion:
            queue.accepted = []
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, self._write, portion))

    def _write(self, portion: list[tuple[str, bool, float]]) -> None:
        if self._shared is None or not self._whole:
            return
        try:
            for unsure in (False, True):
                found = [(key, at) for key, doubted, at in portion if doubted is unsure]
                if found:
                    at = max(at for _, at in found)
                    self._shared.acceptances.add(self._mailing, [key for key, _ in found], at, unsure=unsure)
        except JournalError:
            # The journal has them: no reason to stop sending.
            self._whole = False

    def _mark_whole(self) -> None:
        if self._shared is not None and self._whole:
            with contextlib.suppress(JournalError):
                self._shared.acceptances.end(self._batch)

    def _close(self) -> None:
        if self._shared is not None:
            self._shared.close()
