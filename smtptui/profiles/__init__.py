"""Known servers: the model of a profile, the file they are kept in, their secrets, presets and importers."""

from smtptui.profiles.model import Color, Limits, Profile, SecretOrigin

__all__ = ["Color", "Limits", "Profile", "SecretOrigin"]
