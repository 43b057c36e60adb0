"""Correcting the address of a recipient who was not sent to yet."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.addresses import AddressRules, check_exchangers, check_rows, kind_of_reason
from smtptui.batch.journal import Journal, Shared, Standing
from smtptui.batch.lists import Row
from smtptui.batch.model import BatchState, NewRecipient, RecipientState, Value
from smtptui.batch.operations.leftovers import moved_to
from smtptui.batch.operations.taking_over import Holder, taken_over
from smtptui.batch.settings import BatchSettings, ListSettings
from smtptui.dns import Resolver

_OPEN = frozenset({RecipientState.PENDING, RecipientState.DEFERRED, RecipientState.FAILED})
_OF_THE_ADDRESS = ("no valid address", "mistyped domain", "role address", "no mail server")
"""Kinds of reasons to skip somebody that another address does away with."""
_WHY_NOT = {
    RecipientState.SENT: "the message was sent there already, so the address stays as it is",
    RecipientState.INFLIGHT: "the message is on its way there",
    RecipientState.UNCERTAIN: "the message may have been sent there already (uncertain); “smtptui batch resolve {name}"
    " --assume-sent” or “--resend” decides about that first",
    RecipientState.SUPPRESSED: "the address is on the suppression list, and so is the person",
}


class CorrectionError(ValueError):
    """Nothing was corrected: a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """Recipients who have another address now."""

    seqs: tuple[int, ...]
    old: str
    new: str
    begun: bool
    """Whether the batch has begun to be sent, so that it may just go on."""


def correct(path: Path, old: str, new: str, holder: Holder) -> Corrected:
    """Give the recipient ``old`` of a batch the address ``new``, in the envelope and in the row of the list.

    Possible for those who are pending, deferred or failed, and for those who were skipped because of their address;
    they are pending then. ``new`` has to pass all that ``new`` asks of an address. Raises :class:`CorrectionError`,
    :class:`JournalBusy` while the batch is being sent, and :class:`JournalError`.
    """
    now, shared = holder.now(), holder.shared
    with taken_over(path, holder, doing="being changed"), Journal.open(path, shared=shared) as journal:
        journal.check_whole()
        journal.recover(now)
        facts = journal.facts()
        settings = BatchSettings.from_json(facts.settings)
        if facts.state is BatchState.CANCELLED:
            raise CorrectionError(
                f"Batch {path.stem} is cancelled. Make another one of those who are left, and correct the address"
                f" there: smtptui batch new --from-batch {path.stem}"
            )
        place = facts.columns.index(settings.list.address_column)
        chosen = _chosen(journal, old, place, path.stem)
        changed = []
        for standing, values in chosen:
            row = tuple(new.strip() if at == place else value for at, value in enumerate(values))
            changed.append((standing.seq, _checked(Row(standing.line, row), place, settings, shared)))
        if not settings.list.allow_duplicates:
            _check_duplicates(journal, changed, new, settings.list)
        journal.correct(changed, now=now)
    return Corrected(tuple(seq for seq, _ in changed), old, changed[0][1].address, facts.state.started)


def _chosen(journal: Journal, old: str, place: int, name: str) -> list[tuple[Standing, tuple[Value, ...]]]:
    """The rows of this address that can be corrected: those who are to be sent to, else those who were skipped."""
    found = [
        (standing, values)
        for standing, values in journal.exported(tuple(RecipientState))
        if _is(standing, values[place], old)
    ]
    if not found:
        raise CorrectionError(f"Batch {name} has no recipient {old}. “smtptui batch export {name}” lists all of them.")
    for fits in (
        [each for each in found if each[0].state in _OPEN and moved_to(each[0].reason) is None],
        [each for each in found if each[0].state is RecipientState.SKIPPED and _correctable(each[0])],
    ):
        if fits:
            return fits
    first = found[0][0]
    why = _WHY_NOT.get(first.state, f"it was skipped: {first.reason}").format(name=name, old=old)
    other = moved_to(first.reason)
    if other is not None:
        why = f"it is in batch {other} now; correct it there: smtptui batch correct {other} {old} NEW"
    raise CorrectionError(f"{old} in batch {name} cannot be corrected: {why}.")


def _is(standing: Standing, cell: Value, old: str) -> bool:
    wanted = old.strip().casefold()
    return wanted in (standing.address.casefold(), standing.key.casefold(), str(cell or "").strip().casefold())


def _correctable(standing: Standing) -> bool:
    return kind_of_reason(standing.reason) in _OF_THE_ADDRESS and moved_to(standing.reason) is None


def _checked(row: Row, place: int, settings: BatchSettings, shared: Path) -> NewRecipient:
    """The recipient of a corrected row; raises :class:`CorrectionError` if it would be left out."""
    read = settings.list
    rules = AddressRules(True, read.allow_roles, read.allow_typos)
    with Shared(shared) as file:
        (found,) = check_rows([row], place, len(row.values), rules=rules, suppressed=file.suppressed)
    if read.check_mx:
        found = asyncio.run(_with_mx(found, settings))
    if found.state is not RecipientState.PENDING:
        raise CorrectionError(
            f"{row.values[place]} cannot be sent to: {found.reason.rstrip('.')}. Nothing was changed."
        )
    return found


async def _with_mx(found: NewRecipient, settings: BatchSettings) -> NewRecipient:
    resolver = Resolver(settings.relay.connection.resolver)
    async for checked in check_exchangers([found], resolver, unanswered=set()):
        return checked
    return found


def _check_duplicates(journal: Journal, changed: list[tuple[int, NewRecipient]], new: str, list_: ListSettings) -> None:
    own, keys = {seq for seq, _ in changed}, {found.key for _, found in changed}
    if len(changed) > 1:
        raise CorrectionError(
            f"{len(changed)} recipients have the old address, and {new} would get the message as often. Nothing was"
            " changed."
        )
    for standing in journal.standings():
        if standing.key in keys and standing.seq not in own and standing.state is not RecipientState.SKIPPED:
            raise CorrectionError(
                f"{new} is a recipient already ({list_.place(standing.line)}, {standing.state}), and would get the "
                "message twice. Nothing was changed."
            )
