"""Makes a batch: the list is read and checked row by row into a journal that exists once it is whole."""

import asyncio
import contextlib
import hashlib
import secrets
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Protocol

import click

from smtptui.batch import (
    Address,
    Addresses,
    AddressRules,
    BatchSettings,
    ComposerError,
    ComposerProcess,
    Earlier,
    Hidden,
    Journal,
    ListError,
    ListReader,
    ListSettings,
    NewRecipient,
    OpenedTemplate,
    Ragged,
    Recipient,
    RecipientState,
    Row,
    Shard,
    SourceFile,
    Survey,
    Tally,
    address_column,
    check_exchangers,
    check_rows,
    composer_errors,
    kind_of_reason,
    message_hash,
    new_token,
    open_list,
    watched,
)
from smtptui.cli.batch.names import free_name
from smtptui.cli.batch.opened import batch_errors, check_name, folder, names, opened_shared, shared_path
from smtptui.cli.batch.reading import NewBatch, read_new
from smtptui.cli.batch.repeating import check_not_in, earlier_documents, earlier_lines, take_over_acceptances
from smtptui.cli.batch.words import counted
from smtptui.cli.errors import bad_input, unreadable
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.dns import Resolver
from smtptui.message import MessageError, load_eml
from smtptui.protocol import MailboxError, parse_mailbox

_AT_ONCE = 500
_LOOKED_AT = 5
"""Rows whose message is looked at for people who get no copy."""
_SAMPLE = 20
"""Rows of which one should have a message that can be made."""
_SHOWN = 5
"""Rows that are named for each reason to leave some out."""


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
        number = counted(len(self.unanswered), "domain", "domains")
        return [
            *self.unread,
            f"The DNS did not answer for {number}, such as {min(self.unanswered)}; whoever is there will be sent to.",
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


def make(ctx: click.Context) -> ExitCode:
    """Make a batch and print its name; raises :class:`CommandError`."""
    new = read_new(ctx)
    with _opened_list(new) as reader:
        with _list_troubles():
            column = address_column(reader, new.settings.list.address_column or None)
        name = check_name(new.name) if new.name else free_name(_stem(new), names())
        made = make_of(name, replace(new, settings=_with_list(new, reader, column)), reader, column)
    made.report()
    return ExitCode.OK


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


@dataclass(frozen=True, slots=True)
class Made:
    """A batch that was made, and what its rows came to."""

    name: str
    new: NewBatch
    found: _Found
    notes: list[str]

    def report(self) -> None:
        """Print its name, and what was found."""
        _report(self.name, self.new, self.found, self.notes)


def make_of(name: str, new: NewBatch, reader: Rows, column: int) -> Made:
    """Make the batch of these rows; ``column`` has the addresses. Raises :class:`CommandError`."""
    found = _Found()
    with batch_errors(), composer_errors(), ComposerProcess() as composer:
        template = composer.open(new.settings, reader.columns, new.documents)
        _check_fields(template, new, reader)
        if "row" not in template.fields:
            reader.need({reader.columns[column], *template.fields})
        settings = _with_domain(new.settings, composer, reader)
        copies = _copies(template, composer, reader, column, settings.list)
        # Once more, now that the domain that signs is known.
        composer.open(settings, reader.columns, new.documents)
    _fill(name, new, settings, reader, column, found)
    return Made(name, replace(new, settings=settings), found, [*reader.notes, *template.notes, *copies, *found.notes])


def _stem(new: NewBatch) -> str:
    return new.list_.stem if new.list_ is not None else "batch"


@contextlib.contextmanager
def _list_troubles() -> Iterator[None]:
    try:
        yield
    except ListError as error:
        raise bad_input(str(error)) from error


@contextlib.contextmanager
def _opened_list(new: NewBatch) -> Iterator[ListReader]:
    settings = new.settings.list
    source: BinaryIO | Path = sys.stdin.buffer
    if new.list_ is not None:
        source = new.list_
        try:
            new.list_.open("rb").close()
        except OSError as error:
            raise unreadable(new.list_, "LIST", error) from error
    with _list_troubles():
        reader = open_list(
            source,
            encoding=settings.encoding,
            delimiter=settings.delimiter,
            header=None if settings.header else False,
            names=settings.columns,
            sheet=settings.sheet,
            hidden=Hidden(settings.hidden),
            name="standard input" if new.list_ is None else "",
        )
    with reader:
        yield reader


def _with_list(new: NewBatch, reader: ListReader, column: int) -> BatchSettings:
    file = None if new.list_ is None else SourceFile(path=new.list_.absolute(), sha256=reader.sha256)
    read = new.settings.list.model_copy(
        update={"file": file, "kind": reader.kind.value, "address_column": reader.columns[column]}
    )
    return new.settings.model_copy(update={"list": read})


def _check_fields(template: OpenedTemplate, new: NewBatch, reader: Rows) -> None:
    unknown = template.unknown
    if unknown:
        path = new.settings.message.template.path.name
        columns = ", ".join(reader.columns)
        raise bad_input(f"{path} fills in {', '.join(unknown)}, and the list has no such column. It has: {columns}.")


def _with_domain(settings: BatchSettings, composer: ComposerProcess, reader: Rows) -> BatchSettings:
    """The domain of Message-IDs is the author's: what a first message that can be made says."""
    domain = ""
    with contextlib.suppress(MailboxError):
        domain = parse_mailbox(settings.message.sender).domain
    with contextlib.suppress(MailboxError):
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


def _fill(name: str, new: NewBatch, settings: BatchSettings, reader: Rows, column: int, found: _Found) -> None:
    read = settings.list
    rules = AddressRules(read.allow_duplicates, read.allow_roles, read.allow_typos)
    found.unread = take_over_acceptances(new.not_in)
    with opened_shared() as shared:
        check_not_in(new.not_in, shared)
    with (
        opened_shared() as shared,
        _list_troubles(),
        batch_errors(),
        Journal.create(
            folder() / f"{name}.sqlite",
            name=name,
            columns=reader.columns,
            settings=settings.to_json(),
            documents=new.documents,
            now=time.time(),
            token=lambda: new_token(secrets.token_bytes),
            shared=shared_path(),
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
            raise bad_input("The list has no recipients; no batch was created.")
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


def _report(name: str, new: NewBatch, found: _Found, notes: list[str]) -> None:
    stdout = Printer(sys.stdout)
    tally = Tally(dict(found.counts))
    pending = tally[RecipientState.PENDING]
    if new.as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "state": "draft",
                "total": tally.total,
                **{state.value: tally[state] for state in (RecipientState.PENDING, *_LEFT_OUT)},
                "reasons": dict(found.reasons),
                "elsewhere": found.elsewhere,
                "earlier": earlier_documents(found.earlier),
                "columns": {"address": new.settings.list.address_column},
                "notes": notes,
            }
        )
        return
    stdout.line(name)
    stderr = Printer(sys.stderr)
    for note in notes:
        stderr.line(note)
    left = "".join(f", {tally[state]} {state}" for state in _LEFT_OUT if tally[state])
    here = f"; {found.elsewhere} are for the other machines" if found.elsewhere else ""
    stderr.line(f"{counted(pending, 'recipient', 'recipients')} to be sent to{left}{here}.")
    for why, number in found.reasons.most_common():
        stderr.line(f"  {number} {why}")
        for example in found.examples[why]:
            stderr.line(f"      {example}")
    for line in earlier_lines(found.earlier, found.asked, now=time.time()):
        stderr.line(line)
    stderr.line(f"Next: smtptui batch lint {name}")


_LEFT_OUT = (RecipientState.SKIPPED, RecipientState.SUPPRESSED)
