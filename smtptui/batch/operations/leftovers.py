"""Those whom a batch has not reached, as the list of another batch."""

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from smtptui.batch.addresses import kind_of_reason
from smtptui.batch.journal import Journal, Standing
from smtptui.batch.lists import Row
from smtptui.batch.model import OPEN, BatchState, RecipientState
from smtptui.batch.operations.taking_over import Holder, taken_over

LEFT = (RecipientState.PENDING, RecipientState.DEFERRED, RecipientState.FAILED)
"""Those who do not have the message and may get it: what is taken unless somebody chooses."""
TAKEN = (*LEFT, RecipientState.SUPPRESSED, RecipientState.SKIPPED)
"""All who may be chosen. Who has the message, or may have it, is not left over."""
MOVED = "moved to"
"""How the reason begins of somebody whom another batch has taken over."""
_STAY = (MOVED, "already sent to by", "perhaps sent to by")
"""Reasons of those who were skipped because another batch has them."""


class Leftovers:
    """The rows of a batch that another one is made of.

    Entered, it holds the batch, so that nobody is sent to meanwhile.
    Entering raises :class:`JournalBusy` while the batch is being sent, and :class:`JournalError`.
    """

    def __init__(
        self, path: Path, states: Collection[RecipientState], *, shared: Path, now: float, pid: int, host: str
    ) -> None:
        self._states = frozenset(states)
        self._now = now
        holder = Holder(shared, pid, host, now=lambda: now)
        self._lock = taken_over(path, holder, doing="being made into another batch")
        self._path, self._shared = path, shared

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
            self.journal.close()
        finally:
            self._lock.__exit__(kind, error, trace)

    @property
    def name(self) -> str:
        """What sentences call the list."""
        return f"batch {self._path.stem}"

    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        for standing, values in self.journal.exported(self._states):
            if _left(standing):
                yield Row(standing.line, tuple(values))

    def sample(self, count: int = 200) -> list[Row]:
        """The first rows, at most ``count``."""
        return list(islice(self, count))

    def need(self, columns: Collection[str]) -> None:
        """All columns are read already."""

    def move(self, name: str) -> int:
        """Take those who are still to be sent to out of the batch, since batch ``name`` has them now; how many.

        Without this both would send to them. Those who failed stay failed, for the record.
        """
        wanted = self._states & OPEN
        seqs = [standing.seq for standing in self.journal.standings(wanted)] if wanted else []
        moved = self.journal.decide(seqs, OPEN, RecipientState.SKIPPED, f"{MOVED} {name}", now=self._now)
        if moved and self.facts.state is BatchState.PAUSED and not self.journal.tally().open:
            self.journal.set_state(BatchState.DONE, f"those who were left are in batch {name}", now=self._now)
        return moved


def _left(standing: Standing) -> bool:
    return standing.state is not RecipientState.SKIPPED or not kind_of_reason(standing.reason).startswith(_STAY)
