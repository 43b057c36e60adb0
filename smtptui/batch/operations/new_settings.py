"""The settings of a new batch, from what a user chooses: checked, with its files read and what is left out filled in.

Amounts are as people type them (``10/s``, ``4d``, ``2%``). If something makes no sense, the sentence names the option
of ``smtptui batch new`` that sets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from smtptui.batch.operations.amounts import read_duration, read_rate, read_shard, read_share
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.operations.changes import ReadRelay
from smtptui.batch.operations.create import NewBatch
from smtptui.batch.operations.relay import CurrentRelay, limits_of_run
from smtptui.batch.operations.sources import Source, read_source, unreadable
from smtptui.batch.settings import BatchSettings, LimitSettings, ListSettings, MessageSettings, Shard, Signing
from smtptui.profiles import Profile
from smtptui.protocol import MailboxError, Notify, Ret, parse_mailbox
from smtptui.session import Pipelining

_PER_MINUTE = {"per_second": 60.0, "per_minute": 1.0, "per_hour": 1 / 60}
_DELIMITERS = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChoices:
    """How the list is read, and who of it is sent to; None is not chosen."""

    columns: tuple[str, ...] = ()
    """The column that has the address; for a list without a header the names of all columns."""
    no_header: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    """One character, or its name: tab, comma, semicolon, space, pipe."""
    sheet: str | None = None
    hidden: Literal["skip", "include"] | None = None
    allow_duplicates: bool = False
    allow_roles: bool = False
    allow_typos: bool = False
    check_mx: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChoices:
    """The message and its envelope; None is not chosen."""

    template: Path | None = None
    html: Path | None = None
    files: Path | None = None
    """Folder of the attachments; the template's if it is not chosen."""
    sender: str | None = None
    """Author if the template has no From; the profile's if it is not chosen."""
    envelope_from: str | None = None
    """Empty, or ``<>``, is the null sender."""
    verp: bool = False
    unsubscribe: str | None = None
    no_one_click: bool = False
    dkim_key: Path | None = None
    dkim_selector: str | None = None
    dkim_domain: str | None = None
    notify: tuple[Notify, ...] | None = None
    ret: Ret | None = None

    def require_template(self) -> Path:
        """The template; raises :class:`BatchError` if none is chosen."""
        if self.template is None:
            raise _usage("--template is missing: the file with header lines, an empty line and the text.")
        return self.template


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveChoices:
    """How the first messages are judged; None is not chosen."""

    canary: int | None = None
    wave_factor: float | None = None
    max_failed: str | None = None
    """In percent, as ``max_deferred``."""
    max_deferred: str | None = None

    @property
    def limits(self) -> dict[str, Any]:
        """What is chosen, as fields of :class:`LimitSettings`; raises :class:`BatchError`."""
        limits: dict[str, Any] = _chosen(self, "canary", "wave_factor")
        for name, text in _chosen(self, "max_failed", "max_deferred").items():
            limits[name] = read_share(text, _option(name))
        return limits


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceChoices:
    """How fast the batch may go; None is not chosen."""

    rates: tuple[str, ...] = ()
    per_day: int | None = None
    connections: int | None = None
    messages_per_connection: int | None = None
    hours: str | None = None
    destination_connections: int | None = None
    destination_rate: str | None = None
    max_age: str | None = None
    waves: WaveChoices = WaveChoices()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChoices:
    """What a user chooses for a new batch; None is not chosen."""

    list: ListChoices = ListChoices()
    message: MessageChoices
    pace: PaceChoices = PaceChoices()
    pipelining: Pipelining | None = None
    keep_transcripts: bool = False
    shard: str | None = None
    """This machine's part, ``K/N``."""
    name: str | None = None
    not_in: tuple[str, ...] = ()
    """Batches whose recipients are left out."""


