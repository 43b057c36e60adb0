"""What is asked before a session begins: consent, and the secret. Either may be refused, and then nothing happens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from textual.app import App

from smtptui.profiles import AskingCancelled, Profile, SecretError, SecretOrigin, fetch
from smtptui.protocol import Credentials, Secret
from smtptui.tui.dialogs import Answer, ConfirmSend
from smtptui.tui.profiles.consent import consents, words
from smtptui.tui.profiles.secret_dialog import Keep, SecretDialog, Typed
from smtptui.tui.profiles.sitting import Consent, Sitting
