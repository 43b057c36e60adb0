"""What has changed since a batch was made, and whose word counts then."""

import sys
import time
from collections.abc import Mapping

from smtptui.batch import (
    BatchSettings,
    BatchState,
    ComposerProcess,
    Journal,
    RecipientState,
    composer_errors,
    documents_of,
    runner_lives,
)
from smtptui.cli.batch.checking import checked_by
from smtptui.cli.batch.opened import settings_of
from smtptui.cli.batch.relay import RelayNow, changes, relay_kept, relay_now
from smtptui.cli.batch.sources import changed_files, read_source
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.output import Printer

_UNTRIED = (RecipientState.PENDING, RecipientState.SKIPPED, RecipientState.SUPPRESSED)
"""The states of those to whom nothing was sent."""


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
    if mode is None and not files and _nothing_sent(journal):
        # Nobody has got anything by the old settings, and what was mended is meant.
        what = f"Profile {settings.relay.profile} was edited after batch {name} was made ({'; '.join(relay)})."
        Printer(sys.stderr).line(f"smtptui: {what} Nothing was sent before, so its new settings are used.")
        mode = "take"
    if mode is None or (mode == "take" and not relay and files.keys() == {"list"}):
        raise _undecided(name, files, relay)
    if mode == "ignore":
        return settings, relay_kept(settings.relay, now.choice.profile)
    if runner_lives(journal.path):
        message = f"Batch {name} is in use by another process, so no changes are taken over now. {_pause_first(name)}"
        raise CommandError(ExitCode.TEMPORARY, "busy", message)
    settings = _taken(name, journal, settings, files).model_copy(update={"relay": now.relay})
    journal.set_settings(settings.to_json())
    if files and not journal.facts().state.started:
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
    with composer_errors(), ComposerProcess() as composer:
        composer.open(settings, journal.facts().columns, documents_of(journal) | documents)
        if documents and journal.facts().state.started:
            # It goes on at once: as at its beginning, every message is made before one is sent.
            checked_by(composer, name, journal)
    journal.set_documents(documents)
    return settings


def _nothing_sent(journal: Journal) -> bool:
    return all(not number or state in _UNTRIED for state, number in journal.tally().counts.items())


def _pause_first(name: str) -> str:
    return f"Pause it with “smtptui batch pause {name}” and end that process first."


def _undecided(name: str, files: dict[str, str], relay: list[str]) -> CommandError:
    """Only what works is offered: a list is never taken over."""
    said = [f"The {what} was changed after batch {name} was made: {change}." for what, change in files.items()]
    if relay:
        said.append(f"The profile was edited after batch {name} was made ({'; '.join(relay)}).")
    others = [what for what in files if what != "list"] + (["profile"] if relay else [])
    said.append("Nothing was sent.")
    if others:
        said.append(
            f"Use --changes take for the new {' and '.join(others)}, or --changes ignore to send with what the batch "
            "has."
        )
    if "list" in files:
        keeps = "A batch keeps the list that it was made of"
        if others:
            said.append(
                f"{keeps} in either case; for the new list make a new batch: smtptui batch new LIST "
                f"--template FILE --not-in {name}"
            )
        else:
            said.append(
                f"{keeps}: send to that with --changes ignore, or make a new batch of the new list: smtptui "
                f"batch new LIST --template FILE --not-in {name}"
            )
    return CommandError(ExitCode.DATA, "changed", " ".join(said))