def prepare_new(choices: BatchChoices, relay: CurrentRelay) -> NewBatch:
    """The batch to be made of a list; reads template and HTML version. Raises :class:`BatchError`."""
    message, profile = choices.message, relay.profile
    template = read_source(message.require_template(), "--template")
    html = None if message.html is None else read_source(message.html, "--html")
    settings = BatchSettings(
        list=_list(choices.list),
        message=MessageSettings(
            template=template.file,
            html=None if html is None else html.file,
            **{"files": _folder(template), "sender": _sender(message, profile), **_message(message, profile)},
        ),
        relay=relay.relay,
        limits=_limits(choices.pace),
        pipelining=choices.pipelining or Pipelining.AUTO,
        keep_transcripts=choices.keep_transcripts,
        shard=_shard(choices.shard),
    )
    limits_of_run(settings, relay)
    documents = {"template": template.content, **({} if html is None else {"html": html.content})}
    return NewBatch(settings, documents, choices.name, choices.not_in)


def prepare_from_batch(
    choices: BatchChoices, old: BatchSettings, documents: Mapping[str, bytes], read_relay: ReadRelay
) -> NewBatch:
    """The batch to be made of what another one has left: the choices are only what is to be different.

    ``old`` and ``documents`` are the other one's; ``read_relay`` is called with its relay. Raises :class:`BatchError`.
    """
    _check_not_read(choices.list)
    relay = read_relay(old.relay)
    message, kept = old.message, dict(documents)
    if choices.message.template is not None:
        template = read_source(choices.message.template, "--template")
        message = message.model_copy(update={"template": template.file, "files": _folder(template)})
        kept["template"] = template.content
    if choices.message.html is not None:
        html = read_source(choices.message.html, "--html")
        message = message.model_copy(update={"html": html.file})
        kept["html"] = html.content
    limits = _limits(choices.pace)
    settings = old.model_copy(
        update={
            "list": ListSettings(
                # The numbers of rows are those of the list that both are made of.
                kind=old.list.kind,
                address_column=old.list.address_column,
                allow_duplicates=old.list.allow_duplicates or choices.list.allow_duplicates,
                allow_roles=old.list.allow_roles or choices.list.allow_roles,
                allow_typos=old.list.allow_typos or choices.list.allow_typos,
                check_mx=old.list.check_mx or choices.list.check_mx,
            ),
            "message": message.model_copy(update=_message(choices.message, relay.profile)),
            "relay": relay.relay,
            "limits": old.limits.model_copy(update={name: getattr(limits, name) for name in limits.model_fields_set}),
            "pipelining": choices.pipelining or old.pipelining,
            "keep_transcripts": old.keep_transcripts or choices.keep_transcripts,
            "shard": _shard(choices.shard) or old.shard,
            "again": False,
        }
    )
    limits_of_run(settings, relay)
    return NewBatch(settings, kept, choices.name, choices.not_in)


def _usage(sentence: str) -> BatchError:
    return BatchError(BatchErrorKind.USAGE, sentence)


def _option(name: str) -> str:
    """The option of ``batch new`` that sets a field."""
    return {"columns": "--column"}.get(name, "--" + name.replace("_", "-"))


