"""The queue between journal and lanes: messages are taken here, and what became of them is brought back."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, KeysView
from dataclasses import dataclass, replace

from smtptui.batch.composer import UnsendableError
from smtptui.batch.journal import FailedOpening, JournalError, Writer
from smtptui.batch.model import MAY_HAVE, OPEN, Attempted, Inflight, Recipient, RecipientState, Tally
from smtptui.batch.pacing import Action, Pacer
from smtptui.batch.running.attempt_log import Words
from smtptui.batch.running.composer_client import ComposerClient
from smtptui.batch.running.disposition import DispositionRules
from smtptui.batch.running.queued_message import Compose, QueuedMessage
from smtptui.protocol import FailureKind, Reply, Stage
from smtptui.session import Delivery, Prepared
from smtptui.transcript import SessionError

_BEHIND = 0.05
"""Seconds after which to look whether messages have come, though nobody said so."""
_RATE_OVER = 10.0
"""Seconds over which the rate is taken."""


class DeliveryQueue:
    """Who is to be sent to next, and who is on the way. Used in the event loop only; ``now`` is the runner's clock."""

    def __init__(
        self,
        pacer: Pacer,
        compose: Compose | None,
        writer: Writer,
        rules: DispositionRules,
        tally: Tally,
        *,
        now: Callable[[], float],
    ) -> None:
        self.pacer = pacer
        self.now = now
        self.closing = False
        """Nothing more is to be taken, for good."""
        self.held = False
        """Nothing more is to be taken for now."""
        self.unopened = False
        """Whether the last connection that was tried could not be opened."""
        self.day_left: int | None = None
        """How many may still go in this day by the cap, when that was looked at last."""
        self.last_rate = 0.0
        """The rate when something was sent last."""
        self.trouble: JournalError | None = None
        """Why the journal can no longer be written."""
        self.counts = {state: tally[state] for state in RecipientState}
        """How many recipients are in each state, with all that is decided and on its way to the disk."""
        self.taken: dict[int, QueuedMessage] = {}
        """Messages that lanes hold."""
        self.ahead: ComposerClient | None = None
        """Where messages are composed before they are taken; None if ``compose`` makes them when they are."""
        self._awaited: int | None = None
        """Whose turn it is, and whose message is still to come."""
        self.accepted: list[tuple[str, bool, float]] = []
        """Who has, or may have, a message that is durable in the journal: key, whether that is uncertain, and when."""
        self._compose = compose
        self._writer = writer
        self._rules = rules
        self._rows: dict[int, Recipient] = {}
        self.aside: set[int] = set()
        """Those whose message was refused while nothing is known of them: pending, and not tried again in this run."""
        self.aside_because = ""
        self._unwanted: set[int] = set()
        """Those who are to be passed over when it is their turn."""
        self._changed = asyncio.Event()
        self._ended: deque[tuple[float, int]] = deque()

    # Towards the journal.

    def offer(self, rows: Iterable[Recipient]) -> int:
        """Recipients that are due; those that are here already are passed over. Returns how many were new."""
        new = [row for row in rows if row.seq not in self._rows]
        for row in new:
            self._rows[row.seq] = row
            self.pacer.offer(row.seq, row.destination)
        if new:
            if self.ahead is not None:
                self.ahead.offer(new)
            self.wake()
        return len(new)

    def suppress(self, row: Recipient) -> None:
        """Somebody who is not to be sent to any more; to be said before the row is offered."""
        if row.seq not in self._rows:
            self._rows[row.seq] = row
            self._suppressed(row)

    def pass_over(self, seq: int) -> None:
        """Somebody who was offered is not to be sent to any more; too late where it is decided already."""
        if seq in self._rows:
            self._unwanted.add(seq)

    def _suppressed(self, row: Recipient) -> None:
        now = self.now()
        self._record(row, Attempted(row.seq, RecipientState.SUPPRESSED, now, now, reason="suppressed", counts=False))

    @property
    def numbers(self) -> KeysView[int]:
        """The numbers of those who are here: until what became of them is durable."""
        return self._rows.keys()

    @property
    def rows(self) -> list[Recipient]:
        """Those who are here and that no lane holds, as of now."""
        return [row for seq, row in self._rows.items() if seq not in self.taken]

    @property
    def waiting(self) -> int:
        """Recipients that are here and not decided."""
        return len(self._rows)

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self, timeout: float) -> None:
        """Wait until something has changed, or for so many seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        except TimeoutError:
            pass

    # Towards the lanes.

    def take(self) -> QueuedMessage | None:
        """The next message that may go now, or None."""
        ahead = self.ahead
        while not (self.closing or self.held or self.trouble or (ahead is not None and ahead.behind)):
            now = self.now()
            seq = self.pacer.take(now) if self._awaited is None else self._awaited
            self._awaited = None
            if seq is None:
                return None
            row = self._rows[seq]
            if seq in self._unwanted:
                self.pacer.give_back(seq, row.destination, requeue=False)
                self._suppressed(row)
                continue
            try:
                prepared = self._composed(row)
            except UnsendableError as error:
                self.pacer.give_back(seq, row.destination, requeue=False)
                self._record(
                    row, Attempted(seq, RecipientState.FAILED, now, now, reply=str(error), reason="cannot be built")
                )
                continue
            if prepared is None:
                self._awaited = seq
                return None
            message = self.taken[seq] = QueuedMessage(row, prepared, now)
            return message
        return None

    def _composed(self, row: Recipient) -> Prepared | None:
        """The message of somebody whose turn it is; None if it is still to come."""
        if self.ahead is None:
            assert self._compose is not None, "either composes"
            return self._compose(row)
        prepared = self.ahead.take(row.seq)
        if prepared is None:
            self.ahead.urge(row)
        return prepared

    def close(self) -> None:
        """Nothing more is to be taken, for good."""
        self.closing = True
        if self._awaited is not None:
            self.pacer.give_back(self._awaited, self._rows[self._awaited].destination)
            self._awaited = None
        self.wake()

    def untaken(self, seq: int) -> bool:
        """Whether somebody is here whom no lane has taken."""
        return seq in self._rows and seq not in self.taken

    def idle_until(self) -> float:
        """Seconds until it is worth asking again, if nothing happens before."""
        if self.closing or self.held:
            return 60.0
        if self.ahead is not None and (self.ahead.behind or self._awaited is not None):
            return _BEHIND
        at = self.pacer.next_at(self.now())
        return 60.0 if at is None else min(60.0, max(0.0, at - self.now()))

    def give_back(self, message: QueuedMessage) -> None:
        """A message of which nothing was said."""
        row = message.recipient
        del self.taken[row.seq]
        self.pacer.give_back(row.seq, row.destination)
        self.wake()

    def before_body(self, message: QueuedMessage) -> Awaitable[None]:
        """To be awaited before anything of the message is written: then it is durable that it may have gone."""
        return _Permit(self._writer.post(Inflight(message.recipient.seq, self.now())))

    def delivered(self, message: QueuedMessage, delivery: Delivery, words: Words) -> Attempted | None:
        """What became of a message; returns what is recorded of it, None if it is given back."""
        now = self.now()
        row = message.recipient
        message.words = words
        disposition = self._rules.delivered(message, delivery, now=now)
        attempted, follows = disposition.attempted, disposition.consequence
        if attempted is None:
            self.give_back(message)
            self.pacer.connection_lost(follows, now)
            return None
        del self.taken[row.seq]
        if follows is not None and (follows.action is Action.ASIDE or not follows.understood):
            self.aside.add(row.seq)
            self.aside_because = follows.reason
        self.pacer.finished(row.destination, attempted.state, follows, now)
        self._record(row, attempted)
        if self.counts[RecipientState.PENDING] <= len(self.aside):
            self.pacer.go_on()
        if attempted.counts:
            self._count(now)
        return attempted

    def opened(self) -> None:
        """A connection has been opened."""
        self.unopened = False
        self.pacer.connection_opened(self.now())
        self.wake()

    def not_opened(self, opening: FailedOpening) -> None:
        """A connection could not be opened; it is kept for whoever asks why nothing is sent."""
        self.unopened = True
        self._writer.post(opening).add_done_callback(self.written)

    def contradicted(self, message: QueuedMessage, decided: Attempted, goodbye: Reply) -> None:
        """QUIT was answered by the opposite of what the last message was answered: one of the two belongs to something
        else, and nobody can know which (RFC 5321 section 4.1.1.10)."""
        now, row = self.now(), message.recipient
        if decided.state is RecipientState.UNCERTAIN:
            return
        if decided.state in OPEN and row.seq not in self.aside and decided.next_at <= now:
            # It may be on its way again already.
            return
        self.aside.discard(row.seq)
        said = f"After the reply to the message came {goodbye}, which contradicts it. The outcome is unknown."
        uncertain = Attempted(
            row.seq, RecipientState.UNCERTAIN, now, now, Stage.QUIT, goodbye.code, reply=said, counts=False
        )
        self._record(replace(row, state=decided.state), uncertain)

    def _record(self, row: Recipient, attempted: Attempted) -> None:
        self.counts[row.state] -= 1
        self.counts[attempted.state] += 1
        self._writer.post(attempted).add_done_callback(lambda done: self._durable(row, attempted, done))

    def _durable(self, row: Recipient, attempted: Attempted, done: "asyncio.Future[None]") -> None:
        if self.written(done):
            self._rows.pop(row.seq, None)
            self._unwanted.discard(row.seq)
            if attempted.state in MAY_HAVE:
                self.accepted.append((row.key, attempted.state is RecipientState.UNCERTAIN, attempted.ended))
            if not self._rows:
                self.wake()

    def written(self, done: "asyncio.Future[None]") -> bool:
        """Whether the journal took something; where it did not, nothing more is sent."""
        if done.cancelled():
            return False
        error = done.exception()
        if error is None:
            return True
        if not isinstance(error, JournalError):
            raise error
        if self.trouble is None:
            self.trouble = error
            self.wake()
        return False

    # Towards whoever watches.

    def _count(self, now: float) -> None:
        """One more has come to an end."""
        if not self._ended or now - self._ended[-1][0] >= 1.0:
            self._ended.append((now, 1))
        else:
            at, count = self._ended[-1]
            self._ended[-1] = (at, count + 1)

    def rate(self) -> float:
        """Messages a second, lately."""
        now = self.now()
        while self._ended and now - self._ended[0][0] > _RATE_OVER:
            self._ended.popleft()
        if not self._ended:
            return 0.0
        self.last_rate = sum(count for _, count in self._ended) / max(1.0, now - self._ended[0][0])
        return self.last_rate

    @property
    def tally(self) -> Tally:
        """The states as they are known here."""
        return Tally(dict(self.counts))


@dataclass(frozen=True, slots=True)
class _Permit:
    """Granted once it is durable. No coroutine: where something fails meanwhile, nobody comes to await it."""

    durable: "asyncio.Future[None]"

    def __await__(self) -> Generator[object, None, None]:
        try:
            yield from self.durable.__await__()
        except JournalError as error:
            raise SessionError(Stage.DATA, FailureKind.LOCAL, str(error)) from error
