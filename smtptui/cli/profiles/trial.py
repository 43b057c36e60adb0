"""The trial of a profile: its secret is fetched, then the session runs as for ``send``."""

import os
from pathlib import Path

from smtptui.cli.connection_options import ConnectionChoice
from smtptui.cli.credentials import credentials_of
from smtptui.cli.exitcodes import ExitCode
from smtptui.cli.observing import View, observe
from smtptui.cli.profiles.choosing import chosen_profile
from smtptui.session import describe_login_test, login_test_request


def run_trial(name: str, *, save: Path | None, quiet: bool, as_json: bool) -> ExitCode:
    """Try a profile and report it; raises :class:`CommandError` for what keeps it from starting."""
    profile, connection = chosen_profile(name, {})
    credentials = credentials_of(ConnectionChoice(connection, profile.user or None, profile), os.environ)
    request = login_test_request(connection, credentials)
    return observe(request, View(("profiles", "test"), save, quiet, as_json, describe_login_test))
