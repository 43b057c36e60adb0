"""Known servers: the model of a profile, the file they are kept in, their secrets, presets and importers."""

from smtptui.profiles.errors import EditByHand, NameTaken, ProfilesError, UnknownProfile, UnreadableProfiles
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
from smtptui.profiles.model import SECRET_FIELDS, Color, Limits, Profile, SecretOrigin
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
from smtptui.profiles.store import ProfileStore

__all__ = [
    "LIMIT_FIELDS",
    "MOST_NAME",
    "PROFILE_FIELDS",
    "SECRET_FIELDS",
    "Ask",
    "AskingCancelled",
    "Color",
    "EditByHand",
    "Format",
    "Imported",
    "Keyring",
    "Left",
    "Limits",
    "NameTaken",
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
    "preset_for_address",
    "secret_word",
    "service_of",
]
