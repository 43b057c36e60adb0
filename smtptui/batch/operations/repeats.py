"""Noticing that a list, or a message, was sent before: what earlier batches sent, and to how many of these."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from smtptui.batch.journal import Hit, Journal, JournalError, Mailing, Shared, runner_lives
from smtptui.batch.model import MAY_HAVE, OPEN, NewRecipient, RecipientState
from smtptui.batch.settings import BatchSettings, MessageSettings, SettingsError

DAYS = 30
"""How long the same message to the same person is a repetition that somebody has to decide about."""
_DAY_S = 86_400
_SHARE = 0.05
_FEW = 3
"""Repetitions that need no decision: more than these, and more than this share of those who are left."""
_AT_ONCE = 1000
_ATTACHED = re.compile(r"(?im)^attachment[ \t]*:[ \t]*([^{}\r\n]+?)[ \t]*$")
_SHOWN = re.compile(r"""(?i)(?:\bsrc\s*=\s*["']?|\]\()([^"'()\s{}<>]+)""")
_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one earlier batch sent to the people who are asked about."""

    batch: str
    recipients: int
    """How many of them it sent to, those included who only may have the message."""
    uncertain: int
    """How many of these only may have it: nobody knows whether the server took it."""
    last: float
    """When it last sent to one of them, in seconds since the epoch."""
    same_message: bool
    """Whether it was the same message: the same template with the same files."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """That a batch is about to send what its recipients were sent lately."""

    left: int
    """Recipients that are still to be sent to."""
    recipients: int
    """How many of them have, or may have, the same message within :data:`DAYS` days."""
    earlier: tuple[Earlier, ...]

    @property
    def needs_decision(self) -> bool:
        """Whether it is more than a few: then a user has to say that it is meant."""
        return self.recipients > _FEW and self.recipients > _SHARE * self.left


def message_hash(documents: Mapping[str, bytes], message: MessageSettings) -> str:
    """A hash of what makes the messages of a batch: template, HTML version, and the files that every message has.

    How an editor saved a template (line ends, a byte order mark, blanks at the end of a line) makes no difference.
    """
    digest = hashlib.sha256()
    names: dict[str, None] = {}
    for name, content in sorted(documents.items()):
        text = content.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
        plain = "\n".join(line.rstrip(" \t") for line in text.rstrip().split("\n"))
        digest.update(f"{name}\0{plain}\0".encode("utf-8", "surrogateescape"))
        head = plain.partition("\n\n")[0]
        names |= dict.fromkeys(found[1] for found in _ATTACHED.finditer(head))
        names |= dict.fromkeys(found[1] for found in _SHOWN.finditer(plain))
    for name in sorted(names):
        content_hash = _file_hash(name, message)
        if content_hash:
            digest.update(f"{name}\0{content_hash}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _file_hash(name: str, message: MessageSettings) -> str:
    """The hash of a file that a template names; empty where it is not one that a message can have."""
    if message.files is None or "://" in name:
        return ""
    try:
        path = (message.template.path.parent / name).resolve()
        if not path.is_relative_to(message.files.resolve()) or not path.is_file():
            return ""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_READ):
                digest.update(piece)
    except (OSError, ValueError, RuntimeError):
        # What cannot be read is told when the message is made.
        return ""
    return digest.hexdigest()


def catch_up(folder: Path, shared: Path, *, now: float, also: Iterable[str] = ()) -> list[str]:
    """Take over from the journals in ``folder`` what the index of acceptances lacks; sentences on what could not be.

    Only those are opened that the index does not know as whole: batches that were just made, those that an earlier
    version sent, and those whose runner was killed; and ``also`` those of these names, for which a look into the
    journal is worth its time. What is older than the index is kept is forgotten. Raises :class:`JournalError` for the
    shared file.
    """
    notes = []
    named = frozenset(also)
    with Shared(shared) as file:
        acceptances = file.acceptances
        acceptances.prune(now)
        whole = acceptances.whole()
        for path in sorted(folder.glob("*.sqlite")):
            if (path.stem in whole and path.stem not in named) or runner_lives(path):
                continue
            try:
                _take_over(path, file, now)
            except (JournalError, SettingsError) as error:
                notes.append(f"Whom batch {path.stem} has sent to is not known: {error}")
    return notes


def _take_over(path: Path, shared: Shared, now: float) -> None:
    with Journal.open(path, readonly=True) as journal:
        facts = journal.facts()
        tally = journal.tally()
        message = ""
        if any(tally[state] for state in MAY_HAVE):
            documents = {name: journal.document(name) for name in facts.documents}
            message = message_hash(documents, BatchSettings.from_json(facts.settings).message)
        sent = (
            # Who was in flight when the runner died has no attempt that ended.
            (each.key, each.ended or now, each.state is not RecipientState.SENT)
            for each in (journal.standings(MAY_HAVE) if message else ())
        )
        shared.acceptances.complete(path.stem, facts.created, message, _portions(sent))


def _portions(
    rows: Iterable[tuple[str, float, bool]],
) -> Iterator[list[tuple[str, float, bool]]]:
    waiting = iter(rows)
    while portion := list(islice(waiting, _AT_ONCE)):
        yield portion


class Survey:
    """Counts, while people pass, how many of them earlier batches sent to."""

    def __init__(
        self,
        shared: Shared,
        *,
        message: str = "",
        own: tuple[str, float] | None = None,
        same_since: float | None = None,
    ) -> None:
        """``message`` is the hash of what is to be sent, ``own`` the name and time of making of the batch itself.

        With ``same_since`` only the same message counts, and only if it was sent since then.
        """
        self._acceptances = shared.acceptances
        self._message = message
        self._since = float("-inf") if same_since is None else same_since
        self._mailings = {
            each.number: each
            for each in self._acceptances.mailings()
            if (each.batch, each.created) != own and (same_since is None or self._repeats(each))
        }
        self._found: dict[tuple[str, float], list[float]] = {}
        self._same: set[tuple[str, float]] = set()
        self.asked = 0
        """How many people have passed."""
        self.repeated = 0
        """How many of them one of the mailings that count went to."""

    def _repeats(self, mailing: Mailing) -> bool:
        return bool(self._message) and mailing.message == self._message and mailing.last >= self._since

    @property
    def idle(self) -> bool:
        """Whether there is nothing that anybody could have been sent."""
        return not self._mailings

    def hits(self, keys: Sequence[str]) -> list[Hit]:
        """The mailings that count and went to these."""
        if self.idle:
            return []
        return [hit for hit in self._acceptances.look(keys) if hit.mailing in self._mailings and hit.at >= self._since]

    def batch_of(self, hit: Hit) -> str:
        """The name of the batch."""
        return self._mailings[hit.mailing].batch

    def count(self, people: int, hits: Sequence[Hit]) -> None:
        """So many people pass, and these mailings went to them."""
        self.asked += people
        self.repeated += len({hit.place for hit in hits})
        surest: dict[tuple[int, tuple[str, float]], Hit] = {}
        for hit in hits:
            mailing = self._mailings[hit.mailing]
            batch = (mailing.batch, mailing.created)
            if self._message and mailing.message == self._message:
                self._same.add(batch)
            known = surest.get((hit.place, batch))
            if known is None or known.unsure:
                surest[hit.place, batch] = hit
        for (_, batch), hit in surest.items():
            numbers = self._found.setdefault(batch, [0, 0, 0.0])
            numbers[0] += 1
            numbers[1] += hit.unsure
            numbers[2] = max(numbers[2], hit.at)

    @property
    def earlier(self) -> tuple[Earlier, ...]:
        """What was found: the same message first, then the latest."""
        found = [
            Earlier(batch[0], int(sent), int(unsure), last, batch in self._same)
            for batch, (sent, unsure, last) in self._found.items()
        ]
        return tuple(sorted(found, key=lambda each: (not each.same_message, -each.last)))


def watched(rows: Iterable[NewRecipient], survey: Survey, not_in: Iterable[str] = ()) -> Iterator[NewRecipient]:
    """The same rows, counted by ``survey`` as they pass, without those whom a batch in ``not_in`` has sent to.

    They are skipped with the reason, also where it is uncertain whether the server took the message: whoever may have
    it is not sent to again without a decision. Flat memory.
    """
    unwanted = frozenset(not_in)
    waiting = iter(rows)
    while chunk := list(islice(waiting, _AT_ONCE)):
        pending = [place for place, one in enumerate(chunk) if one.state is RecipientState.PENDING]
        hits = survey.hits([chunk[place].key for place in pending])
        out: dict[int, str] = {}
        for hit in hits:
            batch = survey.batch_of(hit)
            if batch in unwanted:
                place = pending[hit.place]
                said = f"already sent to by {batch}"
                if hit.unsure:
                    said = out.get(place) or f"perhaps sent to by {batch}: the outcome is uncertain"
                out[place] = said
        for place, reason in out.items():
            chunk[place] = replace(chunk[place], state=RecipientState.SKIPPED, reason=reason)
        survey.count(len(pending) - len(out), [hit for hit in hits if pending[hit.place] not in out])
        yield from chunk


def unknown_batches(names: Iterable[str], folder: Path, shared: Shared) -> list[str]:
    """Those of ``names`` of which it is not known whom they sent to: there is no such batch, or nobody can read it.

    A batch that was deleted is known as long as the index keeps what it sent; one that is being sent is known up to the
    last moment.
    """
    sent, whole = {each.batch for each in shared.acceptances.mailings()}, shared.acceptances.whole()
    unknown = []
    for name in names:
        path = folder / f"{name}.sqlite"
        if name not in whole and not (runner_lives(path) if path.exists() else name in sent):
            unknown.append(name)
    return unknown


def repetition(journal: Journal, shared: Path, message: str, *, now: float) -> Repetition:
    """How many of those who are left in a batch were sent ``message`` within :data:`DAYS` days by other batches.

    What the batch itself sent is no repetition. Copies that went to whoever tests are not known here. Raises
    :class:`JournalError`.
    """
    facts = journal.facts()
    with Shared(shared) as file:
        own = (journal.path.stem, facts.created)
        survey = Survey(file, message=message, own=own, same_since=now - DAYS * _DAY_S)
        if survey.idle:
            return Repetition(journal.tally().open, 0, ())
        keys = (each.key for each in journal.standings(OPEN))
        while chunk := list(islice(keys, _AT_ONCE)):
            survey.count(len(chunk), survey.hits(chunk))
        return Repetition(survey.asked, survey.repeated, survey.earlier)


def day_of(at: float, now: float) -> str:
    """A day in words, by the clock here: ``today``, ``yesterday``, ``5 days ago``."""
    then, today = datetime.fromtimestamp(at).astimezone().date(), datetime.fromtimestamp(now).astimezone().date()
    days = (today - then).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago"
