"""What makes the messages of a batch, from its settings and the documents that its journal keeps."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from time import time

from smtptui.batch.composer.composing import Composing, EnvelopeRules
from smtptui.batch.composer.errors import ComposerError, FaultOf
from smtptui.batch.settings import BatchSettings
from smtptui.config import SMALL_LIMIT, Intake, TooLargeError
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
    """The composer of a batch; raises :class:`ComposerError` for all that is wrong with the template."""
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
        raise ComposerError(FaultOf.TEMPLATE, *(f"{name}: {fault}" for fault in error.faults)) from error
    except DkimError as error:
        raise ComposerError(FaultOf.CONFIGURATION, f"--dkim-key: {error}") from error
    except MessageError as error:
        raise ComposerError(FaultOf.INPUT, f"{name}: {error}") from error
    return composer


def composing_of(settings: BatchSettings, composer: Composer) -> Composing:
    """What makes envelopes and messages, with the time of now as Date."""
    message = settings.message
    rules = EnvelopeRules(message.domain, message.envelope_sender, message.verp, message.notify, message.ret)
    return Composing(composer, rules, now=lambda: _local_time(int(time())))


@lru_cache(1)
def _local_time(second: int) -> datetime:
    """Made once a second, since that is all that the Date of a message shows."""
    return datetime.fromtimestamp(second, UTC).astimezone()


def _keys(settings: BatchSettings) -> tuple[DkimKey, ...]:
    signing = settings.message.signing
    if signing is None:
        return ()
    try:
        pem = Intake(SMALL_LIMIT).file(signing.key)
    except TooLargeError as error:
        raise ComposerError(FaultOf.CONFIGURATION, f"--dkim-key: {error}.") from error
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(".")
        raise ComposerError(FaultOf.FILE, f"--dkim-key: {signing.key} cannot be read: {reason}.") from error
    domain = signing.domain or settings.message.domain
    return (read_dkim_key(pem, domain=domain, selector=signing.selector),)
