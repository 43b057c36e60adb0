"""Those whom a batch has not reached, as the list of another batch."""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.batch.addresses import kind_of_reason
from smtptui.batch.journal import Journal, Shared, Standing
from smtptui.batch.lists import Row
from smtptui.batch.model import OPEN, BatchState, RecipientState
from smtptui.batch.operations.taking_over import Holder, taken_over

LEFT = (RecipientState.PENDING, RecipientState.DEFERRED, RecipientState.FAILED)
"""Those who do not have the message and may get it: what is taken unless somebody chooses."""
TAKEN = (*LEFT, RecipientState.SUPPRESSED, RecipientState.SKIPPED)
"""All who may be chosen. Who has the message, or may have it, is not left over."""
_STAY = ("already sent to by", "perhaps sent to by")
"""Reasons of those who were skipped because another batch sent to them."""
_MOVED = re.compile(r"(?:(.*); )?moved to (\S+)", re.DOTALL)
"""The reason of somebody whom another batch has taken over, behind the one that they had before."""


class Leftovers:
    """The rows of a batch that another one is made of.

    Entered, it holds the batch, so that nobody is sent to meanwhile.
    Entering raises :class:`JournalBusy` while the batch is being sent, and :class:`JournalError`.
    """

    def __init__(self, path: Path, states: Collection[RecipientState], holder: Holder) -> None:
        self._states = frozenset(states)
        self._now = holder.now()
        self._lock = taken_over(path, holder, doing="being made into another batch")
        self._path, self._shared = path, holder.shared
        self._index: Shared | None = None
        self._numbers: dict[int, str] = {}

    def __enter__(self) -> Self:
        self._lock.__enter__()
        try:
            self.journal = Journal.open(self._path, shared=self._shared)
        except BaseException:
            self._lock.__exit__(None, None, None)
            raise
        try:
            self.journal.check_whole()
            # What a runner that died had in flight is uncertain, and stays where it is.
            self.journal.recover(self._now)
            self.facts = self.journal.facts()
            self.columns = self.facts.columns
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._index is not None:
                self._index.close()
            self.journal.close()
        finally:
            self._lock.__exit__(kind, error, trace)

    @property
    def name(self) -> str:
        """What sentences call the list."""
        return f"batch {self._path.stem}"

    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        for standing, values in self.journal.exported(self._looked_at):
            if self._left(standing):
                yield Row(standing.line, tuple(values))

    @property
    def _looked_at(self) -> frozenset[RecipientState]:
        # Who was moved to a batch that is gone stands among the skipped.
        return self._states | {RecipientState.SKIPPED} if self._states & OPEN else self._states

    def _left(self, standing: Standing) -> bool:
        other = moved_to(standing.reason)
        if other is not None:
            return self._orphaned(standing.key, other)
        if standing.state is RecipientState.SKIPPED:
            return standing.state in self._states and not kind_of_reason(standing.reason).startswith(_STAY)
        return True

    def _orphaned(self, key: str, other: str) -> bool:
        """Whether the batch that somebody was moved to is gone without having sent to them."""
        if self._path.with_name(f"{other}.sqlite").exists():
            return False
        if self._index is None:
            self._index = Shared(self._shared)
            self._numbers = {each.number: each.batch for each in self._index.acceptances.mailings()}
        return all(self._numbers.get(hit.mailing) != other for hit in self._index.acceptances.look([key]))

    def sample(self, count: int = 200) -> list[Row]:
        """The first rows, at most ``count``."""
        return list(islice(self, count))

    def need(self, columns: Collection[str]) -> None:
        """All columns are read already."""

    def move(self, name: str) -> int:
        """Let the batch not send to those whom batch ``name`` has now, or both would; how many these are.

        Those who were still to be sent to are skipped with the reason. All others keep their state for the record, and
        their reason tells where they are. Who is suppressed stays as it is.
        """
        waiting: list[int] = []
        others: list[tuple[int, str]] = []
        for standing in self.journal.standings(self._looked_at - {RecipientState.SUPPRESSED}):
            if not self._left(standing):
                continue
            if standing.state in OPEN:
                waiting.append(standing.seq)
            else:
                before = _MOVED.fullmatch(standing.reason)
                reason = standing.reason if before is None else before[1] or ""
                others.append((standing.seq, f"{reason}; moved to {name}" if reason else f"moved to {name}"))
        self.journal.decide(waiting, OPEN, RecipientState.SKIPPED, f"moved to {name}", now=self._now)
        self.journal.annotate(others)
        if waiting and self.facts.state is BatchState.PAUSED and not self.journal.tally().open:
            self.journal.set_state(BatchState.DONE, f"those who were left are in batch {name}", now=self._now)
        return len(waiting) + len(others)


def moved_to(reason: str) -> str | None:
    """The batch that has taken somebody over, by the reason of their state; None if none has."""
    found = _MOVED.fullmatch(reason)
    return None if found is None else found[2]
