"""Finds a profile by its name, or says why there is none."""

import contextlib
from collections.abc import Mapping

from smtptui.cli.errors import CommandError, usage
from smtptui.cli.exitcodes import ExitCode
from smtptui.config import profiles_file
from smtptui.profiles import Profile, ProfilesError, ProfileStore, UnknownProfile


def known_profile(name: str, environ: Mapping[str, str]) -> Profile:
    """The profile of that name. What is wrong with others does not matter here.

    Raises :class:`CommandError`: usage where there is none, configuration where it has faults.
    """
    store = ProfileStore(profiles_file(environ))
    # Told below, if it is about this one.
    with contextlib.suppress(ProfilesError):
        store.load()
    try:
        return store.profile(name)
    except UnknownProfile as error:
        raise usage(str(error)) from error
    except ProfilesError as error:
        raise CommandError(ExitCode.CONFIGURATION, "configuration", str(error)) from error
