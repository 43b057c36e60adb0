"""Recovering a batch whose journal is damaged, or was copied from elsewhere."""

from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal import Doubted, Journal, JournalDamaged, Shared
from smtptui.batch.operations.taking_over import Holder, taken_over


@dataclass(frozen=True, slots=True)
class Recovery:
    """What recovering came to; ``damage`` is None if there was none, and nothing was changed then."""

    damage: str | None
    """What had happened, as a sentence."""
    doubted: Doubted | None = None


def recover(path: Path, holder: Holder) -> Recovery:
    """Make a damaged batch one that can be sent again: whoever may have the message is uncertain from here on.

    Raises :class:`JournalError`, with what to do, if the file cannot be mended or is in use.
    """
    with (
        taken_over(path, holder, doing="being recovered"),
        Journal.open(path, shared=holder.shared) as journal,
    ):
        try:
            journal.check_whole(content=True)
        except JournalDamaged:
            if journal.damage is None:
                raise
            what = journal.damage.what
            doubted = journal.doubt(holder.now())
            with Shared(holder.shared) as shared:
                # Whom other batches must not send the same to by mistake.
                shared.acceptances.lag(path.stem)
            return Recovery(what, doubted)
        return Recovery(None)
