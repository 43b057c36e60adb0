"""What has changed since a batch was made, and whose word counts then."""

from smtptui.batch import BatchSettings, Journal
from smtptui.cli.batch.opened import settings_of
from smtptui.cli.batch.relay import RelayNow, changes, relay_kept, relay_now
from smtptui.cli.batch.sources import changed_files
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
    if files:
        raise CommandError(
            ExitCode.DATA,
            "changed",
            f"{'; '.join(files.values())}. A batch keeps its list and template from when it was made: make a new batch"
            " of them, or go on with --changes ignore. A changed profile alone can be taken over.",
        )
    settings = settings.model_copy(update={"relay": now.relay})
    journal.set_settings(settings.to_json())
    return settings, now


def _undecided(name: str, files: dict[str, str], relay: list[str]) -> CommandError:
    said = [f"The {what} of batch {name} is not what it was: {change}." for what, change in files.items()]
    if relay:
        said.append(f"The profile of batch {name} is not what it was: {'; '.join(relay)}.")
    said.append("Nothing was sent. --changes ignore goes by what the batch has, --changes take by what is there now.")
    return CommandError(ExitCode.DATA, "changed", " ".join(said))
