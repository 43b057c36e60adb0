"""Where the user's files are: what the environment says, else where platformdirs puts them."""

from collections.abc import Mapping
from pathlib import Path

import platformdirs


def profiles_file(environ: Mapping[str, str]) -> Path:
    """The file of known servers: ``SMTPTUI_PROFILES``, else ``profiles.yaml`` among the user's configuration."""
    named = environ.get("SMTPTUI_PROFILES")
    return Path(named).expanduser() if named else platformdirs.user_config_path("smtptui") / "profiles.yaml"
