"""Making a batch: the list is read and checked row by row into a journal that exists once it is complete."""

import asyncio
import hashlib
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from smtptui.batch.addresses import Address, Addresses, AddressRules, check_exchangers, check_rows, kind_of_reason
from smtptui.batch.composer import ComposerError, ComposerProcess, OpenedTemplate
from smtptui.batch.identity import new_token
from smtptui.batch.journal import Journal, Shared
from smtptui.batch.lists import Hidden, ListError, ListReader, Ragged, Row, address_column, open_list
from smtptui.batch.model import NewRecipient, Recipient, RecipientState, Tally
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind, journal_errors
from smtptui.batch.operations.catalog import Catalog, check_name, free_name
from smtptui.batch.operations.composition import composer_errors, documents_of, settings_of
from smtptui.batch.operations.leftovers import LEFT, Leftovers
from smtptui.batch.operations.repeats import Earlier, Survey, catch_up, message_hash, unknown_batches, watched
from smtptui.batch.operations.sources import unreadable
from smtptui.batch.operations.taking_over import Holder
from smtptui.batch.settings import BatchSettings, ListSettings, Shard, SourceFile
from smtptui.dns import Resolver
from smtptui.message import MessageError, load_eml
from smtptui.protocol import MailboxError, parse_mailbox

_NUMBERED = re.compile(r"-[0-9]+\Z")
_AT_ONCE = 500
_LOOKED_AT = 5
"""Rows whose message is looked at for people who get no copy."""
_SAMPLE = 20
"""Rows of which one should have a message that can be made."""
_SHOWN = 5
"""Rows that are named for each reason to leave some out."""


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch to be made."""

    settings: BatchSettings
    documents: Mapping[str, bytes]
    """What the journal keeps of the files: template and HTML version."""
    name: str | None = None
    """None for a free name after the list."""
    not_in: tuple[str, ...] = ()
    """Batches whose recipients are left out."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that are left out for one reason."""

    reason: str
    number: int
    examples: tuple[str, ...]
    """The first of them: where, who and why."""


@dataclass(frozen=True, slots=True)
class Created:
    """A batch that was made, and what its rows came to."""

    name: str
    settings: BatchSettings
    tally: Tally
    left_out: tuple[LeftOut, ...]
    """In the order in which the list has them."""
    elsewhere: int
    """Rows that are another machine's."""
    earlier: tuple[Earlier, ...]
    """What earlier batches sent to those who are to be sent to."""
    asked: int
    """How many these are."""
    notes: tuple[str, ...]
    """How the list was read and what could not be found out, in sentences."""
    moved: int = 0
    """Recipients that another batch does not send to any more."""


@dataclass(slots=True)
class _Found:
    """What the rows of the list came to."""

    counts: Counter[RecipientState] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    elsewhere: int = 0
    """Rows that are another machine's."""
    unit: str = "line"
    """What the numbers of rows count."""
    unanswered: set[str] = field(default_factory=set)
    """Domains the DNS said nothing of."""
    earlier: tuple[Earlier, ...] = ()
    """What earlier batches sent to those who are to be sent to."""
    asked: int = 0
    """How many these are."""
    unread: list[str] = field(default_factory=list)
    """Batches of which it is not known whom they sent to, in sentences."""

    @property
    def notes(self) -> list[str]:
        """What was not found, in sentences."""
        if not self.unanswered:
            return self.unread
        number = len(self.unanswered)
        domains = f"{number} {'domain' if number == 1 else 'domains'}"
        return [
            *self.unread,
            f"The DNS did not answer for {domains}, such as {min(self.unanswered)}; whoever is there will be sent to.",
        ]

    def noted(self, rows: Iterable[NewRecipient]) -> Iterator[NewRecipient]:
        """The same rows, counted as they pass."""
        for row in rows:
            self.counts[row.state] += 1
            if row.reason:
                why = kind_of_reason(row.reason)
                self.reasons[why] += 1
                examples = self.examples.setdefault(why, [])
                if len(examples) < _SHOWN:
                    examples.append(f"{self.unit} {row.line}: {f'{row.address}: ' if row.address else ''}{row.reason}")
            yield row

    def of_shard(self, rows: Iterable[NewRecipient], shard: Shard | None) -> Iterator[NewRecipient]:
        """Only this machine's part of the list; who shares an address shares the machine."""
        for row in rows:
            if shard is None or shard_of(row.key or str(row.line), shard.of) == shard.number:
                yield row
            else:
                self.elsewhere += 1


