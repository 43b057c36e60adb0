"""Runs a batch: opens and closes lanes, keeps the queue supplied, beats, obeys, and stops cleanly."""

import asyncio
import contextlib
import functools
import os
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Self

from smtptui.batch.composer import ComposerProcess
from smtptui.batch.journal import (
    Answered,
    BatchFacts,
    Heartbeat,
    Journal,
    JournalError,
    PaceMemory,
    Request,
    RunnerLock,
    StateChange,
    Writer,
)
from smtptui.batch.model import BatchState, EndKind, RecipientState, Tally
from smtptui.batch.pacing import STARTING, Action, Limits, Outlook, Pacer, Retries, consequence, moment, remaining
from smtptui.batch.running.acceptance_log import AcceptanceLog
from smtptui.batch.running.attempt_log import opening_of
from smtptui.batch.running.clock import Clock
from smtptui.batch.running.composer_client import ComposerClient
from smtptui.batch.running.counting import Counting
from smtptui.batch.running.daily_quota import DailyQuota
from smtptui.batch.running.delivery_queue import DeliveryQueue
from smtptui.batch.running.disposition import DispositionRules
from smtptui.batch.running.ending import (
    Ending,
    journal_trouble,
    jumped,
    no_letters,
    of_stop,
    retries_left,
    set_aside,
)
from smtptui.batch.running.feeder import Feeder
from smtptui.batch.running.lane import LaneWork
from smtptui.batch.running.queued_message import Compose
from smtptui.session import LaneError, LaneSettings

PAUSED_BY_HAND = "paused by you"
"""Why a batch is paused that a user has paused."""
GRACE = 30.0
"""Seconds that messages in flight have to be finished in when the batch is to stop."""
_BEAT = 1.0
_LANES = 0.1
"""Seconds between two looks at whether there are as many lanes as there may be."""
_SOON = 1.0
"""Seconds until there is something to send, for which it is worth to connect."""
_LONG = 60.0
"""Seconds of waiting from which on a run that is not to wait for retries ends instead."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a batch is run with. ``lane`` holds the secret; nothing else does."""

    path: Path
    lane: LaneSettings
    limits: Limits
    compose: Compose | ComposerProcess
    """Makes the messages: a function that is trusted, or the process in which the template is open."""
    account: str
    """Whose daily cap it is: one name for one login at one server."""
    shared: Path
    """Where the caps that span batches are kept."""
    message: str = ""
    """The hash of what makes the messages, see :func:`message_hash`: what another batch is known to repeat by."""
    wait: bool = True
    """Whether to wait for retries and pauses, or to end when all that can be done now is done."""
    keep_transcripts: bool = False


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How a run stands, once a second."""

    state: BatchState
    reason: str
    tally: Tally
    leased: int
    lanes: int
    rate: float
    eta_s: float | None
    limited_by: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended."""

    ending: Ending
    tally: Tally
    unopened: bool = False
    """Whether the last connection that was tried could not be opened."""

    @classmethod
    def over(cls, tally: Tally) -> Self:
        """Of a batch that was done before."""
        return cls(Ending(BatchState.DONE, "", EndKind.DONE), tally)


