"""One lane of a batch: it connects, takes messages from the queue while there are any, and says goodbye."""

from collections import deque
from collections.abc import Awaitable
from dataclasses import replace

from smtptui.batch.model import Attempted
from smtptui.batch.running.attempt_log import Words, host_of, timings_of, transcript_of
from smtptui.batch.running.delivery_queue import DeliveryQueue
from smtptui.batch.running.queued_message import QueuedMessage
from smtptui.protocol import Stage
from smtptui.session import Delivery, LaneSettings, OpenLane, Prepared, Source, contradicts, open_lane
from smtptui.transcript import Verdict

IDLE = 5.0
"""Seconds a connection is kept without anything to send."""


class QueueSource(Source):
    """What one lane sends: messages from the queue, up to so many."""

    def __init__(self, queue: DeliveryQueue, most: int | None) -> None:
        super().__init__(())
        self.messages: deque[QueuedMessage] = deque()
        """Taken and not decided, in the order they are sent in."""
        self.surplus = False
        """Whether there are more lanes than there may be: this one is to end."""
        self._queue = queue
        self._left = most

    def at_most(self, most: int | None) -> None:
        """No more than the server takes in a session (RFC 9422 section 3.1.1)."""
        if most is not None:
            self._left = most if self._left is None else min(self._left, most)

    def ready(self) -> Prepared | None:
        if self.surplus or self._left == 0:
            return None
        message = self._queue.take()
        if message is None:
            return None
        if self._left is not None:
            self._left -= 1
        self.messages.append(message)
        return message.prepared

    async def next(self) -> Prepared | None:
        deadline = self._queue.now() + IDLE
        while not (self._queue.closing or self._queue.trouble or self.surplus or self._left == 0):
            prepared = self.ready()
            if prepared is not None:
                return prepared
            left = deadline - self._queue.now()
            if left <= 0:
                return None
            await self._queue.change(min(left, self._queue.idle_until() + 0.001))
        return None


class LaneWork:
    """The life of one connection."""

    def __init__(self, queue: DeliveryQueue, settings: LaneSettings, *, most: int | None, keep: bool) -> None:
        self._queue = queue
        self._source = QueueSource(queue, most)
        self._settings = replace(settings, before_body=self._before_body)
        self._keep = keep
        self._open: OpenLane | None = None

    @property
    def opened(self) -> bool:
        """Whether it has a connection."""
        return self._open is not None

    def end(self) -> None:
        """Finish what has begun and take nothing more."""
        self._source.surplus = True
        self._queue.wake()

    def drop(self) -> None:
        """Drop the connection now; what was on its way is decided by what is known."""
        if self._open is not None:
            self._open.lane.client.wire.abort()

    async def work(self) -> None:
        """Connect and send; raises :class:`LaneError` where no lane could be opened."""
        opened = self._open = await open_lane(self._settings)
        self._queue.opened()
        self._source.at_most(opened.talk.capabilities.limit("MAILMAX"))
        host = host_of(opened.server)
        messages = self._source.messages
        try:
            last: tuple[QueuedMessage, Attempted, Verdict] | None = None
            async for delivery in opened.lane.deliver(self._source):
                message = messages.popleft()
                decided = self._queue.delivered(message, delivery, self._words(opened, delivery, host))
                outcome = delivery.recipients[0]
                # Whoever was refused before the dot has no message, whatever is said later.
                if decided is None or outcome.stage is not Stage.DOT:
                    last = None
                else:
                    last = (message, decided, outcome.verdict)
            goodbye = await opened.leave()
            if goodbye is not None and last is not None:
                message, decided, verdict = last
                if contradicts(goodbye, [verdict]):
                    self._queue.contradicted(message, decided, goodbye)
        finally:
            # Only where something went wrong that nobody foresaw: a connection that was left is closed already. Letters
            # that are left then are nobody's to send again: their dots may have gone out, and the journal says so.
            await opened.abort()

    def _words(self, opened: OpenLane, delivery: Delivery, host: str) -> Words:
        good = delivery.failure is None
        return Words(
            host=host,
            transcript="" if good and not self._keep else transcript_of(opened, delivery),
            timings=timings_of(delivery) if good else "",
        )

    def _before_body(self, prepared: Prepared) -> Awaitable[None]:
        message = self._source.messages[0]
        assert message.prepared is prepared
        return self._queue.before_body(message)
