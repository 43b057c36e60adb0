"""Known servers: the model of a profile, the file they are kept in, their secrets, presets and importers."""

from smtptui.profiles.model import Color, Limits, Profile, SecretOrigin
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

__all__ = [
    "Ask",
    "AskingCancelled",
    "Color",
    "Keyring",
    "Limits",
    "Profile",
    "SecretError",
    "SecretOrigin",
    "fetch",
    "origin_words",
    "secret_word",
    "service_of",
]
