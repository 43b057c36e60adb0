"""Finds a profile by its name, or says why there is none."""

from collections.abc import Mapping

from smtptui.cli.profiles.filing import named_profile, opened_store
from smtptui.config import profiles_file
from smtptui.profiles import Profile


def known_profile(name: str, environ: Mapping[str, str]) -> Profile:
    """The profile of that name. What is wrong with others does not matter here.

    Raises :class:`CommandError`: usage where there is none, configuration where it has faults, no input where there
    is no file.
    """
    return named_profile(opened_store(profiles_file(environ)), name)
