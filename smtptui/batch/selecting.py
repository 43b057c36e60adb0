"""Choosing recipients whose turn is over."""

from collections.abc import Collection
from dataclasses import dataclass

from smtptui.batch.groups import group_of
from smtptui.batch.journal import Standing
from smtptui.batch.model import RecipientState


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


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
