"""The feeder reads from the journal who is due, a portion at a time and in a thread, and puts them into the queue."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal import Journal, Shared
from smtptui.batch.model import Recipient, RecipientState
from smtptui.batch.running.delivery_queue import DeliveryQueue

PORTION = 1000
"""Recipients read at a time."""
MOST = 50_000
"""Recipients in the queue at most, with those whose destination is held."""
_LOOK = 1.0
"""Seconds between two looks where nothing is due."""
_ROOM = 0.05
"""Seconds between two looks at a full queue: so much must lie there at least that no lane runs dry meanwhile."""
_AGAIN = 2.0
"""Seconds between two looks whether somebody in the queue was suppressed: at a slow pace they lie there for hours."""


@dataclass(frozen=True, slots=True)
class _Due:
    rows: list[Recipient]
    next_at: float | None
    suppressed: set[str]
    """Keys of those who are not to be sent to any more."""


class Feeder:
    """Keeps the queue supplied. ``journal`` is opened and used in ``thread`` alone, as is the file at ``shared``."""

    def __init__(self, journal: Journal, shared: Path, thread: Executor, queue: DeliveryQueue) -> None:
        self._journal = journal
        self._shared = shared
        self._thread = thread
        self._queue = queue
        self._after = 0
        self._looked = queue.now()
        self.nothing_until: float | None = None
        """While the queue is empty and nobody is due: when the next one is. None otherwise."""

    async def feed(self) -> None:
        """Go on until the queue is closed."""
        queue, loop = self._queue, asyncio.get_running_loop()
        while not (queue.closing or queue.trouble):
            if queue.now() - self._looked >= _AGAIN:
                await self._look_again()
            now, empty = queue.now(), not queue.waiting
            if queue.held or queue.waiting >= MOST or queue.pacer.room(now) <= 0:
                await queue.change(_LOOK if queue.held else _ROOM)
                continue
            held = queue.pacer.held_destinations(now)
            # Taken down before the journal is looked at: who is pending there and not among these was never here.
            # A look at who is here while reading would miss those who are sent to and gone in between.
            here = frozenset(queue.numbers | queue.aside)
            due = await loop.run_in_executor(self._thread, self._look, now, held, here)
            for row in due.rows:
                if row.key in due.suppressed:
                    queue.suppress(row)
            new = queue.offer(due.rows)
            self._after = _last_pending(due.rows) if len(due.rows) == PORTION else 0
            if new:
                self.nothing_until = None
            elif len(due.rows) < PORTION:
                self.nothing_until = due.next_at if empty and not queue.waiting and not held else None
                await queue.change(_LOOK)

    def _look(self, now: float, held: frozenset[str], here: frozenset[int]) -> _Due:
        rows = self._journal.due(now, limit=PORTION, after=self._after, exclude_destinations=held, leased=here)
        return _Due(rows, self._journal.next_due() if not rows else None, self._suppressed(rows))

    async def _look_again(self) -> None:
        """Somebody may be suppressed while the batch is on its way."""
        rows = self._queue.rows
        suppressed = await asyncio.get_running_loop().run_in_executor(self._thread, self._suppressed, rows)
        for row in rows:
            if row.key in suppressed:
                self._queue.pass_over(row.seq)
        self._looked = self._queue.now()

    def _suppressed(self, rows: list[Recipient]) -> set[str]:
        if not rows or not self._shared.exists():
            return set()
        with Shared(self._shared) as shared:
            return shared.suppressed([row.key for row in rows])


def _last_pending(rows: list[Recipient]) -> int:
    return max((row.seq for row in rows if row.state is RecipientState.PENDING), default=0)
