"""What has changed since a batch was made, and what it is sent with then."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from smtptui.batch.composer import ComposerProcess
from smtptui.batch.journal import Journal, runner_lives
from smtptui.batch.model import BatchState, RecipientState
from smtptui.batch.operations.batch_error import BatchError, BatchErrorKind
from smtptui.batch.operations.check import check_messages
from smtptui.batch.operations.composition import composer_errors, documents_of, settings_of
from smtptui.batch.operations.relay import CurrentRelay, relay_as_made, relay_changes
from smtptui.batch.operations.sources import changed_files, read_source
from smtptui.batch.settings import BatchSettings, Relay

Changes = Literal["take", "ignore"]
"""Whether a run takes the template and the profile that are there now, or ignores them."""
ReadRelay = Callable[[Relay], CurrentRelay]
"""Reads the profile of a relay again; what it raises ends the operation."""
_UNTRIED = (RecipientState.PENDING, RecipientState.SKIPPED, RecipientState.SUPPRESSED)
"""The states of those to whom nothing was sent."""


class ChangedError(BatchError):
    """Something changed, and the user has to decide what the batch is sent with."""

    def __init__(self, files: Mapping[str, str], relay: tuple[str, ...], *sentences: str) -> None:
        super().__init__(BatchErrorKind.CHANGED, *sentences)
        self.files = files
        """What happened to the list, the template and the HTML version, by these names."""
        self.relay = relay
        """What changed in the profile."""

    @property
    def can_take(self) -> bool:
        """Whether ``take`` is a choice: a list is never taken over."""
        return bool(self.relay or self.files.keys() - {"list"})


@dataclass(frozen=True, slots=True)
class Settled:
    """What a batch is sent with."""

    settings: BatchSettings
    relay: CurrentRelay


def settle_changes(
    journal: Journal,
    read_relay: ReadRelay,
    changes: Changes | None,
    *,
    tell: Callable[[str], None],
    now: Callable[[], float] = time.time,
) -> Settled:
    """The settings and the relay that a batch is sent with; what is taken over is kept in the journal.

    ``tell`` gets what the user is to know about it, a sentence. Raises :class:`ChangedError` if the user has to decide,
    else :class:`BatchError`.
    """
    settings, name = settings_of(journal.facts()), journal.path.stem
    current = read_relay(settings.relay)
    files = changed_files(settings)
    relay = relay_changes(settings.relay, current.relay)
    if not (files or relay):
        return Settled(settings, current)
    if changes is None and not files and _nothing_sent(journal):
        # Nothing was sent with the old settings, so the edited profile is the one that is meant.
        what = f"Profile {settings.relay.profile} was edited after batch {name} was made ({'; '.join(relay)})."
        tell(f"{what} Nothing was sent before, so its new settings are used.")
        changes = "take"
    if changes is None or (changes == "take" and not relay and files.keys() == {"list"}):
        raise _undecided(name, files, relay)
    if changes == "ignore":
        return Settled(settings, relay_as_made(settings.relay, current.profile))
    if runner_lives(journal.path):
        raise BatchError(
            BatchErrorKind.BUSY,
            f"Batch {name} is in use by another process, so no changes are taken over now. Pause it with “smtptui batch"
            f" pause {name}” and end that process first.",
        )
    settings = _taken(journal, settings, files).model_copy(update={"relay": current.relay})
    journal.set_settings(settings.to_json())
    if files and not journal.facts().state.started:
        # The messages of the new template were not checked yet.
        journal.set_state(BatchState.DRAFT, now=now())
    return Settled(settings, current)


def _taken(journal: Journal, settings: BatchSettings, files: Mapping[str, str]) -> BatchSettings:
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
    # Read before it is kept: what cannot be read is not a template.
    with composer_errors(), ComposerProcess() as composer:
        composer.open(settings, journal.facts().columns, documents_of(journal) | documents)
        if documents and journal.facts().state.started:
            # It goes on at once: as at its beginning, every message is made before one is sent.
            check_messages(journal, composer)
    journal.set_documents(documents)
    return settings


def _nothing_sent(journal: Journal) -> bool:
    return all(not number or state in _UNTRIED for state, number in journal.tally().counts.items())


def _undecided(name: str, files: dict[str, str], relay: list[str]) -> ChangedError:
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
    return ChangedError(files, tuple(relay), " ".join(said))
