"""Messages composed ahead, in a process of its own: templates are not trusted, and composing takes long."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from smtptui.batch.composer import ComposerError, ComposerProcess, FaultOf, UnsendableError
from smtptui.batch.model import Recipient
from smtptui.session import Prepared

STALE = 30.0
"""Seconds after which a message is composed again: its Date must be about when it is sent."""
_SPAN = 10.0
"""Seconds for which messages are composed ahead."""
_FEWEST = 128
_MOST = 4000
"""Messages that are ready or on order at most."""
_MOST_OCTETS = 48 * 1024 * 1024
"""Octets of messages that are ready at most, and of those on order, by what the last ones had."""
_PORTION = 32
"""Messages ordered at once."""
_FIRST_PORTION = 2
"""Messages of the first order, when nobody knows how large they are."""
_ORDERS = 3
"""Portions on order at a time, so that the other process never waits for this one."""


@dataclass(frozen=True, slots=True)
class _Ready:
    prepared: Prepared | None
    """None where there is none: ``fault`` says why."""
    fault: str
    made: float


class ComposerClient:
    """Orders messages for those in the queue, and keeps them until they are taken.

    ``process`` composes them; its template is open. If it ends unexpectedly it is started again, and if it does so
    again before it has composed anything, or if the template takes more than it may, ``trouble`` says why there are no
    more messages. ``wanted`` tells whether a recipient's message is still to be taken, ``rate`` how many are taken in a
    second, ``arrived`` is called when there are more; ``now`` is in seconds.
    """

    def __init__(
        self,
        process: ComposerProcess,
        *,
        wanted: Callable[[int], bool],
        rate: Callable[[], float],
        arrived: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self.trouble: ComposerError | None = None
        """Why there are no more messages."""
        self._process = process
        self._wanted, self._rate, self._arrived, self._now = wanted, rate, arrived, now
        self._urgent: deque[Recipient] = deque()
        """Those who are to be sent to now."""
        self._offered: deque[Recipient] = deque()
        self._ordered: deque[list[Recipient]] = deque()
        self._on_order: set[int] = set()
        self._ready: dict[int, _Ready] = {}
        self._octets = 0
        self._each = 0
        """Octets that a message had lately."""
        self._more = asyncio.Event()

    @property
    def behind(self) -> bool:
        """Whether to wait a moment: there is no message, and some are about to come."""
        return bool(self._on_order or self._urgent) and not self._ready

    def offer(self, rows: Iterable[Recipient]) -> None:
        """Recipients whose messages will be taken."""
        self._offered.extend(rows)
        self._more.set()

    def urge(self, row: Recipient) -> None:
        """Have a message composed before all others, unless it is on its way."""
        if row.seq not in self._on_order and all(each.seq != row.seq for each in self._urgent):
            self._urgent.append(row)
            self._more.set()

    def take(self, seq: int) -> Prepared | None:
        """The message of a recipient if it is ready; raises :class:`UnsendableError` if there can be none."""
        ready = self._ready.pop(seq, None)
        if ready is None:
            return None
        self._octets -= _octets(ready)
        # With its order gone or its place free, more can be ordered.
        self._more.set()
        if self._now() - ready.made > STALE:
            return None
        if ready.prepared is None:
            raise UnsendableError(ready.fault)
        return ready.prepared

    async def keep(self) -> None:
        """Have messages composed until cancelled, or until there is trouble."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, "composer")
        fresh = False
        try:
            while True:
                if not (self._order() or self._ordered):
                    self._more.clear()
                    await self._more.wait()
                    continue
                rows = self._ordered[0]
                try:
                    messages = await loop.run_in_executor(thread, self._process.letters, rows)
                except ComposerError as error:
                    if error.fault is not FaultOf.PROCESS or fresh:
                        raise
                    fresh = True
                    self._forget()
                    await loop.run_in_executor(thread, self._process.restart)
                else:
                    fresh = False
                    self._receive(rows, messages)
        except ComposerError as error:
            self.trouble = error
            self._arrived()
        finally:
            # A thread cannot be cancelled; it ends with the process that it waits for.
            self._process.kill()
            thread.shutdown()

    def _order(self) -> bool:
        """Order what can be ordered; whether there was something."""
        found = False
        while len(self._ordered) < _ORDERS and (portion := self._next_portion()):
            self._process.order(portion)
            self._ordered.append(portion)
            self._on_order.update(row.seq for row in portion)
            found = True
        return found

    def _forget(self) -> None:
        """What was ordered has to be ordered again."""
        rows = [row for portion in self._ordered for row in portion]
        self._ordered.clear()
        self._on_order.clear()
        self._offered.extendleft(reversed(rows))

    def _next_portion(self) -> list[Recipient]:
        """Whose messages to order next; nobody if enough are ready."""
        now = self._now()
        while self._ready:
            # In the order in which they came: if one is young enough, all that follow are.
            oldest = next(iter(self._ready))
            if now - self._ready[oldest].made <= STALE:
                break
            self._octets -= _octets(self._ready.pop(oldest))
        most = _FIRST_PORTION
        if self._each:
            most = max(1, min(_PORTION, _MOST_OCTETS // self._each // _ORDERS))
        elif self._ordered:
            return []
        portion = self._of(self._urgent, most)
        ahead = min(_MOST, max(_FEWEST, int(self._rate() * _SPAN)))
        if len(self._ready) + len(self._on_order) < ahead and self._octets < _MOST_OCTETS:
            portion += self._of(self._offered, most - len(portion))
        return portion

    def _of(self, rows: "deque[Recipient]", most: int) -> list[Recipient]:
        found: list[Recipient] = []
        while rows and len(found) < most:
            row = rows.popleft()
            if self._wanted(row.seq) and row.seq not in self._on_order and row.seq not in self._ready:
                found.append(row)
        return found

    def _receive(self, rows: Sequence[Recipient], messages: Sequence[Prepared | str]) -> None:
        self._ordered.popleft()
        now = self._now()
        for row, message in zip(rows, messages, strict=True):
            self._on_order.discard(row.seq)
            if not self._wanted(row.seq):
                continue
            ready = _Ready(None, message, now) if isinstance(message, str) else _Ready(message, "", now)
            self._ready[row.seq] = ready
            self._octets += _octets(ready)
        self._each = max(
            1, max((len(message.content) for message in messages if not isinstance(message, str)), default=1)
        )
        self._arrived()


def _octets(ready: _Ready) -> int:
    return len(ready.prepared.content) if ready.prepared is not None else 0
