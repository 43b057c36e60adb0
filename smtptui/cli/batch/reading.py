"""What the options of ``batch new`` mean: the settings of a batch, with its files read."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    Shard,
    Signing,
    limits_of,
)
from smtptui.cli.batch.amounts import read_duration, read_rate, read_shard, read_share
from smtptui.cli.batch.relay import chosen_relay
from smtptui.cli.batch.sources import Source, read_source
from smtptui.cli.errors import bad_input, unreadable, usage
from smtptui.cli.message_options import read_notify
from smtptui.profiles import Profile
from smtptui.protocol import MailboxError, Ret, parse_mailbox
from smtptui.session import Pipelining

_PER_MINUTE = {"per_second": 60.0, "per_minute": 1.0, "per_hour": 1 / 60}


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch to be made."""

    settings: BatchSettings
    template: Source
    html: Source | None
    name: str | None
    list_: Path | None
    """The list; None is standard input."""
    not_in: tuple[str, ...]
    """Batches whose recipients are left out."""
    as_json: bool

    @property
    def documents(self) -> dict[str, bytes]:
        """What the journal keeps of the files."""
        html = {} if self.html is None else {"html": self.html.content}
        return {"template": self.template.content, **html}


def read_new(ctx: click.Context) -> NewBatch:
    """Read the options and the files of template and HTML; raises :class:`CommandError`."""
    given = ctx.params
    where = chosen_relay(ctx)
    profile = where.choice.profile
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
    list_ = None if given["list_"] == "-" else Path(given["list_"])
    check_limits(settings, profile)
    return NewBatch(settings, template, html, given["name"], list_, given["not_in"], given["as_json"])


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
    return MessageSettings(
        template=template.file,
        html=None if html is None else html.file,
        files=(files or template.file.path.parent).absolute(),
        sender=sender,
        envelope_sender=envelope,
        verp=given["verp"],
        unsubscribe=given["unsubscribe"],
        one_click=not given["no_one_click"],
        signing=_signing(given),
        notify=read_notify(given["notify"]),
        ret=Ret(given["ret"].upper()) if given["ret"] else None,
    )


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
    for name in ("per_day", "connections", "messages_per_connection", "hours", "destination_connections", "canary"):
        if given[name] is not None:
            limits[name] = given[name]
    if given["destination_rate"] is not None:
        name, rate = read_rate(given["destination_rate"], "--destination-rate")
        limits["destination_per_minute"] = rate * _PER_MINUTE[name]
    for name in ("max_failed", "max_deferred"):
        if given[name] is not None:
            limits[name] = read_share(given[name], "--" + name.replace("_", "-"))
    if given["max_age"] is not None:
        limits["max_age"] = read_duration(given["max_age"], "--max-age")
    return LimitSettings(**limits)


def _shard(text: str | None) -> Shard | None:
    if text is None:
        return None
    number, of = read_shard(text)
    return Shard(number=number, of=of)