def _chosen(choices: object, *names: str) -> dict[str, Any]:
    values = {name: getattr(choices, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _check_not_read(choices: ListChoices) -> None:
    """Raises :class:`BatchError` if something is chosen that says how a list is read."""
    for name in ("columns", "no_header", "encoding", "delimiter", "sheet", "hidden"):
        if getattr(choices, name) not in (None, False, ()):
            raise _usage(f"{_option(name)} says how a list is read; the rows of --from-batch are read already.")


def _folder(template: Source) -> Path:
    return template.file.path.parent.absolute()


def _list(choices: ListChoices) -> ListSettings:
    columns = choices.columns
    if len(columns) > 1 and not choices.no_header:
        raise _usage(
            "--column names one column, that of the address; several are the names for a list with --no-header."
        )
    delimiter = choices.delimiter
    if delimiter is not None:
        delimiter = _DELIMITERS.get(delimiter.lower(), delimiter)
        if len(delimiter) != 1:
            raise _usage(
                f"--delimiter {choices.delimiter!r}: give one character, or tab, comma, semicolon, space, pipe."
            )
    return ListSettings(
        encoding=choices.encoding,
        delimiter=delimiter,
        sheet=choices.sheet,
        hidden=choices.hidden or "skip",
        header=not choices.no_header,
        columns=columns if choices.no_header else (),
        address_column="" if choices.no_header or not columns else columns[0],
        allow_duplicates=choices.allow_duplicates,
        allow_roles=choices.allow_roles,
        allow_typos=choices.allow_typos,
        check_mx=choices.check_mx,
    )


def _message(choices: MessageChoices, profile: Profile | None) -> dict[str, Any]:
    """What is chosen, as fields of :class:`MessageSettings`, without the two files."""
    chosen: dict[str, Any] = _chosen(choices, "unsubscribe", "notify", "ret")
    if choices.files is not None:
        try:
            next(choices.files.iterdir(), None)
        except OSError as error:
            raise unreadable("--files", choices.files, error) from error
        chosen["files"] = choices.files.absolute()
    if choices.sender is not None:
        chosen["sender"] = _sender(choices, profile)
    envelope = "" if choices.envelope_from == "<>" else choices.envelope_from
    if envelope is not None:
        envelope = chosen["envelope_sender"] = _address(envelope, "--envelope-from")
    if choices.verp:
        if envelope == "":
            raise _usage("--verp gives each recipient a sender of the envelope; the null sender <> has nobody to name.")
        chosen["verp"] = True
    if choices.no_one_click:
        chosen["one_click"] = False
    signing = _signing(choices)
    return chosen if signing is None else {**chosen, "signing": signing}


def _sender(choices: MessageChoices, profile: Profile | None) -> str:
    """The author, as a mailbox; empty if nothing says who."""
    sender = choices.sender or (profile.from_address if profile is not None else "")
    _address(sender, "--from")
    return sender


def _address(mailbox: str, option: str) -> str:
    """The address alone; empty if the mailbox is."""
    if not mailbox:
        return ""
    try:
        return parse_mailbox(mailbox).address
    except MailboxError as error:
        raise BatchError(BatchErrorKind.INPUT, f"{option}: {error}.") from error


def _signing(choices: MessageChoices) -> Signing | None:
    key, selector, domain = choices.dkim_key, choices.dkim_selector, choices.dkim_domain
    if key is None:
        if selector or domain:
            raise _usage("--dkim-selector and --dkim-domain go with --dkim-key.")
        return None
    if not selector:
        raise _usage("--dkim-key needs --dkim-selector: the name under which the DNS has its public part.")
    try:
        key.open("rb").close()
    except OSError as error:
        raise unreadable("--dkim-key", key, error) from error
    return Signing(key=key.absolute(), selector=selector, domain=domain or "")


def _limits(choices: PaceChoices) -> LimitSettings:
    """What is chosen; what the profile says the server allows is looked at when the batch runs."""
    limits: dict[str, Any] = {}
    for text in choices.rates:
        name, rate = read_rate(text, "--rate")
        limits[name] = rate
    limits |= _chosen(choices, "per_day", "connections", "messages_per_connection", "hours", "destination_connections")
    if choices.destination_rate is not None:
        name, rate = read_rate(choices.destination_rate, "--destination-rate")
        limits["destination_per_minute"] = rate * _PER_MINUTE[name]
    limits |= choices.waves.limits
    if choices.max_age is not None:
        limits["max_age"] = read_duration(choices.max_age, "--max-age")
    try:
        return LimitSettings(**limits)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        raise _usage(f"{_option(name)} {first['input']} is not valid: {first['msg']}.") from error


def _shard(text: str | None) -> Shard | None:
    if text is None:
        return None
    number, of = read_shard(text)
    return Shard(number=number, of=of)
