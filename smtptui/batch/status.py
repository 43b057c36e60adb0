"""How a batch stands: one picture for every place that shows it, and its JSON."""

from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal import Heartbeat, Journal, runner_lives
from smtptui.batch.model import BatchState, RecipientState, Tally


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """A batch at one moment. ``rate``, ``eta_s`` and ``limited_by`` are None without a live runner."""

    batch: str
    state: BatchState
    reason: str
    tally: Tally
    leased: int = 0
    """Recipients that lanes have taken; the journal has them as pending or deferred still."""
    rate: float | None = None
    eta_s: float | None = None
    limited_by: str | None = None
    live: bool = False
    by_code: int = 0
    """Of the failed, those of whom nothing but the three digits of a reply tells."""
    damaged: str | None = None
    """Why nothing may be sent from it as it is, and what to do next."""

    @property
    def document(self) -> dict[str, object]:
        """The batch as JSON. The states are apart from each other and add up to ``total``."""
        counts = {state: self.tally[state] for state in RecipientState}
        leased = min(self.leased, counts[RecipientState.PENDING] + counts[RecipientState.DEFERRED])
        pending = min(leased, counts[RecipientState.PENDING])
        counts[RecipientState.PENDING] -= pending
        counts[RecipientState.DEFERRED] -= leased - pending
        return {
            "batch": self.batch,
            "state": self.state.value,
            "reason": self.reason,
            "total": self.tally.total,
            "pending": counts[RecipientState.PENDING],
            "leased": leased,
            **{state.value: counts[state] for state in _SHOWN},
            **({"by_code_only": self.by_code} if self.by_code else {}),
            "rate": None if self.rate is None else round(self.rate, 3),
            "eta_s": None if self.eta_s is None else round(self.eta_s, 1),
            "limited_by": self.limited_by,
            "damaged": self.damaged,
        }


_SHOWN = (
    RecipientState.INFLIGHT,
    RecipientState.SENT,
    RecipientState.DEFERRED,
    RecipientState.FAILED,
    RecipientState.UNCERTAIN,
    RecipientState.SUPPRESSED,
    RecipientState.SKIPPED,
)


def read_status(journal: Journal, path: Path) -> BatchStatus:
    """How a batch stands by its journal, which is at ``path``. Raises :class:`JournalError`."""
    live = runner_lives(path)
    facts, tally = journal.facts(), journal.tally()
    state, reason = facts.state, facts.reason
    if state is BatchState.RUNNING and not live:
        # Killed, or the machine went down: the journal has no word of it yet.
        state = BatchState.PAUSED
        reason = f"the sending program stopped unexpectedly; continue with: smtptui batch resume {facts.name}"
    heartbeat: Heartbeat | None = journal.heartbeat() if live else None
    damaged = None if journal.damage is None else journal.damage.sentence(path.stem)
    by_code = journal.by_code_only() if tally[RecipientState.FAILED] else 0
    if heartbeat is None:
        return BatchStatus(facts.name, state, reason, tally, live=live, by_code=by_code, damaged=damaged)
    limited_by = heartbeat.limited_by or None
    return BatchStatus(
        facts.name,
        state,
        reason,
        tally,
        heartbeat.leased,
        heartbeat.rate,
        heartbeat.eta_s,
        limited_by,
        live,
        by_code,
        damaged,
    )
