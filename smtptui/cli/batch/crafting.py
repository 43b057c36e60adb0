"""What makes the messages of a batch, from its settings and the documents that its journal keeps."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from time import time

from smtptui.batch import BatchSettings, Composing, EnvelopeRules, Journal, ListSettings, Recipient
from smtptui.cli.batch.opened import settings_of
from smtptui.cli.errors import CommandError, bad_input, unreadable, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.message import (
    Composer,
    DkimError,
    DkimKey,
    Encoding,
    MessageError,
    Options,
    TemplateError,
    read_dkim_key,
    read_template,
)


def composer_of(settings: BatchSettings, columns: Sequence[str], documents: Mapping[str, bytes]) -> Composer:
    """The composer of a batch; raises :class:`CommandError` (bad data) for all that is wrong with the template."""
    message = settings.message
    name = message.template.path.name
    try:
        template = read_template(
            documents["template"],
            name=name,
            html=documents.get("html"),
            files=message.files,
            folder=message.template.path.parent,
        )
        options = Options(
            sender=message.sender,
            unsubscribe=message.unsubscribe,
            one_click=message.one_click,
            dkim=_keys(settings),
            encoding=Encoding(message.encoding),
        )
        composer = Composer(template, columns, options)
    except TemplateError as error:
        raise CommandError(ExitCode.DATA, "template", *(f"{name}: {fault}" for fault in error.faults)) from error
    except DkimError as error:
        raise CommandError(ExitCode.CONFIGURATION, "configuration", f"--dkim-key: {error}") from error
    except MessageError as error:
        raise bad_input(f"{name}: {error}") from error
    return composer


def composing_of(settings: BatchSettings, composer: Composer) -> Composing:
    """What makes envelopes and messages, with the time of now as Date."""
    message = settings.message
    rules = EnvelopeRules(message.domain, message.envelope_sender, message.verp, message.notify, message.ret)
    return Composing(composer, rules, now=lambda: _local_time(int(time())))


def documents_of(journal: Journal) -> dict[str, bytes]:
    """What the journal keeps of template and HTML version."""
    return {name: journal.document(name) for name in journal.facts().documents}


def crafted(journal: Journal) -> tuple[BatchSettings, Composer, Composing]:
    """All of it for a batch; raises :class:`CommandError`."""
    facts = journal.facts()
    settings = settings_of(facts)
    composer = composer_of(settings, facts.columns, documents_of(journal))
    return settings, composer, composing_of(settings, composer)


def chosen_row(journal: Journal, list_: ListSettings, row: int | None) -> Recipient:
    """The recipient whose row of the list has this number, else the first to be sent to, else the first; raises a
    usage :class:`CommandError`."""
    if row is None:
        waiting = journal.due(0.0, limit=1)
        return journal.recipient(waiting[0].seq if waiting else 1)
    found = journal.recipient_at(row)
    if found is None:
        first, last = journal.lines()
        raise usage(
            f"--row {row}: no recipient is in {list_.place(row)} of the list; it has {list_.unit}s {first} to {last}."
        )
    return found


@lru_cache(1)
def _local_time(second: int) -> datetime:
    """Made once a second, since that is all that the Date of a message shows."""
    return datetime.fromtimestamp(second, UTC).astimezone()


def _keys(settings: BatchSettings) -> tuple[DkimKey, ...]:
    signing = settings.message.signing
    if signing is None:
        return ()
    try:
        pem = signing.key.read_bytes()
    except OSError as error:
        raise unreadable(signing.key, "--dkim-key", error) from error
    domain = signing.domain or settings.message.domain
    return (read_dkim_key(pem, domain=domain, selector=signing.selector),)
