"""The feeder reads from the journal who is due, a portion at a time and in a thread, and lays them on the desk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from smtptui.batch.journal import Journal
from smtptui.batch.model import Recipient
from smtptui.batch.running.desk import Desk

PORTION = 1000
"""Recipients read at a time."""
MOST = 50_000
"""Recipients on the desk at most, with those whose destination is held."""
_LOOK = 1.0
"""Seconds between two looks where nothing is due."""


@dataclass(frozen=True, slots=True)
class Due:
    """What one look into the journal found."""

    rows: list[Recipient]
    next_at: float | None
    """When the next one is due that is not among them; None if there is nobody left. Seconds since the epoch."""


class Feeder:
    """Keeps the desk supplied. ``journal`` is opened and used in ``thread`` alone."""

    def __init__(self, journal: Journal, thread: Executor, desk: Desk) -> None:
        self._journal = journal
        self._thread = thread
        self._desk = desk
        self._after = 0
        self.next_at: float | None = 0.0
        """When the next recipient is due, None if nobody is left; known only while the desk is empty, 0 before."""

    async def feed(self) -> None:
        """Go on until the desk is closed."""
        desk = self._desk
        while not (desk.closing or desk.trouble):
            now, empty = desk.now(), not desk.waiting
            if desk.held or desk.pacer.room(now) <= 0 or desk.waiting >= MOST:
                await desk.change(_LOOK)
                continue
            held = desk.pacer.held_destinations(now)
            due = await self._read(lambda now=now, held=held: self._look(now, held))  # type: ignore[misc]
            new = desk.offer(due.rows)
            if new:
                self.next_at = 0.0
            self._after = due.rows[-1].seq if len(due.rows) == PORTION else 0
            if len(due.rows) < PORTION and not new:
                # All who are due are on the desk already.
                self.next_at = due.next_at if empty and not desk.waiting else 0.0
                await desk.change(_LOOK)

    def _look(self, now: float, held: frozenset[str]) -> Due:
        rows = self._journal.due(now, limit=PORTION, after=self._after, exclude_destinations=held)
        return Due(rows, self._journal.next_due(now) if len(rows) < PORTION else now)

    async def _read(self, look: Callable[[], Due]) -> Due:
        return await asyncio.get_running_loop().run_in_executor(self._thread, look)