def shard_of(key: str, parts: int) -> int:
    """Which of so many parts a recipient is in, counted from 1; the same on every machine."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") % parts + 1


class Rows(Protocol):
    """What a batch is made of: a list that was opened, or who is left of another batch."""

    columns: tuple[str, ...]
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[Row | Ragged]: ...

    def sample(self, count: int = 200) -> list[Row]:
        """The first rows."""
        ...

    def need(self, columns: Collection[str]) -> None:
        """Which columns are used, if not all."""
        ...


def create(new: NewBatch, source: Path | BinaryIO, catalog: Catalog, *, now: float) -> Created:
    """Make a batch of a list: a file, or standard input. Nothing is contacted but the DNS, if settings ask for that.

    ``now`` is in seconds since the epoch. Raises :class:`BatchError`; there is no batch then.
    """
    with _opened_list(source, new.settings.list) as reader:
        with _list_errors():
            column = address_column(reader, new.settings.list.address_column or None)
        stem = source.stem if isinstance(source, Path) else "batch"
        name = check_name(new.name) if new.name else free_name(stem, catalog.names())
        path = source if isinstance(source, Path) else None
        return _create(
            name, replace(new, settings=_with_list(new.settings, path, reader, column)), reader, column, catalog, now
        )


def create_from_batch(
    old: str,
    states: Collection[RecipientState],
    changed: Callable[[BatchSettings, Mapping[str, bytes]], NewBatch],
    catalog: Catalog,
    holder: Holder,
) -> Created:
    """Make a batch of those whom batch ``old`` has left in these states (none: all who may get the message).

    They are moved: ``old`` does not send to them any more. ``changed`` is called with its settings and documents while
    nobody else can change it, and says what the new batch is made with. Raises :class:`BatchError`.
    """
    wanted = tuple(states) or LEFT
    with journal_errors(), Leftovers(catalog.find(old), wanted, holder) as left:
        settings = settings_of(left.facts)
        new = changed(settings, documents_of(left.journal))
        if not left.sample(1):
            raise BatchError(
                BatchErrorKind.INPUT, f"Batch {old} has nobody who is {' or '.join(wanted)}, so no batch was made."
            )
        name = check_name(new.name) if new.name else free_name(_NUMBERED.sub("", old), catalog.names())
        column = left.columns.index(settings.list.address_column)
        made = _create(name, new, left, column, catalog, holder.now())
        return replace(made, moved=left.move(name))


def _create(name: str, new: NewBatch, reader: Rows, column: int, catalog: Catalog, now: float) -> Created:
    """Make the batch of these rows; ``column`` has the addresses."""
    found = _Found()
    with composer_errors(), ComposerProcess() as composer:
        template = composer.open(new.settings, reader.columns, new.documents)
        _check_fields(template, new, reader)
        if "row" not in template.fields:
            reader.need({reader.columns[column], *template.fields})
        settings = _with_domain(new.settings, composer, reader)
        copies = _copies(template, composer, reader, column, settings.list)
        # Once more, now that the domain that signs is known.
        composer.open(settings, reader.columns, new.documents)
    _fill(name, new, settings, reader, column, found, catalog, now)
    return Created(
        name,
        settings,
        Tally(dict(found.counts)),
        tuple(LeftOut(why, number, tuple(found.examples[why])) for why, number in found.reasons.items()),
        found.elsewhere,
        found.earlier,
        found.asked,
        (*reader.notes, *template.notes, *copies, *found.notes),
    )


@contextmanager
def _list_errors() -> Iterator[None]:
    try:
        yield
    except ListError as error:
        raise BatchError(BatchErrorKind.INPUT, str(error)) from error


@contextmanager
def _opened_list(source: Path | BinaryIO, settings: ListSettings) -> Iterator[ListReader]:
    if isinstance(source, Path):
        try:
            source.open("rb").close()
        except OSError as error:
            raise unreadable("LIST", source, error) from error
    with _list_errors():
        reader = open_list(
            source,
            encoding=settings.encoding,
            delimiter=settings.delimiter,
            header=None if settings.header else False,
            names=settings.columns,
            sheet=settings.sheet,
            hidden=Hidden(settings.hidden),
            name="" if isinstance(source, Path) else "standard input",
        )
    with reader:
        yield reader


def _with_list(settings: BatchSettings, path: Path | None, reader: ListReader, column: int) -> BatchSettings:
    file = None if path is None else SourceFile(path=path.absolute(), sha256=reader.sha256)
    read = settings.list.model_copy(
        update={"file": file, "kind": reader.kind.value, "address_column": reader.columns[column]}
    )
    return settings.model_copy(update={"list": read})


def _check_fields(template: OpenedTemplate, new: NewBatch, reader: Rows) -> None:
    unknown = template.unknown
    if unknown:
        path = new.settings.message.template.path.name
        columns = ", ".join(reader.columns)
        raise BatchError(
            BatchErrorKind.INPUT,
            f"{path} fills in {', '.join(unknown)}, and the list has no such column. It has: {columns}.",
        )


def _with_domain(settings: BatchSettings, composer: ComposerProcess, reader: Rows) -> BatchSettings:
    """The domain of Message-IDs is the author's: what a first message that can be made says."""
    domain = ""
    with suppress(MailboxError):
        domain = parse_mailbox(settings.message.sender).domain
    with suppress(MailboxError):
        domain = parse_mailbox(composer.author(_somebody(reader))).domain or domain
    domain = domain.strip("[]") or settings.relay.connection.host or "localhost"
    return settings.model_copy(update={"message": settings.message.model_copy(update={"domain": domain})})