class BatchRun:
    """One run of a batch. ``report`` is called about once a second, in the event loop."""

    def __init__(
        self,
        request: RunRequest,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
        report: Callable[[RunProgress], None] | None = None,
        grace: float = GRACE,
        pid: int = 0,
        host: str = "",
    ) -> None:
        self._request = request
        self._pid, self._host = pid or os.getpid(), host or socket.gethostname()
        self._clock = clock or Clock()
        self._random = random or Random()  # noqa: S311 - jitter, no secret
        self._report = report
        self._grace = grace
        self._ending: Ending | None = None
        self._ended = asyncio.Event()
        self._due: tuple[float, float] | None = None
        """When the first and the last of the deferred are due, as of the last look."""
        self._lanes: dict[LaneWork, asyncio.Task[None]] = {}

    # From outside.

    def stop(self, reason: str) -> None:
        """Finish what is on its way and stop; what is not finished in time is uncertain."""
        self._end(Ending(BatchState.PAUSED, reason, EndKind.INTERRUPTED))

    def abort(self) -> None:
        """Stop at once: connections are dropped, and what was on its way is uncertain."""
        self.stop("stopped at once")
        self._grace = 0.0
        for lane in self._lanes:
            lane.drop()

    # The run.

    async def run(self) -> RunResult:
        """Run to an end; raises :class:`JournalError` where it cannot begin."""
        request = self._request
        lock = RunnerLock(request.path, pid=self._pid, host=self._host)
        # Before the lock: who finds it taken may ask this runner for something, also while it starts.
        began = self._clock.now()
        with lock, ThreadPoolExecutor(1, "journal") as thread:
            loop = asyncio.get_running_loop()
            journal = await loop.run_in_executor(thread, self._open)
            try:
                tally, facts = await loop.run_in_executor(thread, self._begin, journal, began)
                log = AcceptanceLog(request.shared, request.path.stem, facts.created, request.message)
                writer = Writer(request.path, loop=loop, shared=request.shared)
                writer.start()
                try:
                    await log.begin()
                    return await self._run(journal, thread, writer, tally, log)
                finally:
                    await writer.close()
                    await log.close()
            finally:
                await loop.run_in_executor(thread, journal.close)

    def _open(self) -> Journal:
        return Journal.open(self._request.path, shared=self._request.shared)

    def _begin(self, journal: Journal, began: float) -> tuple[Tally, BatchFacts]:
        now = self._clock.now()
        journal.check_whole(content=True)
        journal.recover(now)
        journal.forget_asked(began)
        journal.set_state(BatchState.RUNNING, now=now)
        return journal.tally(), journal.facts()

    async def _run(
        self, journal: Journal, thread: ThreadPoolExecutor, writer: Writer, tally: Tally, log: AcceptanceLog
    ) -> RunResult:
        limits = self._request.limits
        now = self._clock.now
        loop = asyncio.get_running_loop()
        memory = await loop.run_in_executor(thread, journal.pace_memory)
        pacer = Pacer(limits, random=self._random, now=now(), memory=memory)
        rules = DispositionRules(Retries(limits), self._random)
        compose = self._request.compose
        here = None if isinstance(compose, ComposerProcess) else compose
        queue = DeliveryQueue(pacer, here, writer, rules, tally, now=now)
        feeder = Feeder(journal, self._request.shared, thread, queue)
        async with asyncio.TaskGroup() as group:
            work: list[Callable[[], Coroutine[object, object, None]]] = [
                feeder.feed,
                functools.partial(self._keep_lanes, group, queue),
                functools.partial(self._beat, journal, thread, writer, queue, feeder),
                functools.partial(log.keep, queue),
            ]
            if isinstance(compose, ComposerProcess):
                queue.ahead = ComposerClient(
                    compose, wanted=queue.untaken, rate=queue.rate, arrived=queue.wake, now=now
                )
                work.append(queue.ahead.keep)
            if limits.per_day is not None:
                work.append(DailyQuota(self._request.shared, self._request.account, limits.per_day, queue).keep)
            else:
                work.append(Counting(self._request.shared, self._request.account, queue).keep)
            chores = [group.create_task(self._chore(each)) for each in work]
            await self._ended.wait()
            queue.close()
            await self._wind_down(queue)
            for chore in chores:
                chore.cancel()
        ending = self._ending
        assert ending is not None
        try:
            await writer.post(PaceMemory(pacer.memory()), StateChange(ending.state, now(), ending.reason))
        except JournalError as error:
            # What was wrong first says more.
            ending = ending if ending.kind is EndKind.JOURNAL else journal_trouble(error)
        # Behind the last of what was posted: what is durable is known by now.
        await log.end(queue, whole=ending.kind is not EndKind.JOURNAL)
        tally = queue.tally
        if ending.kind is EndKind.JOURNAL:
            # What was counted here may not have become durable, and only that is what the next run finds.
            with contextlib.suppress(JournalError):
                tally = await asyncio.get_running_loop().run_in_executor(thread, journal.tally)
        return RunResult(ending, tally, queue.unopened)

    async def _chore(self, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """Work that lasts as long as the run. Where the journal fails it, what is on its way is finished."""
        try:
            await work()
        except JournalError as error:
            self._end(journal_trouble(error))

    def _end(self, ending: Ending) -> None:
        """The first reason to end is the one that counts."""
        if self._ending is None:
            self._ending = ending
            self._ended.set()

    async def _wind_down(self, queue: DeliveryQueue) -> None:
        for lane, task in self._lanes.items():
            if not lane.opened:
                # Nothing was said to anybody yet.
                task.cancel()
        began = self._clock.now()
        while self._lanes and self._clock.now() - began < self._grace:
            await queue.change(0.1)
        while self._lanes:
            for lane in self._lanes:
                lane.drop()
            await queue.change(0.1)

    # Lanes.

    async def _keep_lanes(self, group: asyncio.TaskGroup, queue: DeliveryQueue) -> None:
        """As many lanes as the pace allows and there is work for."""
        limits = self._request.limits
        while not queue.closing:
            now = queue.now()
            most = queue.pacer.lanes(now) if not (queue.held or queue.pacer.stop or queue.trouble) else 0
            for lane in list(self._lanes)[most:]:
                lane.end()
            wanted = min(most, queue.waiting) if queue.idle_until() < _SOON else 0
            if not any(lane.opened for lane in self._lanes):
                # One goes first: a login that is refused must not be tried ten times over.
                wanted = min(wanted, 1)
            if len(self._lanes) < wanted:
                lane = LaneWork(
                    queue,
                    self._request.lane,
                    most=limits.messages_per_connection,
                    keep=self._request.keep_transcripts,
                )
                task = self._lanes[lane] = group.create_task(self._work(lane, queue))
                # Not at the end of the work: what is cancelled before it has begun comes to no end of its own.
                task.add_done_callback(functools.partial(self._gone, lane, queue))
                continue
            await queue.change(_LANES)

    async def _work(self, lane: LaneWork, queue: DeliveryQueue) -> None:
        try:
            await lane.work()
        except LaneError as error:
            queue.not_opened(opening_of(error, self._request.lane.connection, queue.now()))
            failure = error.failure
            follows = consequence(failure.stage, failure.reply, failure, "")
            others = sum(each.opened for each in self._lanes if each is not lane)
            queue.pacer.connection_failed(follows, queue.now(), others=others)
            if not self._request.wait and not others and follows.action is not Action.PAUSE:
                self._end(Ending(BatchState.PAUSED, failure.message, EndKind.TEMPORARY))

    def _gone(self, lane: LaneWork, queue: DeliveryQueue, _: "asyncio.Task[None]") -> None:
        del self._lanes[lane]
        queue.wake()

    # The beat.

    async def _beat(
        self, journal: Journal, thread: ThreadPoolExecutor, writer: Writer, queue: DeliveryQueue, feeder: Feeder
    ) -> None:
        """Once a second: tell how it stands, hear what is asked for, look whether this is the end."""
        loop = asyncio.get_running_loop()
        while True:
            progress = self._progress(queue)
            writer.post(self._heartbeat(progress), PaceMemory(queue.pacer.memory())).add_done_callback(queue.written)
            if self._report is not None:
                self._report(progress)
            asked, self._due = await loop.run_in_executor(thread, lambda: (journal.asked(), journal.due_span()))
            if asked is not None:
                self._obey(asked, queue)
                writer.post(*self._answer(asked, queue)).add_done_callback(queue.written)
            deadline = queue.now() + _BEAT
            while (left := deadline - queue.now()) > 0:
                self._look(queue, feeder)
                await queue.change(left)

    def _look(self, queue: DeliveryQueue, feeder: Feeder) -> None:
        """Whether this is the end, and why."""
        if queue.trouble is not None:
            self._end(journal_trouble(queue.trouble))
        elif queue.pacer.stop is not None:
            self._end(of_stop(queue.pacer.stop))
        elif queue.ahead is not None and queue.ahead.trouble is not None:
            self._end(no_letters(queue.ahead.trouble))
        elif off := self._clock.jumped():
            self._end(jumped(off))
        elif not queue.waiting and not queue.tally.open:
            self._end(Ending(BatchState.DONE, "", EndKind.DONE))
        elif queue.aside and not queue.waiting and queue.tally.open <= len(queue.aside):
            self._end(set_aside(len(queue.aside), queue.aside_because))
        elif not self._request.wait and not queue.waiting and feeder.nothing_until is not None:
            self._end(retries_left(queue.tally, feeder.nothing_until))
        elif not self._request.wait and not queue.taken and self._long_wait(queue):
            self._end(Ending(BatchState.PAUSED, queue.pacer.limited_by(queue.now()), EndKind.TEMPORARY))

    def _long_wait(self, queue: DeliveryQueue) -> bool:
        at = queue.pacer.next_at(queue.now())
        return at is not None and at - queue.now() >= _LONG

    def _obey(self, asked: Request, queue: DeliveryQueue) -> None:
        """What another terminal asked for."""
        match asked:
            case Request.CANCEL:
                # Also while it stops for another reason: whoever cancels is told that it is.
                self._ending = Ending(BatchState.CANCELLED, "cancelled by hand", EndKind.CANCELLED)
                self._ended.set()
            case Request.PAUSE if not self._request.wait:
                self._end(Ending(BatchState.PAUSED, PAUSED_BY_HAND, EndKind.INTERRUPTED))
            case Request.PAUSE:
                queue.held = True
            case Request.RESUME:
                queue.held = False
            case Request.HAND_OVER if queue.held:
                self._end(Ending(BatchState.PAUSED, PAUSED_BY_HAND, EndKind.INTERRUPTED))
            case Request.HAND_OVER:
                # It sends: whoever asks is told to pause it first.
                pass
        queue.wake()

    def _answer(self, asked: Request, queue: DeliveryQueue) -> tuple[StateChange | Heartbeat | Answered, ...]:
        """What the journal is told: also whether the batch is held, for whoever looks at it."""
        if self._ending is not None:
            return (Answered(asked),)
        now = self._progress(queue)
        return StateChange(now.state, queue.now(), now.reason), self._heartbeat(now), Answered(asked)

    def _progress(self, queue: DeliveryQueue) -> RunProgress:
        now, tally, rate = queue.now(), queue.tally, queue.rate()
        return RunProgress(
            state=BatchState.PAUSED if queue.held else BatchState.RUNNING,
            reason=PAUSED_BY_HAND if queue.held else "",
            tally=tally,
            leased=len(queue.taken),
            lanes=len(self._lanes),
            rate=rate,
            eta_s=None if queue.held else self._remaining(queue, now),
            limited_by=self._limited_by(queue, now),
        )

    def _remaining(self, queue: DeliveryQueue, now: float) -> float | None:
        limits, pacer = self._request.limits, queue.pacer
        begins = pacer.begins(now)
        if not queue.waiting and self._due is not None:
            begins = max(begins, self._due[0])
        outlook = Outlook(
            left=queue.tally.open,
            rate=queue.last_rate,
            begins=begins,
            last_due=self._due[1] if self._due is not None else 0.0,
            per_day=limits.per_day,
            day_left=queue.day_left,
            hours=limits.hours,
        )
        return remaining(outlook, now)

    def _limited_by(self, queue: DeliveryQueue, now: float) -> str:
        if queue.held:
            return f"{PAUSED_BY_HAND}; continue with: smtptui batch resume {self._request.path.stem}"
        said = queue.pacer.limited_by(now)
        if said == STARTING and self._due is not None and self._due[0] > now:
            # Nobody is due before then.
            deferred = queue.tally[RecipientState.DEFERRED]
            return f"waiting: next attempt at {moment(self._due[0], now)} ({deferred:,} deferred)"
        return said

    def _heartbeat(self, progress: RunProgress) -> Heartbeat:
        return Heartbeat(
            pid=self._pid,
            host=self._host,
            at=self._clock.now(),
            rate=progress.rate,
            eta_s=progress.eta_s,
            limited_by=progress.limited_by,
            leased=progress.leased,
            lanes=progress.lanes,
        )
