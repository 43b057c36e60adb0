"""Letters composed ahead, in a process of its own: composing takes longer than sending, and Python has one lock."""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from smtptui.batch.model import Recipient
from smtptui.batch.pacing import Limits
from smtptui.batch.running.letter import UnsendableError
from smtptui.batch.running.portions import HEAD, framed, ordered, read_portion, size_of, unpacked
from smtptui.config import child_environment
from smtptui.session import Prepared

STALE = 30.0
"""Seconds after which a letter is composed anew: its Date must be about when it is sent."""
_SPAN = 10.0
"""Seconds for which letters are composed ahead."""
_FEWEST = 128
_MOST = 4000
"""Letters that are ready or on order at most."""
_MOST_OCTETS = 48 * 1024 * 1024
_PORTION = 32
"""Letters ordered at once."""
_ORDERS = 3
"""Portions on order at a time, so that the other process never waits for this one."""
_PATIENCE = 2.0
"""Seconds without a letter after which nobody waits for the other process any more. Before the first letter nobody
does."""
_BUFFER = 1024 * 1024
_MANY = 2000
"""Recipients from which on it is worth to start another process."""
_FAST = 100.0
"""Messages a second up to which one process has time enough."""


def worth_it(recipients: int, limits: Limits) -> bool:
    """Whether so many recipients are sent to so fast that another process is of use."""
    caps = ((limits.per_second, 1.0), (limits.per_minute, 60.0), (limits.per_hour, 3600.0))
    fast = all(cap is None or cap / window >= _FAST for cap, window in caps)
    return fast and recipients >= _MANY and (os.cpu_count() or 1) > 1


@dataclass(frozen=True, slots=True)
class _Ready:
    prepared: Prepared | None
    """None where there is none: ``fault`` says why."""
    fault: str
    made: float


class Ahead:
    """Orders letters of those who lie on the desk, and keeps them until they are taken.

    ``command`` starts a process that answers by :func:`smtptui.batch.running.portions.serve`; it ends when this one
    does, however that ends. Whatever goes wrong with it, letters are composed here as if there had been none.
    ``wanted`` tells whether a recipient's letter is still to be taken, ``rate`` how many are taken in a second,
    ``arrived`` is called when there are more; ``now`` is in seconds.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        wanted: Callable[[int], bool],
        rate: Callable[[], float],
        arrived: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self._command = command
        self._wanted, self._rate, self._arrived, self._now = wanted, rate, arrived, now
        self._offered: deque[Recipient] = deque()
        self._ordered: deque[int] = deque()
        """How many letters each order is for."""
        self._on_order = 0
        self._ready: dict[int, _Ready] = {}
        self._octets = 0
        self._patient_until = 0.0
        self._over = False
        self._more = asyncio.Event()

    @property
    def behind(self) -> bool:
        """Whether to wait a moment: there is no letter, and some are about to come."""
        return self._on_order > 0 and not self._ready and self._now() < self._patient_until

    def offer(self, rows: Iterable[Recipient]) -> None:
        """Recipients whose letters will be taken."""
        if self._over:
            return
        self._offered.extend(rows)
        self._more.set()

    def take(self, seq: int) -> Prepared | None:
        """The letter of a recipient if it is ready; raises :class:`UnsendableError` where there can be none."""
        ready = self._ready.pop(seq, None)
        if ready is None:
            return None
        self._octets -= _octets(ready)
        if self._on_order == 0:
            self._more.set()
        if self._now() - ready.made > STALE:
            return None
        if ready.prepared is None:
            raise UnsendableError(ready.fault)
        return ready.prepared

    async def keep(self) -> None:
        """Have letters composed until cancelled, or for as long as that goes well."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                # A Ctrl-C on the terminal is for this process; that one has its end from here.
                start_new_session=True,
                env=child_environment(os.environ),
                limit=_BUFFER,
            )
        except OSError:
            self._give_up()
            return
        assert process.stdin is not None, "it was asked for"
        assert process.stdout is not None, "it was asked for"
        try:
            await self._order_and_receive(process.stdin, process.stdout)
        except (asyncio.IncompleteReadError, ConnectionError, EOFError, ValueError, TypeError):
            # It has ended, or speaks another language: what is ready is still good.
            pass
        finally:
            self._give_up()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _order_and_receive(self, orders: asyncio.StreamWriter, letters: asyncio.StreamReader) -> None:
        while True:
            while len(self._ordered) < _ORDERS and (portion := self._next_portion()):
                self._ordered.append(len(portion))
                self._on_order += len(portion)
                orders.write(framed([ordered(row) for row in portion]))
                await orders.drain()
            if not self._ordered:
                self._more.clear()
                await self._more.wait()
                continue
            size = size_of(await letters.readexactly(HEAD))
            self._receive(read_portion(await letters.readexactly(size)))

    def _give_up(self) -> None:
        """Nothing more comes."""
        self._over = True
        self._offered.clear()
        self._ordered.clear()
        self._on_order = 0
        self._arrived()

    def _next_portion(self) -> list[Recipient]:
        """Whose letters to order next; nobody where enough are ready."""
        now = self._now()
        while self._ready:
            # In the order in which they came: where one is young enough, all that follow are.
            oldest = next(iter(self._ready))
            if now - self._ready[oldest].made <= STALE:
                break
            self._octets -= _octets(self._ready.pop(oldest))
        ahead = min(_MOST, max(_FEWEST, int(self._rate() * _SPAN)))
        if len(self._ready) + self._on_order >= ahead or self._octets >= _MOST_OCTETS:
            return []
        portion: list[Recipient] = []
        while self._offered and len(portion) < _PORTION:
            row = self._offered.popleft()
            if self._wanted(row.seq):
                portion.append(row)
        return portion

    def _receive(self, letters: Sequence[Any]) -> None:
        count = self._ordered.popleft()
        if len(letters) != count:
            raise ValueError("not what was ordered")
        self._on_order -= count
        now = self._now()
        self._patient_until = now + _PATIENCE
        for seq, letter in letters:
            if letter is None or not self._wanted(seq):
                continue
            ready = _Ready(None, letter, now) if isinstance(letter, str) else _Ready(unpacked(letter), "", now)
            self._ready[seq] = ready
            self._octets += _octets(ready)
        self._arrived()


def _octets(ready: _Ready) -> int:
    return len(ready.prepared.content) if ready.prepared is not None else 0
