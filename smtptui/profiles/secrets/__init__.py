"""Secrets of profiles: from the keyring, a command, an environment variable, or asked for."""

from smtptui.profiles.secrets.fetching import Ask, fetch, origin_words, secret_word
from smtptui.profiles.secrets.keyring import Keyring, service_of
from smtptui.profiles.secrets.secret_error import AskingCancelled, SecretError

__all__ = [
    "Ask",
    "AskingCancelled",
    "Keyring",
    "SecretError",
    "fetch",
    "origin_words",
    "secret_word",
    "service_of",
]
