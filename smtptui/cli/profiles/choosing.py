"""A profile for one run: what the options say goes before what the file says."""

import os
from collections.abc import Mapping

from smtptui.cli.errors import usage
from smtptui.cli.profiles.filing import named_profile, opened_store
from smtptui.config import check_values, profiles_file
from smtptui.profiles import Profile, as_data, fields_of, plan_profile
from smtptui.protocol import Connection


def chosen_profile(name: str, options: Mapping[str, object]) -> tuple[Profile, Connection]:
    """The profile with these fields instead of its own, and the connection it makes.

    Raises :class:`CommandError`: usage where there is no such profile or the options do not go with it.
    """
    path = profiles_file(os.environ)
    profile = merged(named_profile(opened_store(path), name), options)
    # What the options say instead has been typed, so it is the profile that consents.
    return profile, plan_profile(profile, profile.connection(path.parent), kept=profile).connection


def merged(profile: Profile, options: Mapping[str, object]) -> Profile:
    """A profile with other fields; None takes one out. Raises a usage :class:`CommandError`."""
    fields = {**as_data(fields_of(profile)), **options}
    return checked(profile.name, {name: value for name, value in fields.items() if value is not None})


def checked(name: str, fields: Mapping[str, object]) -> Profile:
    """A profile of these fields; raises a usage :class:`CommandError` with all that is wrong with them."""
    profile, faults = check_values(Profile, {"name": name, **fields})
    if profile is None:
        sentences = "; ".join(fault.words for fault in faults)
        raise usage(f"Profile {name} with these options: {sentences.rstrip('.')}.")
    return profile
