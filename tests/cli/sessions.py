"""Outcomes and runs to order, without a network."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from smtptui.protocol import EventKind, FailureKind, Reply, Stage
from smtptui.session import Progress, RunState
from smtptui.transcript import Failure, Outcome, RecipientOutcome, ServerFacts, Transcript, Verdict

STARTED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def reply(text: str) -> Reply:
    """A reply of one line."""
    raw = text.encode() + b"\r\n"
    return Reply(int(text[:3]), raw, len(raw))


def outcome(
    *verdicts: tuple[Verdict, str | None], failure: FailureKind | None = None, why: str | None = None
) -> Outcome:
    """An outcome with these verdicts and replies; ``why`` is the reply of the failure. Ok without a failure."""
    return Outcome(
        ok=failure is None,
        started=STARTED,
        took=0.5,
        server=ServerFacts("mx.example.org", 25),
        tls=None,
        auth=None,
        recipients=tuple(
            RecipientOutcome(f"r{index}@example.org", verdict, Stage.DOT, reply(text) if text else None)
            for index, (verdict, text) in enumerate(verdicts)
        ),
        reply=None,
        queue_id=None,
        failure=Failure(Stage.RCPT, failure, "It failed.", reply(why) if why else None) if failure else None,
    )


class FakeRun:
    """A run whose course is a coroutine; :meth:`cancel` sets ``cancelled``."""

    def __init__(self, course: Callable[["FakeRun"], Awaitable[Outcome]]) -> None:
        self.transcript = Transcript(started=STARTED)
        self.cancelled = asyncio.Event()
        self.stage = Stage.CONNECT
        self._course = course

    async def run(self) -> Outcome:
        """Take the course."""
        return await self._course(self)

    def cancel(self) -> None:
        """Note that somebody asked."""
        self.cancelled.set()

    def progress(self) -> Progress:
        """Only the stage matters."""
        return Progress(RunState.RUNNING, self.stage, None, 0, 0, 0.0)

    def note(self, text: str) -> None:
        """Something happens."""
        self.transcript.add(EventKind.NOTE, Stage.CONNECT, text, at=0.0)
