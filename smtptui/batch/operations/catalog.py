"""The batches there are: where they are kept, which names they may have, and finding, listing and deleting them."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from smtptui.batch.journal import Journal, Shared, delete_batch, tidy_folder
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind, journal_errors
from smtptui.batch.operations.taking_over import Holder, taken_over
from smtptui.batch.status import BatchStatus, read_status

_NAME = re.compile(r"[^\W_][\w.-]{0,59}")
_NO_BATCH = "`smtptui batch new LIST --template FILE -p PROFILE` makes one."


def check_name(name: str) -> str:
    """A name that a batch may have, which is also that of its file; raises :class:`BatchError` (usage)."""
    if not _NAME.fullmatch(name):
        raise BatchError(
            BatchErrorKind.USAGE,
            f"{name!r} is no name for a batch: use up to 60 letters, digits and the signs . _ - with a letter or digit"
            " first.",
        )
    return name


def free_name(stem: str, taken: Collection[str]) -> str:
    """A name that is not ``taken``, after the name of a file: ``members``, then ``members-2``."""
    base = re.sub(r"[^\w.-]+", "-", stem).strip("-._")[:50] or "batch"
    name, number = base, 2
    known = {each.casefold() for each in taken}
    while name.casefold() in known:
        name, number = f"{base}-{number}", number + 1
    return name


@dataclass(frozen=True, slots=True)
class Listing:
    """All batches, the one made last at the end, and why some cannot be read."""

    batches: tuple[BatchStatus, ...]
    faults: tuple[BatchError, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """A batch that was deleted or, if ``forgotten`` is not None, forgotten: how many people it had sent to."""

    name: str
    forgotten: int | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """The batches of one user."""

    folder: Path
    """Where their journals are; it may not exist yet."""
    shared: Path
    """The file of what spans batches: suppressions, each account's day, who was sent to."""

    def names(self) -> list[str]:
        """The names of all batches, sorted."""
        try:
            return sorted(path.stem for path in self.folder.glob("*.sqlite") if _NAME.fullmatch(path.stem))
        except OSError:
            return []

    def place(self, name: str) -> Path:
        """Where the journal of this name is, or would be; raises :class:`BatchError` (usage) for a wrong name."""
        return self.folder / f"{check_name(name)}.sqlite"

    def find(self, name: str) -> Path:
        """The journal of the batch of this name; raises :class:`BatchError` (usage, state) if there is none."""
        path = self.place(name)
        if not path.exists():
            known = self.names()
            there = (
                f"There are {', '.join(known[:10])}{', …' if len(known) > 10 else ''}."
                if known
                else "There is none yet."
            )
            raise BatchError(BatchErrorKind.STATE, f"There is no batch {name!r}. {there}")
        return path

    @contextmanager
    def opened(self, name: str, *, readonly: bool = False, whole: bool = False) -> Iterator[tuple[Journal, Path]]:
        """A batch's journal, and where it is; raises :class:`BatchError`, also if it is damaged and must be ``whole``.

        Else :attr:`Journal.damage` tells what is damaged.
        """
        path = self.find(name)
        with journal_errors():
            journal = Journal.open(path, readonly=readonly, shared=self.shared)
            try:
                if whole:
                    journal.check_whole()
                yield journal, path
            finally:
                journal.close()

    @contextmanager
    def opened_shared(self) -> Iterator[Shared]:
        """What spans batches; raises :class:`BatchError`."""
        with journal_errors():
            shared = Shared(self.shared)
            try:
                yield shared
            finally:
                shared.close()

    def newest(self) -> str:
        """The name of the batch that runs, else of the one made last; raises :class:`BatchError` if there is none."""
        best: tuple[bool, float, str] | None = None
        for name in self.names():
            try:
                with self.opened(name, readonly=True) as (journal, path):
                    rank = (read_status(journal, path).live, journal.facts().created, name)
            except BatchError:
                continue
            best = rank if best is None else max(best, rank)
        if best is None:
            raise BatchError(BatchErrorKind.STATE, f"There is no batch yet. {_NO_BATCH}")
        return best[2]

    def listing(self) -> Listing:
        """All batches with how far they are; what killed commands left behind is removed first."""
        tidy_folder(self.folder)
        found: list[tuple[float, BatchStatus]] = []
        faults: list[BatchError] = []
        for name in self.names():
            try:
                with self.opened(name, readonly=True) as (journal, path):
                    found.append((journal.facts().created, read_status(journal, path)))
            except BatchError as error:
                faults.append(error)
        found.sort(key=lambda pair: pair[0])
        return Listing(tuple(status for _, status in found), tuple(faults))

    def delete(
        self, names: Sequence[str], holder: Holder, *, forget: bool, progress: Callable[[Deleted], None]
    ) -> tuple[str, ...]:
        """Delete batches, and with ``forget`` whom they sent to; ``progress`` is called after each.

        Returns the names of those that were deleted; one that is gone already can still be forgotten. Raises
        :class:`BatchError`, before any is deleted if a name is unknown.
        """
        # Only now: who looks how a batch stands must not wait for the model of its settings.
        from smtptui.batch.operations.repeats import catch_up

        tidy_folder(self.folder)
        with journal_errors():
            catch_up(self.folder, self.shared, now=holder.now())
        with self.opened_shared() as shared:
            sent = {each.batch for each in shared.acceptances.mailings()}
        wanted = list(dict.fromkeys(names))
        gone = [name for name in wanted if forget and name in sent and not (self.folder / f"{name}.sqlite").exists()]
        paths = [self.find(name) for name in wanted if name not in gone]
        for path in paths:
            with journal_errors(), taken_over(path, holder, doing="being deleted"):
                delete_batch(path, shared=self.shared)
            progress(Deleted(path.stem))
        if forget:
            with self.opened_shared() as shared:
                for name in (*(path.stem for path in paths), *gone):
                    progress(Deleted(name, shared.acceptances.forget(name)))
        return tuple(path.stem for path in paths)
