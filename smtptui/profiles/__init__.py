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

__all__ = [
    "Color",
    "Limits",
    "Parameter",
    "Preset",
    "PresetKind",
    "Profile",
    "SecretOrigin",
    "UserForm",
    "Way",
    "find_preset",
    "load_presets",
    "preset_for_address",
]
