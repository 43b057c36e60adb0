"""Profiles to take secrets for."""

from collections.abc import Mapping

from smtptui.profiles import Keyring, Profile


def profile(**fields: object) -> Profile:
    """A profile of ann at mail.example.org:587, with these fields besides."""
    return Profile.model_validate(
        {"name": "office", "host": "mail.example.org", "port": 587, "user": "ann@example.org", **fields}
    )


def patient(environ: Mapping[str, str]) -> Keyring:
    """A keyring for tests that are not about time, on a machine that has much else to do."""
    return Keyring(environ, limit=20)
