"""Runs a batch: opens and closes lanes, keeps the desk supplied, beats, obeys, and stops cleanly."""

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
from smtptui.batch.running.disposition import Judge
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
    """Makes the letters: a function that is trusted, or the process in which the template is open."""
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
        judge = Judge(Retries(limits), self._random)
        compose = self._request.compose
        here = None if isinstance(compose, ComposerProcess) else compose
        desk = DeliveryQueue(pacer, here, writer, judge, tally, now=now)
        feeder = Feeder(journal, self._request.shared, thread, desk)
        async with asyncio.TaskGroup() as group:
            work: list[Callable[[], Coroutine[object, object, None]]] = [
                feeder.feed,
                functools.partial(self._keep_lanes, group, desk),
                functools.partial(self._beat, journal, thread, writer, desk, feeder),
                functools.partial(log.keep, desk),
            ]
            if isinstance(compose, ComposerProcess):
                desk.ahead = ComposerClient(compose, wanted=desk.untaken, rate=desk.rate, arrived=desk.wake, now=now)
                work.append(desk.ahead.keep)
            if limits.per_day is not None:
                work.append(DailyQuota(self._request.shared, self._request.account, limits.per_day, desk).keep)
            else:
                work.append(Counting(self._request.shared, self._request.account, desk).keep)
            chores = [group.create_task(self._chore(each)) for each in work]
            await self._ended.wait()
            desk.close()
            await self._wind_down(desk)
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
        await log.end(desk, whole=ending.kind is not EndKind.JOURNAL)
        tally = desk.tally
        if ending.kind is EndKind.JOURNAL:
            # What was counted here may not have become durable, and only that is what the next run finds.
            with contextlib.suppress(JournalError):
                tally = await asyncio.get_running_loop().run_in_executor(thread, journal.tally)
        return RunResult(ending, tally, desk.unopened)

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

    async def _wind_down(self, desk: DeliveryQueue) -> None:
        for lane, task in self._lanes.items():
            if not lane.opened:
                # Nothing was said to anybody yet.
                task.cancel()
        began = self._clock.now()
        while self._lanes and self._clock.now() - began < self._grace:
            await desk.change(0.1)
        while self._lanes:
            for lane in self._lanes:
                lane.drop()
            await desk.change(0.1)

    # Lanes.

    async def _keep_lanes(self, group: asyncio.TaskGroup, desk: DeliveryQueue) -> None:
        """As many lanes as the pace allows and there is work for."""
        limits = self._request.limits
        while not desk.closing:
            now = desk.now()
            most = desk.pacer.lanes(now) if not (desk.held or desk.pacer.stop or desk.trouble) else 0
            for lane in list(self._lanes)[most:]:
                lane.end()
            wanted = min(most, desk.waiting) if desk.idle_until() < _SOON else 0
            if not any(lane.opened for lane in self._lanes):
                # One goes first: a login that is refused must not be tried ten times over.
                wanted = min(wanted, 1)
            if len(self._lanes) < wanted:
                lane = LaneWork(
                    desk,
                    self._request.lane,
                    most=limits.messages_per_connection,
                    keep=self._request.keep_transcripts,
                )
                task = self._lanes[lane] = group.create_task(self._work(lane, desk))
                # Not at the end of the work: what is cancelled before it has begun comes to no end of its own.
                task.add_done_callback(functools.partial(self._gone, lane, desk))
                continue
            await desk.change(_LANES)

    async def _work(self, lane: LaneWork, desk: DeliveryQueue) -> None:
        try:
            await lane.work()
        except LaneError as error:
            desk.not_opened(opening_of(error, self._request.lane.connection, desk.now()))
            failure = error.failure
            follows = consequence(failure.stage, failure.reply, failure, "")
            others = sum(each.opened for each in self._lanes if each is not lane)
            desk.pacer.connection_failed(follows, desk.now(), others=others)
            if not self._request.wait and not others and follows.action is not Action.PAUSE:
                self._end(Ending(BatchState.PAUSED, failure.message, EndKind.TEMPORARY))

    def _gone(self, lane: LaneWork, desk: DeliveryQueue, _: "asyncio.Task[None]") -> None:
        del self._lanes[lane]
        desk.wake()

    # The beat.

    async def _beat(
        self, journal: Journal, thread: ThreadPoolExecutor, writer: Writer, desk: DeliveryQueue, feeder: Feeder
    ) -> None:
        """Once a second: tell how it stands, hear what is asked for, look whether this is the end."""
        loop = asyncio.get_running_loop()
        while True:
            progress = self._progress(desk)
            writer.post(self._heartbeat(progress), PaceMemory(desk.pacer.memory())).add_done_callback(desk.written)
            if self._report is not None:
                self._report(progress)
            asked, self._due = await loop.run_in_executor(thread, lambda: (journal.asked(), journal.due_span()))
            if asked is not None:
                self._obey(asked, desk)
                writer.post(*self._answer(asked, desk)).add_done_callback(desk.written)
            deadline = desk.now() + _BEAT
            while (left := deadline - desk.now()) > 0:
                self._look(desk, feeder)
                await desk.change(left)

    def _look(self, desk: DeliveryQueue, feeder: Feeder) -> None:
        """Whether this is the end, and why."""
        if desk.trouble is not None:
            self._end(journal_trouble(desk.trouble))
        elif desk.pacer.stop is not None:
            self._end(of_stop(desk.pacer.stop))
        elif desk.ahead is not None and desk.ahead.trouble is not None:
            self._end(no_letters(desk.ahead.trouble))
        elif off := self._clock.jumped():
            self._end(jumped(off))
        elif not desk.waiting and not desk.tally.open:
            self._end(Ending(BatchState.DONE, "", EndKind.DONE))
        elif desk.aside and not desk.waiting and desk.tally.open <= len(desk.aside):
            self._end(set_aside(len(desk.aside), desk.aside_because))
        elif not self._request.wait and not desk.waiting and feeder.nothing_until is not None:
            self._end(retries_left(desk.tally, feeder.nothing_until))
        elif not self._request.wait and not desk.taken and self._long_wait(desk):
            self._end(Ending(BatchState.PAUSED, desk.pacer.limited_by(desk.now()), EndKind.TEMPORARY))

    def _long_wait(self, desk: DeliveryQueue) -> bool:
        at = desk.pacer.next_at(desk.now())
        return at is not None and at - desk.now() >= _LONG

    def _obey(self, asked: Request, desk: DeliveryQueue) -> None:
        """What another terminal asked for."""
        match asked:
            case Request.CANCEL:
                # Also while it stops for another reason: whoever cancels is told that it is.
                self._ending = Ending(BatchState.CANCELLED, "cancelled by hand", EndKind.CANCELLED)
                self._ended.set()
            case Request.PAUSE if not self._request.wait:
                self._end(Ending(BatchState.PAUSED, PAUSED_BY_HAND, EndKind.INTERRUPTED))
            case Request.PAUSE:
                desk.held = True
            case Request.RESUME:
                desk.held = False
            case Request.HAND_OVER if desk.held:
                self._end(Ending(BatchState.PAUSED, PAUSED_BY_HAND, EndKind.INTERRUPTED))
            case Request.HAND_OVER:
                # It sends: whoever asks is told to pause it first.
                pass
        desk.wake()

    def _answer(self, asked: Request, desk: DeliveryQueue) -> tuple[StateChange | Heartbeat | Answered, ...]:
        """What the journal is told: also whether the batch is held, for whoever looks at it."""
        if self._ending is not None:
            return (Answered(asked),)
        now = self._progress(desk)
        return StateChange(now.state, desk.now(), now.reason), self._heartbeat(now), Answered(asked)

    def _progress(self, desk: DeliveryQueue) -> RunProgress:
        now, tally, rate = desk.now(), desk.tally, desk.rate()
        return RunProgress(
            state=BatchState.PAUSED if desk.held else BatchState.RUNNING,
            reason=PAUSED_BY_HAND if desk.held else "",
            tally=tally,
            leased=len(desk.taken),
            lanes=len(self._lanes),
            rate=rate,
            eta_s=None if desk.held else self._remaining(desk, now),
            limited_by=self._limited_by(desk, now),
        )

    def _remaining(self, desk: DeliveryQueue, now: float) -> float | None:
        limits, pacer = self._request.limits, desk.pacer
        begins = pacer.begins(now)
        if not desk.waiting and self._due is not None:
            begins = max(begins, self._due[0])
        outlook = Outlook(
            left=desk.tally.open,
            rate=desk.last_rate,
            begins=begins,
            last_due=self._due[1] if self._due is not None else 0.0,
            per_day=limits.per_day,
            day_left=desk.day_left,
            hours=limits.hours,
        )
        return remaining(outlook, now)

    def _limited_by(self, desk: DeliveryQueue, now: float) -> str:
        if desk.held:
            return f"{PAUSED_BY_HAND}; continue with: smtptui batch resume {self._request.path.stem}"
        said = desk.pacer.limited_by(now)
        if said == STARTING and self._due is not None and self._due[0] > now:
            # Nobody is due before then.
            deferred = desk.tally[RecipientState.DEFERRED]
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