def _somebody(reader: Rows) -> list[Recipient]:
    """The first rows, as if they were somebody's."""
    address, state = "nobody@example.invalid", RecipientState.PENDING
    return [
        Recipient(seq, row.line, address, "", "", row.values, "0" * 24, state, "", 0, 0.0, 0.0)
        for seq, row in enumerate(reader.sample(_SAMPLE), 1)
    ]


def _copies(
    template: OpenedTemplate, composer: ComposerProcess, reader: Rows, column: int, list_: ListSettings
) -> list[str]:
    """That a first row fills in people who get no copy, where the template does not show that by itself."""
    if any("no copy" in note for note in template.notes):
        return []
    addresses = Addresses()
    for row in _somebody(reader)[:_LOOKED_AT]:
        value = row.values[column]
        address = addresses.read(value) if isinstance(value, str) else ""
        if not isinstance(address, Address):
            continue
        try:
            named = load_eml(composer.message(replace(row, address=address.text)).message.content).recipients
        except (ComposerError, MessageError):
            # What is wrong with a row is said by lint.
            return []
        others = [each for each in named if each.lower() != address.key]
        if others and len(others) < len(named):
            place = list_.place(row.line).capitalize()
            return [f"{place}: the message names {', '.join(others[:3])} as well, who get no copy."]
    return []


def _check_not_in(names: Iterable[str], catalog: Catalog, shared: Shared) -> None:
    """That it is known whom these batches sent to; raises :class:`BatchError`."""
    unknown = unknown_batches((check_name(name) for name in names), catalog.folder, shared)
    if not unknown:
        return
    name = unknown[0]
    if catalog.place(name).exists():
        raise BatchError(
            BatchErrorKind.DAMAGED,
            f"--not-in {name}: whom this batch has sent to cannot be read, so no batch was made. “smtptui batch status"
            f" {name}” says what is wrong with it.",
        )
    raise BatchError(
        BatchErrorKind.USAGE,
        f"--not-in {name}: there is no such batch, and none that sent in the last 90 days was called so.",
    )


def _fill(
    name: str,
    new: NewBatch,
    settings: BatchSettings,
    reader: Rows,
    column: int,
    found: _Found,
    catalog: Catalog,
    now: float,
) -> None:
    read = settings.list
    rules = AddressRules(read.allow_duplicates, read.allow_roles, read.allow_typos)
    with journal_errors():
        found.unread = catch_up(catalog.folder, catalog.shared, now=now, also=new.not_in)
    with catalog.opened_shared() as shared:
        _check_not_in(new.not_in, catalog, shared)
    with (
        catalog.opened_shared() as shared,
        _list_errors(),
        journal_errors(),
        Journal.create(
            catalog.place(name),
            name=name,
            columns=reader.columns,
            settings=settings.to_json(),
            documents=new.documents,
            now=now,
            token=lambda: new_token(secrets.token_bytes),
            shared=catalog.shared,
        ) as journal,
    ):
        found.unit = read.unit
        rows = check_rows(
            reader, column, len(reader.columns), rules=rules, suppressed=shared.suppressed, unit=read.unit
        )
        survey = Survey(shared, message=message_hash(new.documents, settings.message))
        mine = watched(found.of_shard(rows, settings.shard), survey, new.not_in)
        if read.check_mx:
            asyncio.run(
                _with_mx(journal, check_exchangers(mine, _resolver(settings), unanswered=found.unanswered), found)
            )
        else:
            journal.add(found.noted(mine))
        if not found.counts:
            raise BatchError(BatchErrorKind.INPUT, "The list has no recipients; no batch was created.")
        found.earlier, found.asked = survey.earlier, survey.asked


def _resolver(settings: BatchSettings) -> Resolver:
    return Resolver(settings.relay.connection.resolver)


async def _with_mx(journal: Journal, rows: AsyncIterator[NewRecipient], found: _Found) -> None:
    chunk: list[NewRecipient] = []
    async for row in rows:
        chunk.append(row)
        if len(chunk) >= _AT_ONCE:
            journal.add(found.noted(chunk))
            chunk = []
    journal.add(found.noted(chunk))
