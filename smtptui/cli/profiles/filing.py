"""The file of profiles opened for a command; whatever is wrong with it is a sentence and an exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from smtptui.cli.errors import CommandError, bad_input, usage
from smtptui.cli.exitcodes import ExitCode

if TYPE_CHECKING:
    from smtptui.config import WriteResult
    from smtptui.profiles import Profile, ProfileStore


def opened_store(path: Path | None = None) -> "ProfileStore":
    """The file of profiles, read; what is wrong with single profiles does not matter to the others.

    Raises a :class:`CommandError` where the file cannot be read at all.
    """
    from smtptui.config import profiles_file
    from smtptui.profiles import ProfilesError, ProfileStore

    store = ProfileStore(profiles_file(os.environ) if path is None else path)
    with filing_troubles():
        try:
            store.load()
        except ProfilesError:
            if not store.whole:
                raise
    return store


def named_profile(store: "ProfileStore", name: str) -> "Profile":
    """A profile of the file; raises :class:`CommandError` where there is no file, no such profile, or a wrong one."""
    if not store.exists:
        raise CommandError(
            ExitCode.NO_INPUT,
            "no-input",
            f"There is no {store.path} yet, so there is no profile {name!r}; `smtptui profiles add` makes one.",
        )
    with filing_troubles():
        return store.profile(name)


@contextmanager
def filing_troubles() -> Iterator[None]:
    """Turn what the file of profiles raises into a :class:`CommandError`."""
    from smtptui.config import ChangedMeanwhile, WriteError
    from smtptui.profiles import EditByHand, NameTaken, ProfilesError, UnknownProfile, UnreadableProfiles

    try:
        yield
    except NameTaken as error:
        raise bad_input(str(error)) from error
    except UnknownProfile as error:
        raise usage(str(error)) from error
    except UnreadableProfiles as error:
        raise CommandError(ExitCode.NO_INPUT, "no-input", *error.sentences) from error
    except ProfilesError as error:
        raise CommandError(ExitCode.CONFIGURATION, "profiles", *error.sentences) from error
    except EditByHand as error:
        raise CommandError(ExitCode.CONFIGURATION, "profiles", str(error)) from error
    except ChangedMeanwhile as error:
        raise CommandError(ExitCode.TEMPORARY, "changed", str(error)) from error
    except WriteError as error:
        code = ExitCode.CANNOT_CREATE if error.creating else ExitCode.IO
        raise CommandError(code, "write", str(error)) from error


def report(
    store: "ProfileStore", name: str, done: str, result: "WriteResult | None", *, as_json: bool, hint: str = ""
) -> ExitCode:
    """Say what was done to a profile of the file, and what to do next."""
    # The engine comes with it, for the transcript that it can print: too slow for --help.
    from smtptui.cli.output import Printer

    stdout = Printer(sys.stdout)
    closed = result is not None and result.closed
    if as_json:
        stdout.json({"ok": True, "exit": 0, "profile": name, "done": done, "file": str(store.path)})
        return ExitCode.OK
    words = {"added": "added to", "removed": "removed from", "unchanged": "as it was in"}.get(done, f"{done} in")
    stdout.line(f"Profile {name} is {words} {store.path}.{f' {hint}' if hint else ''}")
    if closed:
        stdout.line("Others on this machine could read the file; now only you can.")
    return ExitCode.OK
