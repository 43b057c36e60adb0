"""A batch as a file: who is on the list, what became of each, and what the batch is doing."""

import contextlib
import hashlib
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from smtptui.batch.journal import filling, reading, recovering
from smtptui.batch.journal.applying import change_state, correct, count, decide, text, write
from smtptui.batch.journal.errors import JournalDamaged, JournalError, damaged, telling
from smtptui.batch.journal.lock import runner_lives
from smtptui.batch.journal.reading import seal
from smtptui.batch.journal.records import (
    Attempt,
    BatchFacts,
    FailedOpening,
    Heartbeat,
    Operation,
    Request,
    Standing,
    StateChange,
)
from smtptui.batch.journal.recovering import Doubted
from smtptui.batch.journal.schema import BUSY_S, close, connect, transaction
from smtptui.batch.journal.wholeness import Damage, Fault, content_fault, judged, lost
from smtptui.batch.journal.witness import EVERYBODY, Witness, course_of
from smtptui.batch.model import (
    BY_CODE,
    Attempted,
    BatchState,
    Largest,
    NewRecipient,
    Recipient,
    RecipientState,
    SizeLimit,
    Tally,
    Value,
)

_RECOVERED = 1000
_HIGHEST = 2**63 - 1
"""The largest number that SQLite keeps as one; a server may say a larger one."""
_T = TypeVar("_T")


