"""Known servers: the model of a profile, the file they are kept in, their secrets, presets and importers."""

from smtptui.profiles.model import Color, Limits, Profile, SecretOrigin
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
from smtptui.profiles.store import ChangedMeanwhile, ProfilesError, ProfileStore

__all__ = [
    "Ask",
    "AskingCancelled",
    "ChangedMeanwhile",
    "Color",
    "Keyring",
    "Limits",
    "Parameter",
    "Preset",
    "PresetKind",
    "Profile",
    "ProfileStore",
    "ProfilesError",
    "SecretError",
    "SecretOrigin",
    "UserForm",
    "Way",
    "fetch",
    "find_preset",
    "load_presets",
    "origin_words",
    "preset_for_address",
    "secret_word",
    "service_of",
]
