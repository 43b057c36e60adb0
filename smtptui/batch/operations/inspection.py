"""Looking into a batch: what servers said against it, every attempt at one recipient, and the message of one."""

import itertools
from dataclasses import dataclass

from smtptui.batch.groups import GroupSummary, grouped
from smtptui.batch.journal import Attempt, FailedOpening, Journal, Standing
from smtptui.batch.model import BatchState, Recipient, RecipientState
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.operations.composition import opened_composer, recipient_of_row, settings_of
from smtptui.batch.settings import ListSettings
from smtptui.batch.status import read_status

NOT_WELL = (
    RecipientState.FAILED,
    RecipientState.DEFERRED,
    RecipientState.UNCERTAIN,
    RecipientState.SKIPPED,
    RecipientState.SUPPRESSED,
)
"""The states of those who have a reason."""


@dataclass(frozen=True, slots=True)
class ServerErrors:
    """What was said against a batch."""

    state: BatchState
    reason: str
    """Why the batch is in its state; empty if there is nothing to say."""
    groups: list[GroupSummary]
    """Equal replies together, the largest group first."""
    opening: FailedOpening | None
    """The last connection that could not be opened."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The message that one recipient will get."""

    recipient: Recipient
    list_: ListSettings
    sender: str
    content: bytes
    """The message as it goes out."""


def server_errors(journal: Journal) -> ServerErrors:
    """What servers said against a batch, and who was left out of it before anything was sent."""
    groups = grouped(itertools.chain(journal.standings(NOT_WELL), journal.untouched()))
    status = read_status(journal, journal.path)
    return ServerErrors(status.state, status.reason, groups, journal.failed_opening())


def attempts_at(journal: Journal, address: str) -> list[tuple[Standing, list[Attempt]]]:
    """Everybody with this address, in any case, with every attempt; an address may stand in a list more than once.

    Raises :class:`BatchError` (usage) if nobody has it.
    """
    wanted = address.casefold()
    who = [one for one in journal.standings() if wanted in (one.address.casefold(), one.key.casefold())]
    if not who:
        raise BatchError(BatchErrorKind.USAGE, f"Batch {journal.path.stem} has no recipient {address}.")
    return [(one, journal.attempts(one.seq)) for one in who]


def list_of(journal: Journal) -> ListSettings:
    """How the list of a batch was read; raises :class:`BatchError`."""
    return settings_of(journal.facts()).list


def preview_message(journal: Journal, row: int | None) -> Preview:
    """The message of a row of the list, or of the first recipient to be sent to. Raises :class:`BatchError`."""
    with opened_composer(journal) as (settings, composer):
        recipient = recipient_of_row(journal, settings.list, row)
        letter = composer.message(recipient)
    return Preview(recipient, settings.list, letter.envelope.sender, letter.message.content)
