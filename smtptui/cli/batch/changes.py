"""Whether list, template and profile are what the batch was made of, and what is done where they are not."""

from collections.abc import Mapping
from dataclasses import dataclass

from smtptui.batch import BatchSettings, Journal
from smtptui.cli.batch.relay import RelayNow, changes, relay_kept, relay_now
from smtptui.cli.batch.sources import changed_files, read_source
from smtptui.cli.errors import CommandError
from smtptui.cli.exitcodes import ExitCode


@dataclass(frozen=True, slots=True)
class AsItIs:
    """What a batch is to be sent with."""

    settings: BatchSettings
    relay: RelayNow
    taken: Mapping[str, bytes]
    """Documents that are other ones now, by name."""


def as_it_is(settings: BatchSettings, choice: str | None) -> AsItIs:
    """Look at what the batch was made of. ``choice`` is to ``take`` what has changed or to ``ignore`` it; without one,
    a change is refused, saying what it is. Raises :class:`CommandError`."""
    now = relay_now(settings.relay)
    files = changed_files(settings)
    relay = changes(settings.relay, now.relay)
    if not files and not relay:
        return AsItIs(settings, now, {})
    said = [f"the {what}: {change}" for what, change in files.items()]
    if relay:
        said.append(f"the profile {settings.relay.profile}: {', '.join(relay)}")
    if choice is None:
        raise _refused(
            f"Since the batch was made, something has changed: {'; '.join(said)}. Say what counts: --changes take, or "
            "--changes ignore to go by what it was made of."
        )
    if choice == "ignore":
        return AsItIs(settings, relay_kept(settings.relay, now.choice.profile), {})
    if "list" in files:
        raise _refused(
            f"The list cannot be taken anew: {files['list']}. A batch keeps the list that it was made of, so that "
            "nobody gets it twice: make a batch of the new list, or use --changes ignore."
        )
    return _taken(settings, now, files)


def keep(journal: Journal, found: AsItIs) -> None:
    """Let the batch be one of what was taken from here on."""
    if found.taken:
        journal.set_documents(found.taken)
    journal.set_settings(found.settings.to_json())


def _taken(settings: BatchSettings, now: RelayNow, files: Mapping[str, str]) -> AsItIs:
    message, taken = settings.message, {}
    if "template" in files:
        source = read_source(message.template.path, "template")
        message = message.model_copy(update={"template": source.file})
        taken["template"] = source.content
    if message.html is not None and "HTML version" in files:
        source = read_source(message.html.path, "HTML version")
        message = message.model_copy(update={"html": source.file})
        taken["html"] = source.content
    return AsItIs(settings.model_copy(update={"message": message, "relay": now.relay}), now, taken)


def _refused(sentence: str) -> CommandError:
    return CommandError(ExitCode.CONFIGURATION, "changed", sentence)
