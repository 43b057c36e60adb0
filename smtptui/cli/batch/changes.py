"""What has changed since a batch was made, and whose word counts then."""

import time
from collections.abc import Mapping

from smtptui.batch import BatchSettings, BatchState, ComposerProcess, Journal
from smtptui.cli.batch.checking import EARLY, checked_by
from smtptui.cli.batch.crafting import composer_troubles, documents_of
from smtptui.cli.batch.opened import settings_of
from smtptui.cli.batch.relay import RelayNow, changes, relay_kept, relay_now
from smtptui.cli.batch.sources import changed_files, read_source
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode


def settled(name: str, journal: Journal, mode: str | None) -> tuple[BatchSettings, RelayNow]:
    """The settings and the relay that a run goes by; raises :class:`CommandError` where that is not for us to say.

    ``mode`` is what the user decided: ``take`` what is there now, ``ignore`` it, or None.
    """
    settings = settings_of(journal.facts())
    now = relay_now(settings.relay)
    files = changed_files(settings)
    relay = changes(settings.relay, now.relay)
    if not (files or relay):
        return settings, now
    if mode is None:
        raise _undecided(name, files, relay)
    if mode == "ignore":
        return settings, relay_kept(settings.relay, now.choice.profile)
    if "list" in files:
        raise CommandError(
            ExitCode.DATA,
            "changed",
            f"{files['list']}. A batch keeps the list that it was made of, so that nobody is lost and nobody gets it"
            f" twice. Go on with --changes ignore, or make a new batch of the list: smtptui batch new LIST --template"
            f" FILE --not-in {name}",
        )
    settings = _taken(name, journal, settings, files).model_copy(update={"relay": now.relay})
    journal.set_settings(settings.to_json())
    if files and journal.facts().state in EARLY:
        # Nobody has looked at it like this.
        journal.set_state(BatchState.DRAFT, now=time.time())
    return settings, now


def _taken(name: str, journal: Journal, settings: BatchSettings, files: Mapping[str, str]) -> BatchSettings:
    """Settings with the template and the HTML version that are there now, which the journal keeps from here on."""
    message, documents = settings.message, {}
    if "template" in files:
        source = read_source(message.template.path, "template")
        message = message.model_copy(update={"template": source.file})
        documents["template"] = source.content
    if "HTML version" in files and message.html is not None:
        source = read_source(message.html.path, "HTML version")
        message = message.model_copy(update={"html": source.file})
        documents["html"] = source.content
    settings = settings.model_copy(update={"message": message})
    # Looked at before it is kept: what cannot be read is no template.
    with composer_troubles(), ComposerProcess() as composer:
        composer.open(settings, journal.facts().columns, documents_of(journal) | documents)
        if documents and journal.facts().state not in EARLY:
            # It goes on at once: as at its beginning, every message is made before one is sent.
            checked_by(composer, name, journal)
    journal.set_documents(documents)
    return settings


def _undecided(name: str, files: dict[str, str], relay: list[str]) -> CommandError:
    said = [f"The {what} of batch {name} is not what it was: {change}." for what, change in files.items()]
    if relay:
        said.append(f"The profile of batch {name} is not what it was: {'; '.join(relay)}.")
    said.append("Nothing was sent. --changes ignore goes by what the batch has, --changes take by what is there now.")
    return CommandError(ExitCode.DATA, "changed", " ".join(said))
