"""Whatever is done to a journal, it says what a plain dictionary would say, also when it is opened anew in between."""

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smtptui.batch.journal import Answered, Heartbeat, Journal, JournalError, Request, StateChange
from smtptui.batch.model import Attempted, BatchState, Inflight, NewRecipient, RecipientState
from smtptui.protocol import Stage
from tests.batch.journal.making import create, new

S = RecipientState
DESTINATIONS = ("big", "small", "own")
ENDS = (S.SENT, S.DEFERRED, S.FAILED, S.UNCERTAIN, S.PENDING)
OPEN = (S.PENDING, S.DEFERRED)


@dataclass
class Person:
    """What the model knows of one recipient."""

    state: S
    destination: str
    attempts: int = 0
    next_at: float = 0.0
    first_at: float = 0.0
    reason: str = ""
    history: list[tuple[S, str]] = field(default_factory=list)


class Journals(RuleBasedStateMachine):
    """A journal and its model."""

    @initialize(
        people=st.lists(
            st.tuples(st.sampled_from([S.PENDING, S.PENDING, S.SKIPPED, S.SUPPRESSED]), st.sampled_from(DESTINATIONS)),
            max_size=12,
        )
    )
    def begin(self, people: list[tuple[S, str]]) -> None:
        self.folder = Path(tempfile.mkdtemp())
        rows: list[NewRecipient] = [
            new(number, state=state, destination=destination) for number, (state, destination) in enumerate(people, 1)
        ]
        self.path = create(self.folder / "june.sqlite", rows)
        self.people = {seq: Person(state, destination) for seq, (state, destination) in enumerate(people, 1)}
        self.asked: Request | None = None
        self.state = BatchState.DRAFT
        self.journal = Journal.open(self.path)
        self.clock = 100.0

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.journal.close()
            shutil.rmtree(self.folder)

    @rule(
        group=st.lists(
            st.tuples(st.integers(1, 12), st.sampled_from([None, *ENDS]), st.booleans(), st.floats(0, 500)), max_size=30
        )
    )
    def write(self, group: list[tuple[int, S | None, bool, float]]) -> None:
        """A group in one transaction: in order, or not at all."""
        self.clock += 1
        operations: list[Inflight | Attempted] = []
        after = {
            seq: Person(**{**vars(person), "history": list(person.history)}) for seq, person in self.people.items()
        }
        fits = True
        for number, (seq, end, counts, wait) in enumerate(group):
            person = after.get(seq)
            if end is None:
                operations.append(Inflight(seq, self.clock))
                fits = fits and person is not None and person.state in OPEN
                if person is not None:
                    person.state = S.INFLIGHT
                continue
            next_at = self.clock + wait if end is S.DEFERRED else 0.0
            operation = Attempted(
                seq, end, self.clock, self.clock + 1, Stage.DOT, 250, reply=f"r{number}", reason=f"w{number}",
                next_at=next_at, counts=counts, transcript=f"t{number}" if wait > 250 else "",
            )  # fmt: skip
            operations.append(operation)
            fits = fits and person is not None and person.state in (*OPEN, S.INFLIGHT)
            if person is not None:
                person.state, person.reason, person.next_at = end, f"w{number}", next_at
                person.attempts += counts
                person.first_at = person.first_at or (self.clock if counts else 0.0)
                person.history.append((end, operation.transcript))
        try:
            self.journal.apply(operations)
        except JournalError:
            assert not fits
        else:
            assert fits
            self.people = after

    @rule(
        turns=st.lists(
            st.tuples(st.integers(0, 11), st.sampled_from([S.SENT, S.DEFERRED, S.DEFERRED, S.FAILED])), min_size=1
        ),
        whole=st.booleans(),
    )
    def take_turns(self, turns: list[tuple[int, S]], whole: bool) -> None:
        """As lanes do: begun, ended, the next one begun, all in one group or without the end of the last."""
        free = [seq for seq, person in self.people.items() if person.state in OPEN]
        if free:
            group: list[tuple[int, S | None, bool, float]] = []
            for number, end in turns:
                seq = free[number % len(free)]
                group += [(seq, None, True, 0.0), (seq, end, True, 10.0 * number)]
            self.write(group if whole else group[:-1])

    @rule()
    def recover(self) -> None:
        self.clock += 1
        lost = [person for person in self.people.values() if person.state is S.INFLIGHT]
        assert self.journal.recover(self.clock) == len(lost)
        for person in lost:
            person.state, person.reason, person.next_at = S.UNCERTAIN, "crash", 0.0
            person.attempts += 1
            person.history.append((S.UNCERTAIN, ""))
            # It began when it was put in flight.
            person.first_at = person.first_at or -1.0

    @rule(
        seqs=st.lists(st.integers(1, 12), unique=True),
        before=st.sets(st.sampled_from([S.FAILED, S.DEFERRED, S.UNCERTAIN])),
        after=st.sampled_from([S.PENDING, S.SENT]),
    )
    def decide(self, seqs: list[int], before: set[S], after: S) -> None:
        changed = 0
        for seq in seqs:
            person = self.people.get(seq)
            if person is not None and person.state in before:
                person.state, person.reason, person.attempts = after, "said", 0
                person.next_at = person.first_at = 0.0
                changed += 1
        assert self.journal.decide(seqs, before, after, "said", now=self.clock) == changed
        if changed and after is S.PENDING and self.state is BatchState.DONE:
            self.state = BatchState.PAUSED

    @rule(state=st.sampled_from(BatchState))
    def change(self, state: BatchState) -> None:
        try:
            self.journal.apply([StateChange(state, self.clock, "because")])
        except JournalError:
            assert state is not self.state
        else:
            self.state = state

    @rule(request=st.sampled_from(Request), answer=st.sampled_from(Request))
    def ask(self, request: Request, answer: Request) -> None:
        with Journal.open(self.path) as other:
            other.ask(request, self.clock)
        assert self.journal.asked() is request
        self.journal.apply([Answered(answer)])
        self.asked = None if answer is request else request

    @rule(rate=st.none() | st.floats(0, 1e6), words=st.text())
    def beat(self, rate: float | None, words: str) -> None:
        heartbeat = Heartbeat(1, "here", self.clock, rate, None, words, 3, 2)
        self.journal.apply([heartbeat])
        assert self.journal.heartbeat() == heartbeat

    @rule()
    def open_anew(self) -> None:
        self.journal.close()
        self.journal = Journal.open(self.path)

    @rule(held=st.sets(st.sampled_from(DESTINATIONS)), leased=st.sets(st.integers(1, 12)), limit=st.integers(0, 15))
    def due(self, held: set[str], leased: set[int], limit: int) -> None:
        now = self.clock + 200
        found = [r.seq for r in self.journal.due(now, limit=limit, exclude_destinations=held, leased=leased)]
        free = {
            seq: person for seq, person in self.people.items() if person.destination not in held and seq not in leased
        }
        pending = [seq for seq, person in free.items() if person.state is S.PENDING]
        again = sorted(
            (person.next_at, seq)
            for seq, person in free.items()
            if person.state is S.DEFERRED and person.next_at <= now
        )
        retried = [seq for _, seq in again]
        assert len(found) == len(set(found)) == min(limit, len(pending) + len(retried))
        # Each kind from its front, and neither is kept waiting by the other.
        taken = [seq for seq in found if seq in pending]
        others = [seq for seq in found if seq in retried]
        assert taken == pending[: len(taken)]
        assert others == retried[: len(others)]
        assert len(taken) >= min(len(pending), limit // 2)
        assert len(others) >= min(len(retried), limit // 2)

    @invariant()
    def says_the_same(self) -> None:
        if not hasattr(self, "journal"):
            return
        tally = self.journal.tally()
        assert tally == self.journal.recount()
        assert Counter({state: tally[state] for state in S if tally[state]}) == Counter(
            person.state for person in self.people.values()
        )
        assert tally.total == len(self.people)
        assert self.journal.asked() is self.asked
        assert self.journal.facts().state is self.state
        waiting = [person.next_at for person in self.people.values() if person.state is S.DEFERRED]
        assert self.journal.next_due() == min(waiting, default=None)
        for recipient in self.journal.recipients():
            person = self.people[recipient.seq]
            assert (recipient.state, recipient.attempts) == (person.state, person.attempts)
            assert recipient.first_at == person.first_at or person.first_at == -1.0
            if person.state is S.DEFERRED:
                assert recipient.next_at == person.next_at
            attempts = self.journal.attempts(recipient.seq)
            assert [(attempt.state, attempt.transcript) for attempt in attempts] == person.history
            assert [attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1))


TestJournals = Journals.TestCase
TestJournals.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