class Journal:
    """The journal of one batch, used in the thread that opened it. Every method may raise :class:`JournalError`."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        token: Callable[[], str] | None = None,
        *,
        damage: Damage | None = None,
        witness: Witness | None = None,
    ) -> None:
        self.path = path
        self.damage = damage
        """Why nothing may be sent from it as it is; None if it is whole."""
        self._connection = connection
        self._token = token
        self._witness = witness

    @classmethod
    @contextlib.contextmanager
    def create(
        cls,
        path: Path,
        *,
        name: str,
        columns: Sequence[str],
        settings: str,
        documents: Mapping[str, bytes],
        now: float,
        token: Callable[[], str],
        shared: Path | None = None,
    ) -> Iterator[Self]:
        """A new batch, to be filled with :meth:`add` inside the block; it exists once the block has ended well.

        ``documents`` are what is kept beside the list, as the template. ``token`` gives each recipient one of its own.
        ``shared`` is where the witness is told of it.
        Raises :class:`BatchExists`.
        """
        identity = secrets.token_hex(16)
        with filling.unfinished(path) as made:
            with telling(path):
                connection = sqlite3.connect(made, isolation_level=None)
            try:
                with telling(path):
                    filling.lay_out(
                        connection,
                        name=name,
                        columns=columns,
                        settings=settings,
                        documents=documents,
                        now=now,
                        identity=identity,
                    )
                # What goes wrong with the list is told by whoever reads it.
                yield cls(path, connection, token)
                with telling(path):
                    filling.finish(connection)
            finally:
                connection.close()
            if shared is not None:
                # Before it has its name: a journal that the witness does not know is taken for a copy.
                with Witness(shared) as witness:
                    witness.register(identity, path.stem)

    @classmethod
    def open(cls, path: Path, *, readonly: bool = False, busy_s: float = BUSY_S, shared: Path | None = None) -> Self:
        """The batch that is there. Whoever only looks opens it ``readonly``, and is never in a writer's way.

        ``shared`` is where the witness is kept by which :attr:`damage` is found; without it, only a log that is missing
        is. Raises :class:`NoSuchBatch`, and :class:`JournalDamaged` if the file cannot be read at all.
        """
        connection, lost_log = connect(path, readonly=readonly, busy_s=busy_s)
        witness: Witness | None = None
        try:
            damage = lost(path) if lost_log else None
            if shared is not None:
                try:
                    witness = Witness(shared, busy_s=busy_s)
                    damage = judged(path, connection, witness, lost_log=lost_log, readonly=readonly)
                except JournalError as error:
                    if not readonly:
                        raise
                    # Whoever only looks may look all the same.
                    damage = Damage(Fault.UNKNOWN, str(error), EVERYBODY)
        except BaseException:
            if witness is not None:
                witness.close()
            close(connection, path, keep_log=True)
            raise
        return cls(path, connection, damage=damage, witness=witness)

    def close(self) -> None:
        """Let go of the file."""
        if self._witness is not None:
            self._witness.close()
        close(self._connection, self.path, keep_log=self.damage is not None)

    def check_whole(self, *, content: bool = False) -> None:
        """Raise :class:`JournalDamaged` if nothing may be sent from it as it is; what to do is in its sentence.

        ``content`` is for looking at every page and row as well, which takes seconds for a million.
        """
        if self.damage is None and content:
            why = content_fault(self.path, self._connection)
            if why is not None:
                what = f"Batch {self.path.stem} is damaged: {why.rstrip('.')}."
                self.damage = Damage(Fault.CONTENT, what, self._reach())
        if self.damage is not None:
            raise JournalDamaged(self.damage.sentence(self.path.stem))

    def _reach(self) -> int:
        known = self._witness.known(self.identity) if self._witness is not None else None
        return EVERYBODY if known is None else known.reach

    @property
    def identity(self) -> str:
        """What tells this batch from all others, also from one of the same name."""
        with telling(self.path):
            return course_of(self._connection).identity

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Filling

    def add(self, recipients: Iterable[NewRecipient]) -> None:
        """Put recipients at the end of the list; only inside :meth:`create`. Memory does not grow with their number."""
        if self._token is None:
            raise JournalError(f"The batch {self.path.stem} has its list already; make a new batch for another one.")
        filling.add(self._connection, recipients, self._token, self.path)

    def set_settings(self, settings: str) -> None:
        """Keep other settings from here on, as JSON."""
        with transaction(self._connection, self.path):
            (columns,) = self._connection.execute("SELECT columns FROM batch").fetchone()
            self._connection.execute("UPDATE batch SET settings = ?, seal = ?", (settings, seal(columns, settings)))

    def set_documents(self, documents: Mapping[str, bytes]) -> None:
        """Keep other documents of these names from here on."""
        with transaction(self._connection, self.path):
            self._connection.executemany(
                "UPDATE document SET sha256 = ?, content = ? WHERE name = ?",
                [(hashlib.sha256(content).hexdigest(), content, name) for name, content in documents.items()],
            )

    # The batch

    def facts(self) -> BatchFacts:
        """What the batch is."""
        with telling(self.path):
            return reading.facts(self._connection)

    def document(self, name: str) -> bytes:
        """A document that was kept when the batch was made. ``KeyError`` where there is none of this name."""
        with telling(self.path):
            row = self._connection.execute("SELECT content FROM document WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return bytes(row[0])

    def set_state(self, state: BatchState, reason: str = "", *, now: float) -> None:
        """Bring the batch into another state; :class:`JournalError` where it may not follow."""
        with transaction(self._connection, self.path):
            change_state(self._connection, StateChange(state, now, reason), self.path)

    def set_size_limit(self, limit: SizeLimit | None) -> None:
        """Keep what the server said that it takes; None where it named no limit."""
        with transaction(self._connection, self.path):
            self._connection.execute("DELETE FROM size_limit")
            if limit is not None:
                self._connection.execute(
                    "INSERT INTO size_limit VALUES (1, ?, ?, ?, ?)",
                    (min(limit.octets, _HIGHEST), text(limit.server), text(limit.user), limit.at),
                )

    def size_limit(self) -> SizeLimit | None:
        """What a server said last that it takes; None where none is known. Whether it is the one that the batch goes
        to is for whoever asks.
        """
        with telling(self.path):
            row = self._connection.execute("SELECT octets, server, user, at FROM size_limit").fetchone()
        return None if row is None else SizeLimit(*row)

    def set_largest(self, largest: Largest | None) -> None:
        """Keep which message is the largest; None where there was none to look at."""
        with transaction(self._connection, self.path):
            self._connection.execute("DELETE FROM largest")
            if largest is not None:
                row = (largest.seq, largest.line, largest.octets)
                self._connection.execute("INSERT INTO largest VALUES (1, ?, ?, ?)", row)

    def largest(self) -> Largest | None:
        """The largest message, as whoever looked last at all of them found it; None before."""
        with telling(self.path):
            row = self._connection.execute("SELECT seq, line, octets FROM largest").fetchone()
        return None if row is None else Largest(*row)

    def tally(self) -> Tally:
        """How many recipients are in each state; costs nothing, however many they are."""
        with telling(self.path):
            return reading.tally(self._connection)

    def recount(self) -> Tally:
        """The same by looking at every recipient; what differs is a damaged file."""
        with telling(self.path):
            return reading.recount(self._connection)

    # Recipients

    def due(
        self,
        now: float,
        *,
        limit: int,
        after: int = 0,
        exclude_destinations: Collection[str] = (),
        leased: Collection[int] = (),
    ) -> list[Recipient]:
        """To whom a message may be begun, at most ``limit``: deferred ones that are due, up to half of them, then
        pending ones behind number ``after`` in the list's order, then more of the deferred.

        ``leased`` are numbers that the caller has taken already, best a set. ``after`` only saves looking at pending
        ones again that were passed over for their destination; deferred ones are looked at from the first.
        """
        with telling(self.path):
            retriable = reading.retriable(self._connection, now, exclude_destinations)
            waiting = reading.waiting(self._connection, after, exclude_destinations)
            again = list(islice((each for each in retriable if each.seq not in leased), limit))
            first = islice((each for each in waiting if each.seq not in leased), max(limit - len(again), limit // 2))
            new = list(first)
            return again[: limit - len(new)] + new

    def next_due(self) -> float | None:
        """When the first of the deferred may be tried again, in seconds since the epoch; None if none is deferred."""
        with telling(self.path):
            return reading.next_due(self._connection)

    def due_span(self) -> tuple[float, float] | None:
        """When the first and the last of the deferred may be tried again; None if none is deferred."""
        with telling(self.path):
            return reading.due_span(self._connection)

    def recipient(self, seq: int) -> Recipient:
        """A recipient by its number, counted from 1. ``KeyError`` where there is none."""
        with telling(self.path):
            found = reading.recipient(self._connection, seq)
        if found is None:
            raise KeyError(seq)
        return found

    def recipient_at(self, line: int) -> Recipient | None:
        """The recipient whose row of the list begins in ``line``; None if no row does."""
        with telling(self.path):
            return reading.recipient_at(self._connection, line)

    def lines(self) -> tuple[int, int]:
        """The first and the last line of the list in which a recipient's row begins."""
        with telling(self.path):
            return reading.lines(self._connection)

    def recipients(self) -> Iterator[Recipient]:
        """All, in the list's order, read as they are asked for."""
        return self._told(lambda: reading.recipients(self._connection))

    def standings(self, states: Collection[RecipientState] = tuple(RecipientState)) -> Iterator[Standing]:
        """All in one of ``states`` with how the last attempt ended, in the list's order, read as they are asked for."""
        return self._told(lambda: reading.standings(self._connection, states))

    def untouched(self) -> Iterator[Standing]:
        """Those whom a reply left as they were, because it was about the sender: what paused the batch is among it."""
        return self._told(lambda: reading.untouched(self._connection))

    def exported(
        self, states: Collection[RecipientState] = tuple(RecipientState)
    ) -> Iterator[tuple[Standing, tuple[Value, ...]]]:
        """The same with the rows of the list."""
        return self._told(lambda: reading.exported(self._connection, states))

    def attempts(self, seq: int) -> list[Attempt]:
        """The attempts at one recipient, the first one first."""
        with telling(self.path):
            return reading.attempts(self._connection, seq)

    def recover(self, now: float) -> int:
        """After a crash: what was in flight is uncertain from here on. How many these are. For whoever has the lock."""
        recovered = 0
        while found := self._inflight():
            self.apply(
                Attempted(seq, RecipientState.UNCERTAIN, began=began, ended=now, reason="crash") for seq, began in found
            )
            recovered += len(found)
        return recovered

    def decide(
        self,
        seqs: Sequence[int],
        before: Collection[RecipientState],
        after: RecipientState,
        reason: str = "",
        *,
        now: float,
    ) -> int:
        """Put those of ``seqs`` that are in a state of ``before`` into another one, as somebody has decided.

        Attempts are counted from nothing again; what was recorded of the old ones stays. A batch that was done and
        has somebody pending now is paused. How many were changed; for whoever has the lock.
        """
        # Who is moved to another batch, or taken as sent, is not provably unsent in an older copy of this one.
        self._begin_up_to(max(seqs, default=0))
        with self._counted(revives=after is RecipientState.PENDING):
            changed = decide(self._connection, seqs, before, after, reason)
            if changed and after is RecipientState.PENDING and self._done():
                again = f"{changed} to be sent to again"
                change_state(self._connection, StateChange(BatchState.PAUSED, now, again), self.path)
        return changed

    def correct(self, changed: Iterable[tuple[int, NewRecipient]], *, now: float) -> None:
        """Give recipients another address and row; they are pending then. For whoever has the lock."""
        rows = list(changed)
        self._begin_up_to(max((seq for seq, _ in rows), default=0))
        with self._counted(revives=True):
            correct(self._connection, rows)
            if self._done():
                change_state(
                    self._connection, StateChange(BatchState.PAUSED, now, "an address was corrected"), self.path
                )

    def annotate(self, reasons: Iterable[tuple[int, str]]) -> None:
        """Give recipients, by number, another reason for the state that they are in. For whoever has the lock."""
        rows = [(text(reason), seq) for seq, reason in reasons]
        # Another batch may send to them by now, which an older copy of this one does not know.
        with self._counted(revives=bool(rows)):
            self._connection.executemany("UPDATE standing SET reason = ? WHERE seq = ?", rows)

    def _done(self) -> bool:
        return reading.facts(self._connection).state is BatchState.DONE

    def _inflight(self) -> list[tuple[int, float]]:
        with telling(self.path):
            if not reading.tally(self._connection)[RecipientState.INFLIGHT]:
                return []
            found = self._connection.execute(
                "SELECT seq, began FROM standing WHERE state = 'inflight' LIMIT ?", (_RECOVERED,)
            ).fetchall()
        if not found:
            raise damaged(self.path, "its tally is not what its recipients say")
        return found

    def apply(self, operations: Iterable[Operation]) -> None:
        """Write operations at once, all or nothing; a runner uses a :class:`Writer`."""
        write(self._connection, operations, self.path)
        self._tell_witness()

    @contextlib.contextmanager
    def _counted(self, *, revives: bool) -> Iterator[None]:
        """A transaction that changes what became of somebody: the witness is told of it.

        ``revives`` is whether somebody whose turn was over may get the message then, from this batch or another one.
        """
        with transaction(self._connection, self.path):
            yield
            count(self._connection)
            if revives and self._witness is not None:
                # Before it is durable: an older copy has them as failed or skipped, though they may get the message.
                course = course_of(self._connection)
                self._witness.revive(course.identity, course.commits)
        self._tell_witness()

    def _begin_up_to(self, highest: int) -> None:
        if self._witness is not None:
            self._witness.extend(self.identity, highest)

    def _tell_witness(self) -> None:
        if self._witness is not None:
            with telling(self.path):
                course = course_of(self._connection)
            self._witness.advance(course.identity, course.commits, patient=True)

    def doubt(self, now: float) -> Doubted:
        """Recover from :attr:`damage`: whoever may have the message by what is known is uncertain from here on.

        For whoever has the lock. Raises :class:`JournalDamaged` if the file cannot be mended.
        """
        if self._witness is None:
            raise JournalError(f"{self.path} can only be recovered beside its shared.sqlite.")
        reach = self.damage.reach if self.damage is not None else self._reach()
        before, identity = self.identity, secrets.token_hex(16)
        copied = self.damage is not None and self.damage.fault is Fault.COPY
        with telling(self.path):
            course = course_of(self._connection)
        known = self._witness.known(before)
        witness, name = self._witness, self.path.stem

        def tell() -> None:
            # The witness first: a journal that it does not know is damaged, and nothing is sent from one.
            witness.register(identity, name, reach=reach, instead_of="" if copied else before)

        doubted = recovering.doubt(
            self._connection,
            self.path,
            identity=identity,
            reach=reach,
            revived=known is not None and known.revived > course.commits,
            now=now,
            before_commit=tell,
        )
        self.damage = None
        return doubted

    def failed_opening(self) -> FailedOpening | None:
        """The last connection that could not be opened; None where each one could."""
        with telling(self.path):
            row = self._connection.execute("SELECT at, server, sentence, dialogue FROM opening").fetchone()
        return None if row is None else FailedOpening(*row)

    def pace_memory(self) -> str:
        """What the last run left for the pace of the next one, as JSON; empty if there was none."""
        with telling(self.path):
            row = self._connection.execute("SELECT memory FROM pace").fetchone()
        return "" if row is None else str(row[0])

    def by_code_only(self) -> int:
        """How many have failed of whom nothing but the three digits of a reply tells; by index."""
        with telling(self.path):
            (count,) = self._connection.execute(
                f"SELECT count(*) FROM standing WHERE reason = '{BY_CODE}' AND state = 'failed'"  # noqa: S608
            ).fetchone()
        return int(count)

    # Between terminals

    def ask(self, request: Request, now: float) -> None:
        """Ask the runner for something; the last word counts."""
        with transaction(self._connection, self.path):
            self._connection.execute("INSERT OR REPLACE INTO control VALUES (1, ?, ?)", (request, now))

    def forget_asked(self, before: float) -> None:
        """Drop what was asked before a moment: who asked for it meant a runner that has ended since."""
        with transaction(self._connection, self.path):
            self._connection.execute("DELETE FROM control WHERE at < ?", (before,))

    def asked(self) -> Request | None:
        """What was asked and not answered yet."""
        with telling(self.path):
            return reading.asked(self._connection)

    def heartbeat(self) -> Heartbeat | None:
        """What the last runner said last; it may be gone."""
        with telling(self.path):
            return reading.heartbeat(self._connection)

    def live(self) -> bool:
        """Whether a runner has this batch in hand now."""
        return runner_lives(self.path)

    def changed(self) -> int:
        """A number that is another one as soon as another connection has written."""
        with telling(self.path):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _told(self, rows: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """Rows read one by one; only what reading raises becomes a sentence, not what is done with them."""
        with telling(self.path):
            found = rows()
        while True:
            with telling(self.path):
                row = next(found, None)
            if row is None:
                return
            yield row
