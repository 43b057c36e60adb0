"""Profiles are put into the file; whatever keeps one out of it is a sentence and an exit code."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from smtptui.cli.errors import CommandError, bad_input
from smtptui.cli.exitcodes import ExitCode

if TYPE_CHECKING:
    from smtptui.profiles import ProfileStore


def opened_store(path: Path | None = None) -> "ProfileStore":
    """The file of profiles, read; faults of single profiles do not matter to what is added beside them.

    Raises a :class:`CommandError` where the file cannot be read at all.
    """
    from smtptui.config import profiles_file
    from smtptui.profiles import ProfilesError, ProfileStore

    store = ProfileStore(profiles_file(os.environ) if path is None else path)
    with filing_troubles():
        try:
            store.load()
        except ProfilesError as error:
            if not store.names:
                raise error
    return store


@contextmanager
def filing_troubles() -> Iterator[None]:
    """Turn what the file of profiles raises into a :class:`CommandError`."""
    from smtptui.config import ChangedMeanwhile, WriteError
    from smtptui.profiles import EditByHand, NameTaken, ProfilesError

    try:
        yield
    except NameTaken as error:
        raise bad_input(str(error)) from error
    except (ProfilesError, EditByHand) as error:
        raise CommandError(ExitCode.CONFIGURATION, "profiles", str(error)) from error
    except ChangedMeanwhile as error:
        raise CommandError(ExitCode.TEMPORARY, "changed", str(error)) from error
    except WriteError as error:
        code = ExitCode.CANNOT_CREATE if error.creating else ExitCode.IO
        raise CommandError(code, "write", str(error)) from error
