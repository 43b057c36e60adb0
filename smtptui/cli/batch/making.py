"""Makes a batch: the list is read and checked, the template looked at, and all of it put into a journal."""

import asyncio
import hashlib
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from smtptui.batch import (
    AddressRules,
    BatchExists,
    Journal,
    ListError,
    NewRecipient,
    RecipientState,
    Shard,
    SourceFile,
    address_column,
    check_exchangers,
    check_rows,
    new_token,
    open_list,
)
from smtptui.cli.batch.names import free_name
from smtptui.cli.batch.opened import check_name, folder, journal_troubles, names, opened_shared
from smtptui.cli.batch.reading import NewBatch, read_new
from smtptui.cli.batch.words import counted
from smtptui.cli.batch.workshop import made_workshop
from smtptui.cli.errors import bad_input, unreadable
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer
from smtptui.dns import Resolver

_STDIN = "list"
_REASONS_SHOWN = 12


def make(ctx: click.Context) -> ExitCode:
    """Make a batch and print its name; raises :class:`CommandError`, and then there is none."""
    new = read_new(ctx)
    name = check_name(new.name) if new.name else free_name(new.list_.stem if new.list_ else _STDIN, names())
    path = folder() / f"{name}.sqlite"
    if path.exists():
        with journal_troubles():
            raise BatchExists(f"There is a batch {name} already. Give this one another --name, or delete that one.")
    try:
        counts = _fill(new, name, path)
    except ListError as error:
        raise bad_input(str(error)) from error
    return _report(new, name, counts)


class _Counts:
    """What the recipients of a list are, counted as they pass."""

    def __init__(self) -> None:
        self.states: dict[str, int] = {}
        self.reasons: dict[str, int] = {}
        self.elsewhere = 0
        self.notes: tuple[str, ...] = ()

    def passing(self, recipients: Iterator[NewRecipient]) -> Iterator[NewRecipient]:
        for one in recipients:
            self.states[one.state] = self.states.get(one.state, 0) + 1
            if one.reason and (len(self.reasons) < 1000 or one.reason in self.reasons):
                self.reasons[one.reason] = self.reasons.get(one.reason, 0) + 1
            yield one


def _fill(new: NewBatch, name: str, path: Path) -> _Counts:
    settings, counts = new.settings, _Counts()
    chosen = settings.list
    source = new.list_ if new.list_ is not None else sys.stdin.buffer
    if new.list_ is not None:
        digest = _digest(new.list_)
        settings = settings.model_copy(
            update={"list": chosen.model_copy(update={"file": SourceFile(path=new.list_.absolute(), sha256=digest)})}
        )
    with ExitStack() as stack:
        reader = stack.enter_context(
            open_list(
                source,
                encoding=chosen.encoding,
                delimiter=chosen.delimiter,
                header=None if chosen.header else False,
                names=chosen.columns,
                name="standard input" if new.list_ is None else "",
            )
        )
        column = address_column(reader, chosen.address_column or None)
        # A template that does not go with the list is told before a long list is read.
        made_workshop(settings, reader.columns, new.documents, None)
        shared = stack.enter_context(opened_shared())
        rules = AddressRules(allow_duplicates=chosen.allow_duplicates, allow_roles=chosen.allow_roles)
        checked = check_rows(reader, column, len(reader.columns), rules=rules, suppressed=shared.suppressed)
        if settings.shard is not None:
            checked = _of_shard(checked, settings.shard, counts)
        if chosen.check_mx:
            checked = stack.enter_context(_Exchangers(checked, Resolver(settings.relay.connection.resolver)))
        with (
            journal_troubles(),
            Journal.create(
                path,
                name=name,
                columns=reader.columns,
                settings=settings.to_json(),
                documents=new.documents,
                now=time.time(),
                token=lambda: new_token(secrets.token_bytes),
            ) as journal,
        ):
            journal.add(counts.passing(iter(checked)))
        counts.notes = reader.notes
    return counts


class _Exchangers:
    """Recipients whose domains have been asked for, one by one."""

    def __init__(self, recipients: Iterator[NewRecipient], resolver: Resolver) -> None:
        self._found = check_exchangers(recipients, resolver)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Iterator[NewRecipient]:
        self._runner.__enter__()
        return self._each()

    def __exit__(self, *error: object) -> None:
        self._runner.close()

    def _each(self) -> Iterator[NewRecipient]:
        async def following() -> NewRecipient | None:
            return await anext(self._found, None)

        while (one := self._runner.run(following())) is not None:
            yield one


def _of_shard(recipients: Iterator[NewRecipient], shard: Shard, counts: _Counts) -> Iterator[NewRecipient]:
    """Those that are this machine's; the hash is the same everywhere."""
    for one in recipients:
        digest = hashlib.blake2b(one.key.encode("utf-8", "surrogateescape"), digest_size=8).digest()
        if int.from_bytes(digest, "big") % shard.of == shard.number - 1:
            yield one
        else:
            counts.elsewhere += 1


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, "LIST", error) from error


def _report(new: NewBatch, name: str, counts: _Counts) -> ExitCode:
    stdout = Printer(sys.stdout)
    states = {state.value: counts.states.get(state, 0) for state in RecipientState}
    if new.as_json:
        stdout.json(
            {
                "ok": True,
                "exit": 0,
                "batch": name,
                "total": sum(states.values()),
                "pending": states["pending"],
                "suppressed": states["suppressed"],
                "skipped": states["skipped"],
                "other_shards": counts.elsewhere,
                "reasons": counts.reasons,
                "notes": list(counts.notes),
            }
        )
        return ExitCode.OK
    stderr = Printer(sys.stderr)
    for note in counts.notes:
        stderr.line(note)
    said = [counted(states["pending"], "recipient", "recipients") + " to be sent to"]
    said += [f"{states[state]} {state}" for state in ("suppressed", "skipped") if states[state]]
    if counts.elsewhere:
        said.append(f"{counts.elsewhere} of other shards")
    stderr.line(f"Batch {name}: {', '.join(said)}.")
    often = sorted(counts.reasons.items(), key=lambda pair: -pair[1])
    for reason, count in often[:_REASONS_SHOWN]:
        stderr.line(f"  {count} × {reason}")
    if len(often) > _REASONS_SHOWN:
        stderr.line("  … `batch errors` shows all reasons, `batch export` every recipient.")
    stdout.line(name)
    return ExitCode.OK
