"""Choosing recipients whose turn is over, and what is to become of them."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.groups import group_of
from smtptui.batch.journal import Journal, JournalError, RunnerLock, Standing
from smtptui.batch.model import BatchState, RecipientState

RETRIABLE = frozenset({RecipientState.FAILED, RecipientState.DEFERRED})
"""Those of whom it is known that they do not have the message."""


@dataclass(frozen=True)
class Selection:
    """Recipients who fit all that is asked for; what is empty asks for nothing."""

    states: frozenset[RecipientState] = frozenset()
    groups: frozenset[str] = frozenset()
    """Ids of groups, or how they begin."""
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        *,
        states: Collection[str] = (),
        groups: Collection[str] = (),
        addresses: Collection[str] = (),
        domains: Collection[str] = (),
    ) -> "Selection":
        """From what a user typed; case makes no difference, nor does the ``@`` before a domain."""
        return cls(
            frozenset(RecipientState(state) for state in states),
            frozenset(group.strip().lower() for group in groups),
            frozenset(address.strip().casefold() for address in addresses),
            frozenset(domain.strip().removeprefix("@").casefold() for domain in domains),
        )

    def __contains__(self, standing: object) -> bool:
        if not isinstance(standing, Standing):
            return False
        address, key = standing.address.casefold(), standing.key.casefold()
        return (
            (not self.states or standing.state in self.states)
            and (not self.addresses or address in self.addresses or key in self.addresses)
            and (not self.domains or not self.domains.isdisjoint((_domain(address), _domain(key))))
            # Last, since it takes the longest.
            and (not self.groups or group_of(standing).id.startswith(tuple(self.groups)))
        )


def retry(path: Path, selection: Selection, *, now: float, pid: int, host: str) -> int:
    """Have those of the failed and deferred that are selected tried again from the start; how many these are.

    Raises :class:`JournalBusy` while a runner has the batch, which would be at odds with what changes under it.
    """
    return _decide(path, selection, RETRIABLE, RecipientState.PENDING, "", now=now, pid=pid, host=host)


def resolve(path: Path, selection: Selection, *, resend: bool, now: float, pid: int, host: str) -> int:
    """Have those of the uncertain that are selected sent to again, or take them as sent; how many these are.

    Who is sent to again gets the same Message-ID, and may get the message twice. Raises as :func:`retry`.
    """
    after, reason = (RecipientState.PENDING, "") if resend else (RecipientState.SENT, "assumed")
    uncertain = frozenset({RecipientState.UNCERTAIN})
    return _decide(path, selection, uncertain, after, reason, now=now, pid=pid, host=host)


def _decide(
    path: Path,
    selection: Selection,
    before: frozenset[RecipientState],
    after: RecipientState,
    reason: str,
    *,
    now: float,
    pid: int,
    host: str,
) -> int:
    states = selection.states & before if selection.states else before
    with RunnerLock(path, pid=pid, host=host, doing="being changed"), Journal.open(path) as journal:
        facts = journal.facts()
        if facts.state is BatchState.CANCELLED and after is RecipientState.PENDING:
            raise JournalError(
                f"The batch {facts.name} is cancelled: nobody of it is sent to any more. Make another one of those who "
                f"are left: smtptui batch new --from-batch {facts.name}"
            )
        # What a runner that died had in flight is uncertain, and may be what is asked about.
        journal.recover(now)
        chosen = array("q", (standing.seq for standing in journal.standings(states) if standing in selection))
        return journal.decide(chosen, states, after, reason, now=now)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
