"""What the options of ``batch new`` mean: the settings of a batch, with its files read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from smtptui.batch import (
    BatchSettings,
    HoursError,
    Limits,
    LimitSettings,
    ListSettings,
    MessageSettings,
    NewBatch,
    Relay,
    Shard,
    Signing,
    Source,
    limits_of,
)
from smtptui.cli.batch.amounts import read_duration, read_rate, read_shard, read_share
from smtptui.cli.batch.relay import chosen_relay, relay_now
from smtptui.cli.batch.sources import read_source
from smtptui.cli.errors import bad_input, unreadable, usage
from smtptui.cli.message_options import read_notify
from smtptui.cli.options import typed
from smtptui.profiles import Profile
from smtptui.protocol import MailboxError, Ret, parse_mailbox
from smtptui.session import Pipelining

_PER_MINUTE = {"per_second": 60.0, "per_minute": 1.0, "per_hour": 1 / 60}


def read_new(ctx: click.Context) -> NewBatch:
    """Read the options and the files of template and HTML; raises :class:`CommandError`."""
    given = ctx.params
    if given["list_"] is None:
        raise usage(
            "Name the list: smtptui batch new LIST --template FILE; or --from-batch BATCH for who is left of one."
        )
    if given["template"] is None:
        raise usage("--template is missing: the file with header lines, an empty line and the text.")
    if given["states"]:
        raise usage("--state goes with --from-batch; a list has no states.")
    where = chosen_relay(ctx)
    profile = where.profile
    template = read_source(given["template"], "--template")
    html = None if given["html"] is None else read_source(given["html"], "--html")
    settings = BatchSettings(
        list=_list(given),
        message=_message(given, profile, template, html),
        relay=where.relay,
        limits=_limits(given),
        pipelining=Pipelining(given["pipelining"]),
        keep_transcripts=given["keep_transcripts"],
        shard=_shard(given["shard"]),
    )
    check_limits(settings, profile)
    return NewBatch(settings, documents_of(template, html), given["name"], given["not_in"])


def documents_of(template: Source, html: Source | None) -> dict[str, bytes]:
    """What the journal keeps of the files."""
    return {"template": template.content, **({} if html is None else {"html": html.content})}


def read_again(ctx: click.Context, old: BatchSettings, documents: Mapping[str, bytes]) -> NewBatch:
    """The batch that is made of what another one has left: the options say only what is to be different.

    ``old`` and ``documents`` are the other one's. Raises :class:`CommandError`.
    """
    given = ctx.params
    if given["list_"] is not None:
        raise usage("LIST and --from-batch: give one of them.")
    for name in ("columns", "no_header", "encoding", "delimiter", "sheet", "hidden"):
        if typed(ctx, name):
            option = {"columns": "--column", "no_header": "--no-header"}.get(name, f"--{name}")
            raise usage(f"{option} says how a list is read; the rows of --from-batch are read already.")
    relay, profile = _relay_again(ctx, old)
    message, kept = old.message, dict(documents)
    if given["template"] is not None:
        template = read_source(given["template"], "--template")
        message = message.model_copy(update={"template": template.file, "files": template.file.path.parent.absolute()})
        kept["template"] = template.content
    if given["html"] is not None:
        html = read_source(given["html"], "--html")
        message = message.model_copy(update={"html": html.file})
        kept["html"] = html.content
    changed = _message_options(given, profile)
    message = message.model_copy(
        update={field: value for field, value in changed.items() if any(typed(ctx, one) for one in _OPTIONS_OF[field])}
    )
    limits = _limits(given)
    settings = old.model_copy(
        update={
            "list": ListSettings(
                # The numbers of rows are those of the list that both are made of.
                kind=old.list.kind,
                address_column=old.list.address_column,
                allow_duplicates=old.list.allow_duplicates or given["allow_duplicates"],
                allow_roles=old.list.allow_roles or given["allow_roles"],
                allow_typos=old.list.allow_typos or given["allow_typos"],
                check_mx=old.list.check_mx or given["check_mx"],
            ),
            "message": message,
            "relay": relay,
            "limits": old.limits.model_copy(update={name: getattr(limits, name) for name in limits.model_fields_set}),
            "pipelining": Pipelining(given["pipelining"]) if typed(ctx, "pipelining") else old.pipelining,
            "keep_transcripts": old.keep_transcripts or given["keep_transcripts"],
            "shard": _shard(given["shard"]) or old.shard,
            "again": False,
        }
    )
    check_limits(settings, profile)
    return NewBatch(settings, kept, given["name"], given["not_in"])


_OPTIONS_OF = {
    "files": ("files",),
    "sender": ("sender",),
    "envelope_sender": ("envelope_from",),
    "verp": ("verp",),
    "unsubscribe": ("unsubscribe",),
    "one_click": ("no_one_click",),
    "signing": ("dkim_key", "dkim_selector", "dkim_domain"),
    "notify": ("notify",),
    "ret": ("ret",),
}
"""The options that set each field of the message."""


def _relay_again(ctx: click.Context, old: BatchSettings) -> tuple[Relay, Profile | None]:
    if any(typed(ctx, name) for name in ("profile", "server", "socket")):
        where = chosen_relay(ctx)
        return where.relay, where.profile
    for parameter in ctx.command.params:
        if getattr(parameter, "section", "") == "Connection" and typed(ctx, parameter.name or ""):
            raise usage(f"{parameter.opts[0]}: say which server it is for, with --profile or --server.")
    now = relay_now(old.relay)
    return now.relay, now.profile


def check_limits(settings: BatchSettings, profile: Profile | None) -> Limits:
    """The limits of a run; raises a usage :class:`CommandError` for hours that are none."""
    try:
        return limits_of(settings.limits, None if profile is None else profile.limits, settings.shard)
    except HoursError as error:
        raise usage(f"--hours: {error}") from error


def _list(given: Mapping[str, Any]) -> ListSettings:
    columns: tuple[str, ...] = given["columns"]
    if len(columns) > 1 and not given["no_header"]:
        raise usage(
            "--column names one column, that of the address; several are the names for a list with --no-header."
        )
    delimiter = given["delimiter"]
    if delimiter is not None:
        delimiter = _DELIMITERS.get(delimiter.lower(), delimiter)
        if len(delimiter) != 1:
            raise usage(
                f"--delimiter {given['delimiter']!r}: give one character, or tab, comma, semicolon, space, pipe."
            )
    return ListSettings(
        encoding=given["encoding"],
        delimiter=delimiter,
        sheet=given["sheet"],
        hidden=given["hidden"],
        header=not given["no_header"],
        columns=columns if given["no_header"] else (),
        address_column="" if given["no_header"] or not columns else columns[0],
        allow_duplicates=given["allow_duplicates"],
        allow_roles=given["allow_roles"],
        allow_typos=given["allow_typos"],
        check_mx=given["check_mx"],
    )


_DELIMITERS = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}


def _message(
    given: Mapping[str, Any], profile: Profile | None, template: Source, html: Source | None
) -> MessageSettings:
    return MessageSettings(
        template=template.file,
        html=None if html is None else html.file,
        **{"files": template.file.path.parent.absolute(), **_message_options(given, profile)},
    )


def _message_options(given: Mapping[str, Any], profile: Profile | None) -> dict[str, Any]:
    """What the options say of the message; ``files`` only if it was given."""
    files: Path | None = given["files"]
    if files is not None:
        try:
            next(files.iterdir(), None)
        except OSError as error:
            raise unreadable(files, "--files", error) from error
    sender = given["sender"] or (profile.from_address if profile is not None else "")
    _box(sender, "--from")
    envelope = "" if given["envelope_from"] == "<>" else given["envelope_from"]
    if envelope:
        envelope = _box(envelope, "--envelope-from")
    if given["verp"] and envelope == "":
        raise usage("--verp gives each recipient a sender of the envelope; the null sender <> has nobody to name.")
    return {
        **({} if files is None else {"files": files.absolute()}),
        "sender": sender,
        "envelope_sender": envelope,
        "verp": given["verp"],
        "unsubscribe": given["unsubscribe"],
        "one_click": not given["no_one_click"],
        "signing": _signing(given),
        "notify": read_notify(given["notify"]),
        "ret": Ret(given["ret"].upper()) if given["ret"] else None,
    }


def _box(mailbox: str, option: str) -> str:
    """The address alone."""
    if not mailbox:
        return ""
    try:
        return parse_mailbox(mailbox).address
    except MailboxError as error:
        raise bad_input(f"{option}: {error}.") from error


def _signing(given: Mapping[str, Any]) -> Signing | None:
    key: Path | None = given["dkim_key"]
    selector, domain = given["dkim_selector"], given["dkim_domain"]
    if key is None:
        if selector or domain:
            raise usage("--dkim-selector and --dkim-domain go with --dkim-key.")
        return None
    if not selector:
        raise usage("--dkim-key needs --dkim-selector: the name under which the DNS has its public part.")
    try:
        key.open("rb").close()
    except OSError as error:
        raise unreadable(key, "--dkim-key", error) from error
    return Signing(key=key.absolute(), selector=selector, domain=domain or "")


def _limits(given: Mapping[str, Any]) -> LimitSettings:
    """What the options say; what the profile says the server allows is looked at when the batch runs."""
    limits: dict[str, Any] = {}
    for text in given["rates"]:
        name, rate = read_rate(text, "--rate")
        limits[name] = rate
    for name in ("per_day", "connections", "messages_per_connection", "hours", "destination_connections"):
        if given[name] is not None:
            limits[name] = given[name]
    if given["destination_rate"] is not None:
        name, rate = read_rate(given["destination_rate"], "--destination-rate")
        limits["destination_per_minute"] = rate * _PER_MINUTE[name]
    limits |= read_waves(given)
    if given["max_age"] is not None:
        limits["max_age"] = read_duration(given["max_age"], "--max-age")
    return LimitSettings(**limits)


def read_waves(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the options of the waves say, as fields of :class:`LimitSettings`; raises a usage :class:`CommandError`."""
    waves = {name: given[name] for name in ("canary", "wave_factor") if given[name] is not None}
    for name in ("max_failed", "max_deferred"):
        if given[name] is not None:
            waves[name] = read_share(given[name], "--" + name.replace("_", "-"))
    return waves


def _shard(text: str | None) -> Shard | None:
    if text is None:
        return None
    number, of = read_shard(text)
    return Shard(number=number, of=of)
