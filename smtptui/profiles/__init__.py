"""Known servers: the model of a profile, their file, secrets, presets and importers; and who logs in."""

import importlib
from typing import TYPE_CHECKING

from smtptui.profiles.login import (
    Consent,
    LoginKind,
    LoginPlan,
    Need,
    SecretOrigin,
    plan_login,
    plan_profile,
    plan_with,
)

if TYPE_CHECKING:
    from smtptui.profiles.fields import LIMIT_FIELDS, PROFILE_FIELDS, as_data, fields_of
    from smtptui.profiles.importers import (
        MOST_NAME,
        Format,
        Imported,
        Left,
        guess_format,
        import_msmtprc,
        import_swaks,
        import_text,
    )
    from smtptui.profiles.model import SECRET_FIELDS, Color, Limits, Profile
    from smtptui.profiles.presets import (
        Parameter,
        Preset,
        PresetKind,
        UserForm,
        Way,
        find_preset,
        load_presets,
        preset_for_address,
    )
    from smtptui.profiles.profile_errors import EditByHand, NameTaken, ProfilesError, UnknownProfile, UnreadableProfiles
    from smtptui.profiles.secrets import (
        Ask,
        AskingCancelled,
        Keyring,
        SecretError,
        fetch,
        origin_words,
        secret_word,
        service_of,
    )
    from smtptui.profiles.store import ProfileStore

__all__ = [
    "LIMIT_FIELDS",
    "MOST_NAME",
    "PROFILE_FIELDS",
    "SECRET_FIELDS",
    "Ask",
    "AskingCancelled",
    "Color",
    "Consent",
    "EditByHand",
    "Format",
    "Imported",
    "Keyring",
    "Left",
    "Limits",
    "LoginKind",
    "LoginPlan",
    "NameTaken",
    "Need",
    "Parameter",
    "Preset",
    "PresetKind",
    "Profile",
    "ProfileStore",
    "ProfilesError",
    "SecretError",
    "SecretOrigin",
    "UnknownProfile",
    "UnreadableProfiles",
    "UserForm",
    "Way",
    "as_data",
    "fetch",
    "fields_of",
    "find_preset",
    "guess_format",
    "import_msmtprc",
    "import_swaks",
    "import_text",
    "load_presets",
    "origin_words",
    "plan_login",
    "plan_profile",
    "plan_with",
    "preset_for_address",
    "secret_word",
    "service_of",
]

# A server named by options needs the plan of its login alone: it must not wait for pydantic and yaml.
_HOMES = {
    "profile_errors": (
        "EditByHand",
        "NameTaken",
        "ProfilesError",
        "UnknownProfile",
        "UnreadableProfiles",
    ),
    "fields": (
        "LIMIT_FIELDS",
        "PROFILE_FIELDS",
        "as_data",
        "fields_of",
    ),
    "importers": (
        "MOST_NAME",
        "Format",
        "Imported",
        "Left",
        "guess_format",
        "import_msmtprc",
        "import_swaks",
        "import_text",
    ),
    "model": (
        "SECRET_FIELDS",
        "Color",
        "Limits",
        "Profile",
    ),
    "presets": (
        "Parameter",
        "Preset",
        "PresetKind",
        "UserForm",
        "Way",
        "find_preset",
        "load_presets",
        "preset_for_address",
    ),
    "secrets": (
        "Ask",
        "AskingCancelled",
        "Keyring",
        "SecretError",
        "fetch",
        "origin_words",
        "secret_word",
        "service_of",
    ),
    "store": ("ProfileStore",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
